/**
 * One HTTP server that stands for the services of the world: S3, DynamoDB, SQS, a payment API, a chat model, a plain JSON API. It keeps what it is
 * given, and what it was asked for.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

interface Call {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingMessage["headers"];
  readonly body: Buffer;
  json(): any;
}

type Answer = (call: Call, response: ServerResponse) => unknown;

const read = async (request: IncomingMessage): Promise<Buffer> => {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
};

const send = (response: ServerResponse, status: number, body: unknown, type = "application/json"): void => {
  response.writeHead(status, { "content-type": type });
  response.end(typeof body === "string" ? body : JSON.stringify(body));
};

/** A request, in the order of arrival: where to, and all that it asks for. */
export interface Received {
  readonly route: string;
  readonly request: string;
}

export interface HttpDouble {
  readonly url: string;
  /** What came since the last reset. */
  calls(): readonly Received[];
  /** Forgets everything. */
  reset(): void;
  close(): Promise<void>;
}

export async function startHttpDouble(): Promise<HttpDouble> {
  let state = fresh();
  const server: Server = createServer((request, response) => {
    void read(request).then((body) => {
      const { pathname, searchParams } = new URL(request.url!, "http://double");
      const call: Call = {
        method: request.method!,
        path: pathname,
        query: searchParams,
        headers: request.headers,
        body,
        json: () => JSON.parse(body.toString()) as unknown,
      };
      const key = request.headers["idempotency-key"] ?? "";
      state.calls.push({ route: `${call.method} ${pathname}`, request: `${request.url} ${String(key)} ${body}` });
      const route = routes.find(([prefix]) => pathname.startsWith(prefix));
      if (route === undefined) send(response, 404, { error: `no ${pathname}` });
      else route[1](call, response);
    });
  });
  // A client that takes up a connection just as the server gives it up sees an error, and on a loaded machine five seconds are soon over.
  server.keepAliveTimeout = 0;
  const routes: readonly (readonly [string, Answer])[] = [
    ["/api/", api],
    ["/v1/", pay],
    ["/ai/", ai],
    ["/s3/", s3],
    ["/dynamodb", dynamodb],
    ["/sqs", sqs],
  ];

  function fresh() {
    return {
      calls: [] as Received[],
      flaky: new Map<string, number>(),
      charges: new Map<string, { id: string; amount: number; status: string }>(),
      objects: new Map<string, { readonly body: Buffer; readonly type: string }>(),
      items: new Map<string, Record<string, unknown>>(),
      queue: [] as { readonly id: string; readonly body: string }[],
      sent: 0,
    };
  }

  function api({ method, path, query, body, json }: Call, response: ServerResponse): void {
    const name = path.slice("/api/".length);
    if (name.startsWith("users/")) {
      const id = Number(name.slice("users/".length));
      return id > 100
        ? send(response, 404, { error: "no such user", id })
        : send(response, 200, { id, name: `User ${id}` });
    }
    if (name === "flaky") {
      // Fails twice for each key, then works.
      const key = query.get("key") ?? "";
      const seen = (state.flaky.get(key) ?? 0) + 1;
      state.flaky.set(key, seen);
      return seen <= 2 ? send(response, 503, { error: "busy" }) : send(response, 200, { key, ok: true });
    }
    if (name === "slow")
      return void setTimeout(() => send(response, 200, { slow: true }), Number(query.get("ms") ?? 400));
    if (name === "pages") {
      const page = Number(query.get("page") ?? 1);
      const items = Array.from({ length: 3 }, (_, i) => ({ sku: `sku-${(page - 1) * 3 + i}` }));
      return send(response, 200, { items, next: page < 4 ? page + 1 : null });
    }
    if (name === "lines") return send(response, 200, "one\ntwo\nthree\n", "text/plain");
    if (name === "echo")
      return send(response, method === "POST" ? 201 : 200, { method, body: body.length > 0 ? json() : null });
    send(response, 404, { error: `no ${path}` });
  }

  function pay({ method, path, headers, body }: Call, response: ServerResponse): void {
    const form = new URLSearchParams(body.toString());
    const amount = Number(form.get("amount"));
    if (method === "POST" && path.endsWith("/v1/charges")) {
      if (amount === 666) {
        const error = {
          type: "card_error",
          code: "card_declined",
          message: "Your card was declined.",
          param: "source",
        };
        return send(response, 402, { error });
      }
      const key = String(headers["idempotency-key"] ?? `anonymous-${state.charges.size}`);
      let charge = state.charges.get(key);
      if (charge === undefined)
        state.charges.set(key, (charge = { id: `ch_${state.charges.size + 1}`, amount, status: "succeeded" }));
      return send(response, 200, { object: "charge", ...charge });
    }
    if (method === "POST" && path.endsWith("/v1/refunds"))
      return send(response, 200, { object: "refund", id: "re_1", charge: form.get("charge") });
    if (method === "GET" && path.endsWith("/v1/charges")) {
      const data = Array.from({ length: 3 }, (_, i) => ({
        id: `ch_${i + 1}`,
        object: "charge",
        amount: (i + 1) * 100,
      }));
      return send(response, 200, { object: "list", data, has_more: false, url: "/v1/charges" });
    }
    send(response, 404, { error: { message: `no ${path}` } });
  }

  function ai({ json }: Call, response: ServerResponse): void {
    const { messages, stream, tools } = json() as {
      messages: { role: string; content: string }[];
      stream?: boolean;
      tools?: unknown[];
    };
    const last = messages.at(-1)!;
    if (stream) {
      response.writeHead(200, { "content-type": "text/event-stream" });
      for (const word of ["Dear ", "world", "!", undefined]) {
        const isLast = word === undefined;
        const chunk = {
          id: "c",
          object: "chat.completion.chunk",
          created: 1,
          model: "m",
          choices: [
            {
              index: 0,
              delta: isLast ? {} : { role: "assistant", content: word },
              finish_reason: isLast ? "stop" : null,
            },
          ],
        };
        response.write(`data: ${JSON.stringify(chunk)}\n\n`);
      }
      return void response.end("data: [DONE]\n\n");
    }
    const wantsTool = tools !== undefined && last.role === "user";
    const message = wantsTool
      ? {
          role: "assistant",
          content: null,
          tool_calls: [{ id: "call_1", type: "function", function: { name: "weather", arguments: '{"city":"Bern"}' } }],
        }
      : { role: "assistant", content: `You said: ${last.content}` };
    const finish = wantsTool ? "tool_calls" : "stop";
    send(response, 200, {
      id: "c",
      object: "chat.completion",
      created: 1,
      model: "m",
      choices: [{ index: 0, message, finish_reason: finish, logprobs: null }],
      usage: { prompt_tokens: messages.length, completion_tokens: 3, total_tokens: messages.length + 3 },
    });
  }

  function s3({ method, path, headers, body, query }: Call, response: ServerResponse): void {
    const key = decodeURIComponent(path.slice("/s3/".length));
    if (method === "PUT") {
      state.objects.set(key, { body, type: String(headers["content-type"] ?? "binary/octet-stream") });
      response.writeHead(200, { etag: `"${body.length}"` });
      return void response.end();
    }
    if (method === "GET" && query.get("list-type") === "2") {
      const bucket = key.replace(/\/$/, "");
      const keys = [...state.objects.keys()].filter((one) => one.startsWith(`${bucket}/`)).sort();
      const contents = keys.map(
        (one) =>
          `<Contents><Key>${one.slice(bucket.length + 1)}</Key><Size>${state.objects.get(one)!.body.length}</Size></Contents>`,
      );
      const xml = `<?xml version="1.0"?><ListBucketResult><Name>${bucket}</Name><KeyCount>${keys.length}</KeyCount><IsTruncated>false</IsTruncated>${contents.join("")}</ListBucketResult>`;
      return send(response, 200, xml, "application/xml");
    }
    const found = state.objects.get(key);
    if (found === undefined)
      return send(
        response,
        404,
        `<?xml version="1.0"?><Error><Code>NoSuchKey</Code><Message>The specified key does not exist.</Message><Key>${key}</Key></Error>`,
        "application/xml",
      );
    response.writeHead(200, { "content-type": found.type, "content-length": found.body.length });
    response.end(method === "HEAD" ? undefined : found.body);
  }

  function dynamodb({ headers, json }: Call, response: ServerResponse): void {
    const action = String(headers["x-amz-target"]).split(".")[1];
    const input = json() as any;
    const keyOf = (item: any) => `${input.TableName}/${JSON.stringify(item.id)}`;
    const reply = (body: unknown) => send(response, 200, body, "application/x-amz-json-1.0");
    const fail = (type: string, message: string) =>
      send(
        response,
        400,
        { __type: `com.amazonaws.dynamodb.v20120810#${type}`, message },
        "application/x-amz-json-1.0",
      );
    if (action === "PutItem") {
      if (input.ConditionExpression?.startsWith("attribute_not_exists") && state.items.has(keyOf(input.Item)))
        return fail("ConditionalCheckFailedException", "The conditional request failed");
      state.items.set(keyOf(input.Item), input.Item);
      return reply({});
    }
    if (action === "GetItem") {
      const item = state.items.get(keyOf(input.Key));
      return reply(item === undefined ? {} : { Item: item });
    }
    if (action === "Query")
      return reply({ Items: [...state.items.values()], Count: state.items.size, ScannedCount: state.items.size });
    fail("ValidationException", `no ${action}`);
  }

  function sqs({ headers, json }: Call, response: ServerResponse): void {
    const action = String(headers["x-amz-target"]).split(".")[1];
    const input = json() as any;
    const reply = (body: unknown) => send(response, 200, body, "application/x-amz-json-1.0");
    if (action === "SendMessage") {
      state.queue.push({ id: `m-${++state.sent}`, body: input.MessageBody });
      return reply({ MessageId: `m-${state.sent}`, MD5OfMessageBody: undefined });
    }
    if (action === "ReceiveMessage") {
      const messages = state.queue.slice(0, input.MaxNumberOfMessages ?? 1);
      return reply(
        messages.length === 0
          ? {}
          : { Messages: messages.map(({ id, body }) => ({ MessageId: id, ReceiptHandle: id, Body: body })) },
      );
    }
    if (action === "DeleteMessage") {
      state.queue = state.queue.filter(({ id }) => id !== input.ReceiptHandle);
      return reply({});
    }
    reply({});
  }

  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    calls: () => state.calls,
    reset: () => {
      state = fresh();
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
