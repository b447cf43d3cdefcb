/** What real packages throw, as a run receives it that imports them: nothing blocks, and what people ask of such errors is there. */
import assert from "node:assert";
import { readFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { types } from "node:util";
import { DynamoDBClient, DynamoDBServiceException, GetItemCommand } from "@aws-sdk/client-dynamodb";
import axios, { AxiosError } from "axios";
import got, { HTTPError, RequestError } from "got";
import OpenAI, { APIError } from "openai";
import { savableError } from "perdure/internal/codec/thrown";
import { addReferences, lookingOnce } from "perdure/internal/machine/references";
import { decodeValue, encodeValue } from "perdure/internal/machine/values";
import pg from "pg";
import Stripe from "stripe";
import { errors, request } from "undici";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { z } from "zod";

let server: Server;
let url: string;

beforeAll(async () => {
  const imports = {
    AxiosError,
    HTTPError,
    RequestError,
    APIError,
    OpenAI,
    Stripe,
    DynamoDBServiceException,
    errors,
    z,
  };
  addReferences("src/sdk.ts", Object.fromEntries(Object.entries(imports).map(([name, value]) => [name, () => value])));
  server = createServer((asked, response) => {
    if (asked.url?.startsWith("/reset")) return void asked.socket.destroy();
    response.writeHead(422, { "content-type": "application/json", "x-request-id": "req_7" });
    response.end('{"error":{"message":"bad input","type":"invalid","code":"x1","param":"p"}}');
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});

const surroundings = { provided: {}, isProxy: types.isProxy };
const canCopy = (value: unknown): boolean => {
  try {
    encodeValue(value, surroundings);
    return true;
  } catch {
    return false;
  }
};

/** What the run gets: name, message and stack are those of the thrown error, whatever it is. */
async function entered(fail: () => unknown): Promise<any> {
  let thrown: any;
  try {
    await fail();
    assert.fail("nothing was thrown");
  } catch (reason) {
    thrown = reason;
  }
  const text = lookingOnce(() => encodeValue(savableError(thrown, canCopy), surroundings));
  expect(text.length, "sockets and agents are no part of it").toBeLessThan(20_000);
  const back: any = decodeValue(text, surroundings);
  expect(back).not.toBe(thrown);
  expect([back.name, back.message, back.stack]).toEqual([thrown.name, thrown.message, thrown.stack]);
  expect(back).toBeInstanceOf(Error);
  return back;
}

const only = { retry: { limit: 0 } };
const credentials = { accessKeyId: "a", secretAccessKey: "b" };

describe("errors of clients", () => {
  test("axios: status, data and headers of the response, the request's configuration, axios.isAxiosError", async () => {
    const error = await entered(() => axios.post(`${url}/x`, { a: 1 }, { headers: { "x-a": "b" } }));
    expect(error).toBeInstanceOf(AxiosError);
    expect(axios.isAxiosError(error)).toBe(true);
    expect(error).toMatchObject({ code: "ERR_BAD_REQUEST", status: 422, config: { method: "post", url: `${url}/x` } });
    expect(error.response).toMatchObject({ status: 422, data: { error: { code: "x1" } } });
    expect(error.response.headers["x-request-id"]).toBe("req_7");
    expect(JSON.stringify(error.response)).not.toContain("_events");
  });

  test("axios: the connection was reset", async () => {
    const error = await entered(() => axios.get(`${url}/reset`));
    expect(error).toBeInstanceOf(AxiosError);
    expect(error).toMatchObject({ code: "ECONNRESET", cause: { code: "ECONNRESET" } });
    expect(error.response).toBeUndefined();
  });

  test("got: status and body of the response, timings", async () => {
    const error = await entered(() => got(`${url}/x`, only).json());
    expect(error).toBeInstanceOf(HTTPError);
    expect(error).toMatchObject({ code: "ERR_NON_2XX_3XX_RESPONSE", response: { statusCode: 422 } });
    expect(error.response.body).toContain("bad input");
    expect(error.timings.start).toBeTypeOf("number");
  });

  test("got: the connection was reset", async () => {
    const error = await entered(() => got(`${url}/reset`, only));
    expect(error).toBeInstanceOf(RequestError);
    expect(error).toMatchObject({ code: "ECONNRESET", cause: { code: "ECONNRESET" } });
  });

  test("undici: its own classes, below an import", async () => {
    const error = await entered(() => request(`${url}/reset`));
    // From Node 24 on the package sends through Node's own copy of it, whose classes nobody can import: the code tells what it is.
    const native: unknown = await request(`${url}/reset`).catch((reason: unknown) => reason);
    if (Object(native).constructor === errors.SocketError) expect(error).toBeInstanceOf(errors.SocketError);
    expect(error).toMatchObject({ code: "UND_ERR_SOCKET", socket: { remoteAddress: "127.0.0.1" } });
  });

  test("openai: class, status, headers and the error of the service", async () => {
    const client = new OpenAI({ apiKey: "k", baseURL: url, maxRetries: 0 });
    const error = await entered(() => client.chat.completions.create({ model: "m", messages: [] }));
    expect(error).toBeInstanceOf(APIError);
    expect(error).toBeInstanceOf(OpenAI.UnprocessableEntityError);
    expect(error).toMatchObject({ status: 422, code: "x1", param: "p", error: { message: "bad input" } });
    expect(error.headers.get("x-request-id")).toBe("req_7");
  });

  test("stripe: class, type, code and raw", async () => {
    const { port } = new URL(url);
    const stripe = new Stripe("sk_test", { host: "127.0.0.1", port, protocol: "http", maxNetworkRetries: 0 });
    const error = await entered(() => stripe.charges.create({ amount: 1, currency: "usd" }));
    expect(error).toBeInstanceOf(Stripe.errors.StripeError);
    expect(error).toMatchObject({ type: "StripeAPIError", code: "x1", param: "p", statusCode: 422 });
    expect(error.raw.message).toBe("bad input");
  });

  test("AWS SDK: the exception of the service, with its metadata", async () => {
    const client = new DynamoDBClient({ endpoint: url, region: "x", credentials, maxAttempts: 1 });
    const error = await entered(() => client.send(new GetItemCommand({ TableName: "t", Key: { id: { S: "1" } } })));
    expect(error).toBeInstanceOf(DynamoDBServiceException);
    expect(error).toMatchObject({ $fault: "client", $metadata: { httpStatusCode: 422 } });
    client.destroy();
  });

  test("pg: a refused connection, with the codes of the system", async () => {
    const error = await entered(() => new pg.Client({ host: "127.0.0.1", port: 1 }).connect());
    expect(error).toMatchObject({ code: "ECONNREFUSED", syscall: "connect", port: 1, errno: expect.any(Number) });
  });

  test("pg: an error of the database, whose class is one of the package", async () => {
    const error = await entered(() => {
      throw Object.assign(new pg.DatabaseError("duplicate key", 208, "error"), {
        code: "23505",
        constraint: "users_pk",
      });
    });
    expect(error).toMatchObject({ name: "error", code: "23505", constraint: "users_pk", length: 208 });
  });

  test("zod: the issues, and the message that is made of them", async () => {
    const error = await entered(() => z.object({ a: z.string(), b: z.array(z.number()) }).parse({ a: 1, b: ["x"] }));
    expect(error.name).toBe("ZodError");
    expect(error.issues.map(({ path }: any) => path)).toEqual([["a"], ["b", 0]]);
    expect(JSON.parse(error.message)).toEqual(error.issues);
  });
});

describe("errors of the platform", () => {
  test.each<[string, () => unknown, object]>([
    [
      "fetch that fails",
      () => fetch("http://127.0.0.1:1/"),
      { name: "TypeError", cause: { message: expect.any(String) } },
    ],
    [
      "a file that is not there",
      () => readFileSync("/no/such/file"),
      { code: "ENOENT", syscall: "open", path: "/no/such/file" },
    ],
    ["an assertion", () => assert.strictEqual(1 + 1, 3), { code: "ERR_ASSERTION", actual: 2, expected: 3 }],
    ["JSON", () => JSON.parse("{x"), { name: "SyntaxError" }],
    ["a signal that has aborted", () => AbortSignal.abort().throwIfAborted(), { name: "AbortError", code: 20 }],
    ["Promise.any", () => Promise.any([Promise.reject(new TypeError("a"))]), { errors: [{ message: "a" }] }],
  ])("%s", async (_, fail, expected) => {
    const error = await entered(fail);
    expect(error).toMatchObject(expected);
  });
});
