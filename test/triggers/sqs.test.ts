/** The consumer of SQS against a server that speaks SQS, with the real client. */
import { randomUUID } from "node:crypto";
import { cpSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import {
  GetQueueAttributesCommand,
  type Message,
  ReceiveMessageCommand,
  SendMessageCommand,
  type SendMessageCommandInput,
} from "@aws-sdk/client-sqs";
import type { Engine } from "perdure";
import { consumeSqs, type SqsEvent, type SqsOptions } from "perdure/sqs";
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { storeFile } from "../end-to-end/app.ts";
import { type Product, product, QUICK, until } from "../product.ts";
import { type SqsServer, sqsServer } from "./sqs-server.ts";

type App = typeof import("../../fixtures/triggers/app.ts");

let built: Product<App>;
let app: App;
let engine: Engine;
let sqs: SqsServer;
beforeAll(async () => {
  built = await product<App>("triggers", "app");
  app = await built.open();
  engine = app.createEngine({ store: app.sqlite(storeFile(built)) }) as Engine;
  void engine.work(QUICK);
  sqs = await sqsServer();
});
afterAll(async () => {
  await engine.stop();
  await sqs.close();
  built.remove();
});

const ends: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0)) await end();
});

interface World {
  readonly url: string;
  readonly dead: string;
  readonly events: SqsEvent[];
  send(body: string, more?: Partial<SendMessageCommandInput>): Promise<string>;
  consume(handle: SqsOptions["handle"], options?: Partial<SqsOptions>): { stop(): Promise<void> };
  /** How many messages are in a queue, seen or not. */
  left(url?: string): Promise<number>;
}

async function world(fifo = false): Promise<World> {
  const name = `queue-${randomUUID()}`;
  const kind = fifo ? { FifoQueue: "true", ContentBasedDeduplication: "true" } : undefined;
  const url = await sqs.queue(fifo ? `${name}.fifo` : name, kind);
  const dead = await sqs.queue(fifo ? `${name}-dead.fifo` : `${name}-dead`, kind);
  const events: SqsEvent[] = [];
  return {
    url,
    dead,
    events,
    async send(body, more) {
      return (await sqs.client.send(new SendMessageCommand({ QueueUrl: url, MessageBody: body, ...more }))).MessageId!;
    },
    consume(handle, options = {}) {
      const end = new AbortController();
      const done = consumeSqs({
        client: sqs.client,
        queueUrl: url,
        handle,
        backoff: () => 0,
        observe: (event) => events.push(event),
        ...options,
        signal: end.signal,
      });
      const stop = async () => {
        end.abort();
        await done;
      };
      ends.push(stop);
      return { stop };
    },
    async left(of = url) {
      const AttributeNames = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"] as const;
      const { Attributes } = await sqs.client.send(
        new GetQueueAttributesCommand({ QueueUrl: of, AttributeNames: [...AttributeNames] }),
      );
      return AttributeNames.reduce((sum, attribute) => sum + Number(Attributes![attribute]), 0);
    },
  };
}

it("prints what fails where nobody observes, each error once", async () => {
  const { send, consume, left } = await world();
  const printed = vi.spyOn(console, "error").mockImplementation(() => {});
  const [first, second] = [await send("1"), await send("2")];
  let failures = 3;
  const consumer = consume(
    async () => {
      if (failures-- > 0) throw new RangeError("no stock");
    },
    { observe: undefined as never },
  );
  await until(async () => (await left()) === 0);
  await consumer.stop();
  const lines = printed.mock.calls.flat();
  printed.mockRestore();
  expect(lines).toEqual([
    expect.stringMatching(/^consumeSqs: the message [\w-]+ failed, and comes again: RangeError: no stock\n {4}at /),
  ]);
  expect([first, second].some((id) => String(lines[0]).includes(id))).toBe(true);
});

describe("a message", () => {
  it("starts a run, once for each, however often it comes", async () => {
    const { send, consume, left } = await world();
    const id = await send('"hello"');
    let calls = 0;
    consume(async (body, { MessageId }) => {
      await engine.start(app.echo, [body as string], { id: MessageId! });
      // The answer is lost the first time.
      if (++calls === 1) throw new Error("away");
    });
    await until(async () => (await left()) === 0);
    expect(calls).toBe(2);
    expect(await engine.run(id).result()).toBe("HELLO");
  });

  it("resumes a token", async () => {
    const { send, consume, left } = await world();
    const run = await engine.start(app.approval, ["by queue"]);
    await until(() => app.invited.has("by queue"));
    consume(async (body) => {
      const { token, value } = body as { token: string; value: unknown };
      await engine.resume(token, value);
    });
    await send(JSON.stringify({ token: app.invited.get("by queue"), value: { ok: true, by: "sqs" } }));
    expect(await run.result()).toBe("by queue: true by sqs");
    await until(async () => (await left()) === 0);
  });

  it("is kept from others while its handler runs", async () => {
    const { send, consume, left } = await world();
    await send("1");
    const calls: string[] = [];
    const handle = (name: string) => async () => {
      calls.push(name);
      await new Promise((resolve) => setTimeout(resolve, 3_500));
    };
    consume(handle("one"), { visibility: 1 });
    consume(handle("two"), { visibility: 1 });
    await until(async () => (await left()) === 0);
    expect(calls).toHaveLength(1);
  });

  it("that fails comes back after its backoff, with the number of receives", async () => {
    const { send, consume, events, left } = await world();
    await send("1");
    const asked: number[] = [];
    const times: number[] = [];
    consume(
      async () => {
        times.push(Date.now());
        if (times.length < 3) throw new Error(`no ${times.length}`);
      },
      {
        backoff: (receives) => {
          asked.push(receives);
          return 1;
        },
      },
    );
    await until(async () => (await left()) === 0);
    expect(asked).toEqual([1, 2]);
    expect(times[1]! - times[0]!).toBeGreaterThan(900);
    expect(events.map(({ type }) => type)).toEqual(["failed", "failed", "handled"]);
  });

  it("that fails too often goes to the dead letters, with the reason and all it carries", async () => {
    const { send, consume, dead, events, left } = await world();
    await send("1", { MessageAttributes: { trace: { DataType: "String", StringValue: "abc" } } });
    consume(() => Promise.reject(new Error("never")), { deadLetterUrl: dead, maxReceives: 3 });
    await until(async () => (await left()) === 0);
    expect(events.map(({ type }) => type)).toEqual(["failed", "failed", "dead-letter"]);
    const { Messages } = await sqs.client.send(
      new ReceiveMessageCommand({ QueueUrl: dead, MessageAttributeNames: ["All"] }),
    );
    const [letter] = Messages as [Message];
    expect(letter.Body).toBe("1");
    expect(letter.MessageAttributes!["trace"]!.StringValue).toBe("abc");
    expect(letter.MessageAttributes!["perdure-reason"]!.StringValue).toBe("Error: never");
  });

  it("that is not JSON goes there at once; without a place for it, it stays for the queue's own policy", async () => {
    const { send, consume, dead, events, left } = await world();
    await send("not json");
    // A message that was on its way when the consumer stopped is seen again after this second.
    const first = consume(async () => {}, { visibility: 1 });
    await until(() => events.some(({ type }) => type === "failed"));
    await first.stop();
    expect(await left()).toBe(1);
    events.length = 0;
    consume(async () => {}, { deadLetterUrl: dead });
    await until(() => events.length > 0);
    expect(events.map(({ type }) => type)).toEqual(["dead-letter"]);
    expect([await left(), await left(dead)]).toEqual([0, 1]);
    expect(String((events[0] as { error: unknown }).error)).toContain("PD6008");
  });

  it("of a form of one's own is parsed by one's own", async () => {
    const { send, consume, left } = await world();
    await send("a,b");
    const seen: unknown[] = [];
    consume(async (body) => void seen.push(body), { parse: (body) => body!.split(",") });
    await until(async () => (await left()) === 0);
    expect(seen).toEqual([["a", "b"]]);
  });
});

describe("a consumer", () => {
  it("handles many side by side, and no more than it may", async () => {
    const { send, consume, left } = await world();
    await Promise.all(Array.from({ length: 30 }, (_, i) => send(String(i))));
    let active = 0;
    let most = 0;
    consume(
      async () => {
        most = Math.max(most, ++active);
        await new Promise((resolve) => setTimeout(resolve, 20));
        active--;
      },
      { concurrency: 4 },
    );
    await until(async () => (await left()) === 0);
    expect(most).toBeGreaterThan(1);
    expect(most).toBeLessThanOrEqual(4);
  });

  it("handles the others beside one that takes long", async () => {
    const { send, consume, left } = await world();
    await Promise.all(Array.from({ length: 6 }, (_, i) => send(String(i))));
    const others = new Set<unknown>();
    let long: unknown;
    let end!: () => void;
    const ended = new Promise<void>((resolve) => {
      end = resolve;
    });
    consume(
      async (body) => {
        long ??= body;
        if (body === long) await ended;
        else others.add(body);
      },
      { concurrency: 2 },
    );
    await until(() => others.size === 5);
    end();
    await until(async () => (await left()) === 0);
  });

  it("goes on when its observer throws", async () => {
    const { send, consume, left } = await world();
    const console = vi.spyOn(globalThis.console, "error").mockImplementation(() => {});
    for (const body of ["1", "2"]) await send(body);
    const observe = () => {
      throw new Error("the observer is broken");
    };
    consume(async () => {}, { observe });
    await until(async () => (await left()) === 0);
    expect(console).toHaveBeenCalledTimes(1);
    console.mockRestore();
  });

  it("finishes what is under way when it is stopped, and receives no more", async () => {
    const { send, consume, left } = await world();
    await send("1");
    let done = false;
    let begun = false;
    const consumer = consume(async () => {
      begun = true;
      await new Promise((resolve) => setTimeout(resolve, 300));
      done = true;
    });
    await until(() => begun);
    await consumer.stop();
    expect(done).toBe(true);
    expect(await left()).toBe(0);
    await send("2");
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(await left()).toBe(1);
  });

  it("keeps the order within a group, also when one fails", async () => {
    const { send, consume, left } = await world(true);
    for (const n of [1, 2, 3, 4]) {
      for (const group of ["a", "b"]) await send(JSON.stringify(`${group}${n}`), { MessageGroupId: group });
    }
    const seen: string[] = [];
    let failed = false;
    consume(async (body) => {
      if (body === "a2" && !failed) {
        failed = true;
        throw new Error("once");
      }
      seen.push(body as string);
    });
    await until(async () => (await left()) === 0);
    for (const group of ["a", "b"]) {
      expect(seen.filter((one) => one.startsWith(group))).toEqual([1, 2, 3, 4].map((n) => `${group}${n}`));
    }
  });

  it("counts no receive of a message that was not handled, since one before it had failed", async () => {
    // As SQS does, and its stand-in does not: what is visible of a group is given out together, and each has been received once more.
    const queue = ["first", "second"].map((name) => ({ name, receives: 0, until: 0 }));
    const dead: string[] = [];
    const given = () => {
      if (queue.some(({ until }) => until > Date.now())) return [];
      for (const one of queue) [one.receives, one.until] = [one.receives + 1, Date.now() + 30_000];
      return queue.map(({ name, receives }) => ({
        ...{ Body: JSON.stringify(name), MessageId: name, ReceiptHandle: name },
        Attributes: { ApproximateReceiveCount: String(receives), MessageGroupId: "group" },
      }));
    };
    const answers: Record<string, (input: any) => unknown> = {
      ReceiveMessageCommand: () => ({ Messages: given() }),
      ChangeMessageVisibilityCommand: ({ ReceiptHandle, VisibilityTimeout }) => {
        queue.find(({ name }) => name === ReceiptHandle)!.until = Date.now() + VisibilityTimeout * 1000;
      },
      DeleteMessageCommand: ({ ReceiptHandle }) => {
        const at = queue.findIndex(({ name }) => name === ReceiptHandle);
        queue.splice(at, 1);
      },
      SendMessageCommand: ({ MessageBody }) => dead.push(MessageBody),
    };
    const client = {
      async send({ constructor, input }: { constructor: Function; input: unknown }) {
        await new Promise((resolve) => setTimeout(resolve, 5));
        return answers[constructor.name]!(input) ?? {};
      },
    };
    const calls: Record<string, number> = { first: 0, second: 0 };
    const stop = new AbortController();
    const consuming = consumeSqs({
      ...{ client: client as never, queueUrl: "queue", deadLetterUrl: "dead", maxReceives: 3, backoff: () => 0 },
      signal: stop.signal,
      handle: async (body) => {
        const times = ++calls[body as string]!;
        if (times < (body === "first" ? 3 : 2)) throw new Error("not yet");
      },
    });
    await until(() => queue.length === 0);
    stop.abort();
    await consuming;
    expect([calls, dead]).toEqual([{ first: 3, second: 2 }, []]);
  });

  it("buries a message whose error has colours, and one that fills all that SQS takes", async () => {
    const { send, consume, left, dead } = await world();
    await send(JSON.stringify("small"));
    await send(JSON.stringify("x".repeat(1_048_500)));
    consume(() => Promise.reject(new Error(`\u001b[31mred\u001b[0m \ud800 ${"why ".repeat(300)}`)), {
      maxReceives: 1,
      deadLetterUrl: dead,
    });
    await until(async () => (await left()) === 0);
    expect(await left(dead)).toBe(2);
  });

  it("goes on after the queue itself has failed", async () => {
    const { send, consume, events, left, url } = await world();
    await send("1");
    let broken = 2;
    const flaky = new Proxy(sqs.client, {
      get: (target, name) =>
        name === "send"
          ? (...args: unknown[]) =>
              broken-- > 0 ? Promise.reject(new Error("500")) : Reflect.apply(target.send, target, args)
          : Reflect.get(target, name),
    });
    consume(async () => {}, { client: flaky, queueUrl: url });
    await until(async () => (await left()) === 0);
    expect(events.map(({ type }) => type)).toEqual(["queue-failed", "queue-failed", "handled"]);
  });
});

it("without the SDK the error says what to install", async () => {
  const directory = mkdtempSync(join(tmpdir(), "perdure-sqs-"));
  try {
    cpSync(new URL("../../runtime/dist", import.meta.url), join(directory, "dist"), { recursive: true });
    writeFileSync(join(directory, "package.json"), '{"type":"module"}');
    const alone = (await import(pathToFileURL(join(directory, "dist/triggers/queue/sqs.js")).href)) as {
      consumeSqs: typeof consumeSqs;
    };
    const { signal } = new AbortController();
    const consumed = alone.consumeSqs({
      client: sqs.client,
      queueUrl: "http://nowhere",
      handle: async () => {},
      signal,
    });
    await expect(consumed).rejects.toMatchObject({
      code: "PD6009",
      fix: "npm install @aws-sdk/client-sqs",
    });
  } finally {
    rmSync(directory, { recursive: true });
  }
});
