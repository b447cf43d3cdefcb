/** Handlers under `node:http`, alone and behind what has read the body before: a framework's parser. */
import { createServer, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { nodeListener, tokenHandler, tokenLinks } from "perdure/triggers";
import { afterEach, expect, it } from "vitest";

const key = { id: "2026-11", secret: "a secret of at least thirty-two bytes" };
const TOKEN = `run.${"0".repeat(32)}.1.${"0".repeat(32)}`;

type Parsed = IncomingMessage & { body?: unknown };
/** What a parser makes of the bytes; undefined: it keeps nothing. */
type Parser = (bytes: Buffer) => unknown;

let server: Server | undefined;
afterEach(() => void server?.close());

/** The link, and the values that it resumes its token with. */
async function served(parse?: Parser, maxBody = 1000): Promise<{ readonly link: string; readonly values: unknown[] }> {
  const values: unknown[] = [];
  const resume = async (_: string, value?: unknown) => {
    values.push(value);
    return "accepted" as const;
  };
  const listener = nodeListener(tokenHandler({ resume }, { keys: [key], maxBody }));
  const read = async (message: Parsed): Promise<void> => {
    const chunks: Buffer[] = [];
    for await (const chunk of message) chunks.push(chunk as Buffer);
    message.body = parse!(Buffer.concat(chunks));
  };
  server = createServer(
    (message, response) =>
      void (parse === undefined ? Promise.resolve() : read(message)).then(() => listener(message, response)),
  ).listen(0, "127.0.0.1");
  await new Promise((resolve) => server!.once("listening", resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/resume`;
  return { link: await tokenLinks({ url, keys: [key] }).to(TOKEN), values };
}
const post = (link: string, body?: string) => fetch(link, { method: "POST", ...(body !== undefined && { body }) });

const answer = { ok: true, note: "größer", list: [1, null, { a: "b" }] };

it.each<[string, Parser | undefined]>([
  ["nothing", undefined],
  ["a parser of JSON", (bytes) => JSON.parse(String(bytes))],
  ["a parser of text", String],
  ["a parser that keeps the bytes", (bytes) => bytes],
])("takes the whole body behind %s", async (_, parse) => {
  const { link, values } = await served(parse);
  expect((await post(link, JSON.stringify(answer))).status).toBe(200);
  expect(values).toEqual([answer]);
});

it("takes a parsed number or null as what it is", async () => {
  const { link, values } = await served((bytes) => JSON.parse(String(bytes)));
  for (const value of ["true", "7", "null"]) expect((await post(link, value)).status).toBe(200);
  expect(values).toEqual([true, 7, null]);
});

it("bounds what a parser has made, too", async () => {
  const { link, values } = await served((bytes) => JSON.parse(String(bytes)), 10);
  expect((await post(link, JSON.stringify(answer))).status).toBe(413);
  expect(values).toEqual([]);
});

it("says that somebody has read the body and kept nothing, instead of taking it for none", async () => {
  const { link, values } = await served(() => undefined);
  const refused = await post(link, JSON.stringify(answer));
  expect([refused.status, ((await refused.json()) as { code: string }).code]).toEqual([500, "PD6010"]);
  expect(values).toEqual([]);
});

it("takes a request without a body for null behind a parser, too", async () => {
  const { link, values } = await served(() => undefined);
  expect((await post(link)).status).toBe(200);
  expect(values).toEqual([null]);
});
