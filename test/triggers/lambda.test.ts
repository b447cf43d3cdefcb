/** The Lambda entry, called as AWS calls it, over the product on a SQLite file. */
import { randomUUID } from "node:crypto";
import type { Engine } from "perdure";
import { type LambdaOptions, lambdaHandler } from "perdure/lambda";
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { storeFile } from "../end-to-end/app.ts";
import { type Product, product } from "../product.ts";

type App = typeof import("../../fixtures/triggers/app.ts");

let built: Product<App>;
let app: App;
let engine: Engine;
beforeAll(async () => {
  built = await product<App>("triggers", "app");
  app = await built.open();
});
afterAll(() => built.remove());
beforeEach(() => {
  // Frozen between invocations: nothing works but in them.
  engine = app.createEngine({ store: app.sqlite(storeFile(built)) }) as Engine;
});

const context = (ms = 10_000) => {
  const end = Date.now() + ms;
  return { getRemainingTimeInMillis: () => end - Date.now() };
};
const schedule = { source: "aws.events", "detail-type": "Scheduled Event" };
const record = (body: unknown, more: Record<string, string> = {}) => ({
  eventSource: "aws:sqs",
  messageId: randomUUID(),
  body: JSON.stringify(body),
  attributes: { ApproximateReceiveCount: "1", ...more },
});
const handler = (options: LambdaOptions = {}) => lambdaHandler(engine, { margin: 200, ...options });
const starting: LambdaOptions = {
  message: (body, { messageId }) => engine.start(app.echo, body as [string, number], { id: messageId }),
};
const statusOf = async (id: string) => (await engine.run(id).status()).status;

it("answers in time while the store does not", async () => {
  const store = app.sqlite(storeFile(built));
  let silent = false;
  const hanging = new Proxy(store, {
    get(target, property) {
      const value: unknown = Reflect.get(target, property);
      if (typeof value !== "function") return value;
      return (...args: unknown[]) => (silent ? new Promise(() => {}) : (Reflect.apply(value, target, args) as unknown));
    },
  });
  engine = app.createEngine({ store: hanging }) as Engine;
  const context = { getRemainingTimeInMillis: () => end - Date.now() };
  const end = Date.now() + 1_500;
  setTimeout(() => {
    silent = true;
  }, 300);
  const records = [record(["a", 60_000])];
  const answer = await lambdaHandler(engine, { ...starting, margin: 800 })({ Records: records }, context);
  expect(answer).toEqual({ batchItemFailures: [] });
  expect(Date.now()).toBeLessThan(end);
});

describe("messages of SQS", () => {
  it("start runs, which are driven to their end before the invocation ends", async () => {
    const records = [record(["a", 0]), record(["b", 0])];
    expect(await handler(starting)({ Records: records }, context())).toEqual({ batchItemFailures: [] });
    for (const { messageId } of records) expect(await statusOf(messageId)).toBe("done");
  });

  it("that fail are told one by one", async () => {
    const told = vi.spyOn(console, "error").mockImplementation(() => {});
    const records = [record(["a", 0]), { ...record(null), body: "not json" }, record([12, 0]), record(["d", 0])];
    const message: LambdaOptions["message"] = (body, one) => {
      if ((body as unknown[])[0] === 12) throw new Error("not text");
      return starting.message!(body, one);
    };
    expect(await handler({ message })({ Records: records }, context())).toEqual({
      batchItemFailures: [{ itemIdentifier: records[1]!.messageId }, { itemIdentifier: records[2]!.messageId }],
    });
    expect(await statusOf(records[3]!.messageId)).toBe("done");
    expect(told).toHaveBeenCalledTimes(2);
    told.mockRestore();
  });

  it("behind one that failed in its group fail with it, unhandled", async () => {
    const told = vi.spyOn(console, "error").mockImplementation(() => {});
    const seen: unknown[] = [];
    const records = [
      ["a", 1],
      ["b", 1],
      ["a", 2],
      ["a", 3],
      ["b", 2],
    ].map(([group, n]) => record([group, n], { MessageGroupId: group as string }));
    const message: LambdaOptions["message"] = async (body) => {
      seen.push(body);
      if (String(body) === "a,2") throw new Error("no");
    };
    expect(await handler({ message })({ Records: records }, context())).toEqual({
      batchItemFailures: [{ itemIdentifier: records[2]!.messageId }, { itemIdentifier: records[3]!.messageId }],
    });
    expect(seen).toHaveLength(4);
    told.mockRestore();
  });

  it("of a standard queue's group (a fair queue) are each for itself", async () => {
    const told = vi.spyOn(console, "error").mockImplementation(() => {});
    const eventSourceARN = "arn:aws:sqs:eu-west-1:1:orders";
    const records = [1, 2, 3].map((n) => ({ ...record(n, { MessageGroupId: "tenant" }), eventSourceARN }));
    const seen: unknown[] = [];
    const message: LambdaOptions["message"] = async (body) => {
      seen.push(body);
      if (body === 1) throw new Error("no");
    };
    expect(await handler({ message })({ Records: records }, context())).toEqual({
      batchItemFailures: [{ itemIdentifier: records[0]!.messageId }],
    });
    expect(seen).toEqual([1, 2, 3]);
    const fifo = records.map((one) => ({ ...one, eventSourceARN: `${eventSourceARN}.fifo` }));
    expect(await handler({ message })({ Records: fifo }, context())).toMatchObject({
      batchItemFailures: fifo.map(({ messageId }) => ({ itemIdentifier: messageId })),
    });
    told.mockRestore();
  });

  it.each([
    ["eventSource", "aws:dynamodb"],
    ["EventSource", "aws:sns"],
  ])("of something else are not taken for a schedule (%s: %s)", async (key, source) => {
    const entry = handler({ ...starting });
    const event = { Records: [{ [key]: source, body: "1" }] };
    await expect(entry(event, context())).rejects.toThrow(`records of ${source}`);
  });

  it("need a handler", async () => {
    await expect(handler()({ Records: [record(1)] }, context())).rejects.toThrow("`message`");
  });
});

describe("the schedule", () => {
  it("fires timers that became due between invocations", async () => {
    const one = record(["later", 300]);
    await handler(starting)({ Records: [one] }, context());
    expect(await statusOf(one.messageId)).toBe("waiting");
    await new Promise((resolve) => setTimeout(resolve, 350));
    expect(await statusOf(one.messageId)).toBe("waiting");
    expect(await handler()(schedule, context())).toBeUndefined();
    expect(await engine.run(one.messageId).result()).toBe("LATER");
  });

  it("ends at once when there is nothing to do", async () => {
    await handler()(schedule, context());
  });

  it("gives runs back in time when a step takes longer than the invocation", async () => {
    app.gates.add("slow");
    await engine.start(app.slow, [], { id: "slow" });
    const begun = Date.now();
    await handler({ margin: 1_800 })(schedule, context(2_000));
    expect(Date.now() - begun).toBeLessThan(2_000);
    expect(await statusOf("slow")).toBe("waiting");
    app.gates.delete("slow");
    await handler()(schedule, context());
    expect(await engine.run("slow").result()).toBe("through");
  });

  it("does nothing in an invocation that has no time left", async () => {
    await engine.start(app.echo, ["x"], { id: "x" });
    await handler()(schedule, context(100));
    expect(await statusOf("x")).toBe("running");
  });
});

describe("HTTP", () => {
  const keys = [{ id: "k", secret: "a secret of at least thirty-two bytes" }];
  const http = (url: string, method: string, body?: string, isBase64Encoded = false) => {
    const { pathname, search, hostname } = new URL(url);
    return {
      version: "2.0",
      rawPath: pathname,
      rawQueryString: search.slice(1),
      headers: { "content-type": "application/json" },
      requestContext: { domainName: hostname, http: { method } },
      ...(body !== undefined && { body, isBase64Encoded }),
    };
  };

  it.each([false, true])("resumes a token and drives its run (body in base64: %s)", async (base64) => {
    const subject = `trip ${base64}`;
    const run = await engine.start(app.approval, [subject]);
    const entry = handler({ http: app.tokenHandler(engine, { keys }) });
    await entry(schedule, context());
    const link = await app.tokenLinks({ url: "https://x.lambda-url.aws/resume", keys }).to(app.invited.get(subject)!);
    const body = '{"ok":true,"by":"zoë"}';
    const sent = base64 ? Buffer.from(body).toString("base64") : body;
    expect(await entry(http(link, "POST", sent, base64), context())).toMatchObject({
      statusCode: 200,
      body: '{"outcome":"accepted"}\n',
    });
    expect((await run.status()).status).toBe("done");
    expect(await run.result()).toBe(`${subject}: true by zoë`);
    expect(await entry(http(link, "GET"), context())).toMatchObject({ statusCode: 405, headers: { allow: "POST" } });
  });

  const rest = (link: string, method: string, body: string | null) => {
    const { pathname, searchParams } = new URL(link);
    const event = { resource: "/resume", httpMethod: method, path: pathname, body, isBase64Encoded: false };
    return { event, query: [...searchParams] };
  };
  it.each<[string, (link: string, body: string) => object]>([
    [
      "a REST API",
      (link, body) => {
        const { event, query } = rest(link, "POST", body);
        return {
          ...event,
          headers: { "Content-Type": "application/json" },
          multiValueHeaders: { "Content-Type": ["application/json"] },
          queryStringParameters: Object.fromEntries(query),
          multiValueQueryStringParameters: Object.fromEntries(query.map(([name, value]) => [name, [value]])),
          requestContext: { domainName: "x.execute-api.aws", stage: "live" },
        };
      },
    ],
    [
      "a load balancer",
      (link, body) => ({
        ...rest(link, "POST", body).event,
        headers: { "content-type": "application/json" },
        queryStringParameters: Object.fromEntries(
          new URL(link).search
            .slice(1)
            .split("&")
            .map((pair) => pair.split("=")),
        ),
        requestContext: { elb: { targetGroupArn: "arn" } },
      }),
    ],
    [
      "a load balancer with multiple values",
      (link, body) => ({
        ...rest(link, "POST", body).event,
        multiValueHeaders: { "content-type": ["application/json"] },
        multiValueQueryStringParameters: Object.fromEntries(
          new URL(link).search
            .slice(1)
            .split("&")
            .map((pair) => pair.split("="))
            .map(([name, value]) => [name, [value]]),
        ),
        requestContext: { elb: {} },
      }),
    ],
  ])("resumes a token behind %s", async (name, eventOf) => {
    const subject = `${name} f+2=ü/& e`;
    const run = await engine.start(app.approval, [subject], { id: `run ${subject}` });
    const entry = handler({ http: app.tokenHandler(engine, { keys }) });
    await entry(schedule, context());
    const link = await app.tokenLinks({ url: "https://x.aws/resume", keys }).to(app.invited.get(subject)!);
    const event = eventOf(link, '{"ok":true,"by":"zoë"}');
    expect(await entry(event, context())).toMatchObject({ statusCode: 200, body: '{"outcome":"accepted"}\n' });
    expect(await run.result()).toBe(`${subject}: true by zoë`);
    const get = { ...event, httpMethod: "GET", body: null };
    expect(await entry(get, context())).toMatchObject({ statusCode: 405, headers: { allow: "POST" } });
  });

  it("needs a handler", async () => {
    await expect(handler()(http("https://x/", "GET"), context())).rejects.toThrow("`http`");
  });
});
