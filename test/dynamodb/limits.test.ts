/** What does not fit, and what is not there: coded errors before anything is written. What is merely large fits. */
import { cpSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { dynamodb, ensureTable } from "perdure/dynamodb";
import type { Outgoing, Store } from "perdure/internal/store/store";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { temporary } from "../store/fixtures.ts";
import { claim, commitOf, driven, failure, newRun, one, pause, register, through } from "./fixtures.ts";
import { type Server, startServer } from "./server.ts";

let server: Server;
let store: Store;
beforeAll(async () => {
  server = await startServer();
  await ensureTable({ table: "limits", client: server.client, shards: 2, slots: 4 });
  store = dynamodb({ table: "limits", client: server.client });
});
afterAll(() => server.stop());

describe("what does not fit is refused", () => {
  test("ids longer than a key", async () => {
    const long = "é".repeat(501);
    expect(await failure(store.create(newRun(long)))).toMatchObject({ code: "PD3306", outcome: "refused" });
    expect(await failure(store.renew(long, 0, 1))).toMatchObject({ code: "PD3306", outcome: "refused" });
    const odd = { ...newRun("odd"), incarnation: "/".repeat(200) };
    expect(await failure(store.create(odd))).toMatchObject({ code: "PD3306", outcome: "refused" });
    expect(await store.list({})).toEqual([]);
  });

  test("a set of codes and a text beyond all parts, and the run goes on", async () => {
    const lease = await driven(store, "a");
    const codes = Array.from({ length: 40_000 }, (_, n) => `code ${n}`);
    expect(await failure(store.commit([commitOf(lease, 0, { codes })]))).toMatchObject({
      code: "PD3306",
      outcome: "refused",
    });
    const segment = { kind: "delta", text: "x".repeat(34_000_000) } as const;
    expect(await failure(store.commit([commitOf(lease, 0, { segment })]))).toMatchObject({
      code: "PD3306",
      outcome: "refused",
    });
    expect((await store.read("a"))!.position).toBe(0);
    expect((await one(store, commitOf(lease, 0))).type).toBe("ok");
  });
});

describe("what is large fits", () => {
  test("bodies, results, reasons and outgoing entries of a megabyte, and long keys", async () => {
    const large = "é🙂".repeat(150_000);
    const lease = await driven(store, "large");
    const key = "é🙂".repeat(15_000);
    expect(await failure(store.deliver("large", null, { key: large, body: "1" }))).toMatchObject({ code: "PD3306" });
    expect(await store.deliver("large", null, { key, body: large })).toEqual({ type: "accepted" });
    expect(await store.deliver("large", null, { key, body: "2" })).toEqual({ type: "duplicate", body: large });
    const entry: Outgoing = {
      type: "start",
      seq: 1,
      create: { ...newRun("child"), segment: { kind: "base", text: large } },
    };
    await one(store, commitOf(lease, 0, { result: large, reason: large, status: "finishing", outbox: [entry] }));
    const { head, inbox, outbox } = (await store.inspect("large"))!;
    expect([head.result === large, head.reason === large, inbox[0]!.key === key]).toEqual([true, true, true]);
    expect([inbox[0]!.body === large, outbox]).toEqual([true, [entry]]);
  });

  test("a thousand outgoing entries of one turn, acknowledged one by one and together", async () => {
    const lease = await driven(store, "sender");
    const outbox = Array.from(
      { length: 1_000 },
      (_, seq): Outgoing => ({
        type: "message",
        seq,
        to: "b",
        incarnation: null,
        message: { key: `${seq}`, body: "1" },
      }),
    );
    expect((await one(store, commitOf(lease, 0, { outbox }))).type).toBe("ok");
    expect((await store.inspect("sender"))!.outbox.map(({ seq }) => seq)).toEqual(outbox.map(({ seq }) => seq));
    await Promise.all([3, 4, 5, 999].map((seq) => store.acknowledge("sender", lease.incarnation, [seq])));
    const left = (await store.inspect("sender"))!.outbox.map(({ seq }) => seq);
    expect([left.length, left.includes(4), left.includes(6)]).toEqual([996, false, true]);
    expect((await store.pendingOutbox(2_000)).filter(({ run }) => run === "sender").length).toBe(996);
    await store.acknowledge("sender", lease.incarnation, left);
    expect((await store.inspect("sender"))!.outbox).toEqual([]);
  });

  test("more turns than the ring has slots, without a base", async () => {
    const lease = await driven(store, "long");
    for (let position = 0; position < 30; position++) await one(store, commitOf(lease, position));
    const { segments } = (await store.inspect("long"))!;
    expect(segments.map(({ text }) => text)).toEqual(['"0"', ...Array.from({ length: 30 }, (_, n) => String(n + 1))]);
    // A base in the middle of a chunk leaves the rest of it.
    expect(await store.compact(lease, 5, { kind: "base", text: "0..5" })).toBe("ok");
    const after = (await store.inspect("long"))!.segments.map(({ text }) => text);
    expect(after).toEqual(["0..5", ...Array.from({ length: 25 }, (_, n) => String(n + 6))]);
  });
});

describe("a table that is not as it should be", () => {
  test("missing, not laid out, or of a newer format", async () => {
    const missing = dynamodb({ table: "missing", client: server.client });
    expect(await failure(missing.read("a"))).toMatchObject({ code: "PD3302", outcome: "refused" });
    const newer = dynamodb({
      table: "limits",
      client: through(server.client, async (command, send) => {
        const answer = (await send()) as { Item?: Record<string, unknown> };
        if (command.input.Key?.["sk"]?.S !== "table") return answer;
        return { ...answer, Item: { ...answer.Item, version: { N: "2" } } };
      }),
    });
    expect(await failure(newer.read("a"))).toMatchObject({ code: "PD3303", outcome: "refused" });
  });

  test("ensureTable may be called again, by many at once, and keeps the layout", async () => {
    const ensure = () => ensureTable({ table: "shared", client: server.config, shards: 3 });
    await Promise.all([ensure(), ensure(), ensure()]);
    await ensureTable({ table: "shared", client: server.config, shards: 9 });
    const [one, other] = [0, 1].map(() => dynamodb({ table: "shared", client: server.config }));
    await one!.create(newRun("a"));
    expect((await register(other!, "w")).length).toBe(1);
    await Promise.all([one!.close(), other!.close()]);
    await expect(ensureTable({ table: "shared", client: server.client, slots: 3 })).rejects.toMatchObject({
      code: "PD3302",
    });
  });

  test("no permission, no service, no answer: refused for good, refused, unknown", async () => {
    const broken = (name: string, status: number | undefined) =>
      dynamodb({
        table: "limits",
        client: through(server.client, (command, send) => {
          if (command.constructor.name !== "UpdateItemCommand") return send();
          const $metadata = status === undefined ? {} : { httpStatusCode: status };
          return Promise.reject(Object.assign(new Error(name), { name, $metadata }));
        }),
      });
    const renewal = (name: string, status?: number) => failure(broken(name, status).renew("w", 0, 1));
    expect(await renewal("AccessDeniedException", 400)).toMatchObject({ code: "PD3307", outcome: "refused" });
    expect(await renewal("ThrottlingException", 400)).toMatchObject({ code: "PD3304", outcome: "refused" });
    expect(await renewal("ServiceUnavailable", 503)).toMatchObject({ code: "PD3305", outcome: "unknown" });
    expect(await renewal("ECONNRESET")).toMatchObject({ code: "PD3305", outcome: "unknown" });
  });
});

describe("items that somebody else has changed", () => {
  const remove = async (pk: string, sk: (sk: string) => boolean): Promise<number> => {
    const { QueryCommand, DeleteItemCommand } = await import("@aws-sdk/client-dynamodb");
    const input = {
      TableName: "limits",
      KeyConditionExpression: "pk = :pk",
      ExpressionAttributeValues: { ":pk": { S: pk } },
    };
    const { Items = [] } = await server.client.send(new QueryCommand(input));
    const found = Items.filter((one) => sk(one["sk"]!.S!));
    for (const one of found)
      await server.client.send(new DeleteItemCommand({ TableName: "limits", Key: { pk: one["pk"]!, sk: one["sk"]! } }));
    return found.length;
  };

  test("a slot that is gone", async () => {
    const lease = await driven(store, "robbed");
    await one(store, commitOf(lease, 0));
    expect(await remove("run/robbed", (sk) => /\/s\/0*1$/.test(sk))).toBe(1);
    // Its own process knows better than the table, until the slot is needed.
    let position = 1;
    const next = () => store.commit([commitOf(lease, position)]);
    const found = (async () => {
      for (; position < 10; position++) await next();
    })();
    expect(await failure(found)).toMatchObject({ code: "PD3308", outcome: "refused" });
    expect(position).toBeGreaterThan(1);
    // Others are as they were.
    expect((await one(store, commitOf(await driven(store, "spared"), 0))).type).toBe("ok");
  });
});

test("without the SDK the error says what to install, and only when the store is used", async () => {
  const directory = temporary();
  cpSync(new URL("../../runtime/dist", import.meta.url), join(directory, "dist"), { recursive: true });
  writeFileSync(join(directory, "package.json"), '{"type":"module"}');
  const alone = (await import(pathToFileURL(join(directory, "dist/store/dynamodb/index.js")).href)) as {
    dynamodb: typeof dynamodb;
  };
  expect(await failure(alone.dynamodb({ table: "limits", client: server.config }).read("a"))).toMatchObject({
    code: "PD3301",
    outcome: "refused",
    message: expect.stringContaining("npm i @aws-sdk/client-dynamodb"),
  });
});

test("what another process made due is found when the index has followed", async () => {
  const late = dynamodb({
    table: "limits",
    client: through(server.client, async (command, send) => {
      const answer = (await send()) as object;
      return command.input.IndexName !== undefined && Date.now() < until ? { ...answer, Items: [] } : answer;
    }),
  });
  const until = Date.now() + 400;
  await store.create(newRun("elsewhere"));
  const mine = async () => (await claim(late, "late")).some(({ lease }) => lease.run === "elsewhere");
  await register(late, "late");
  expect(await mine()).toBe(false);
  await pause(420);
  expect(await mine()).toBe(true);
});

test("a request whose answer never comes is made again, and is one commit", async () => {
  const timeout = vi.spyOn(AbortSignal, "timeout").mockImplementation((ms) => {
    const control = new AbortController();
    setTimeout(() => control.abort(new DOMException("in time", "TimeoutError")), ms / 50);
    return control.signal;
  });
  let swallowed = 0;
  const client = {
    async send(command: { constructor: Function }, options: { abortSignal: AbortSignal }) {
      const answer = await server.client.send(command as never, options);
      if (command.constructor.name !== "PutItemCommand" || swallowed++ > 0) return answer;
      return new Promise((_, reject) =>
        options.abortSignal.addEventListener("abort", () => reject(options.abortSignal.reason)),
      );
    },
  };
  const lossy = dynamodb({ table: "limits", client: client as never });
  const lease = await driven(store, "lossy");
  expect((await one(lossy, commitOf(lease, 0))).type).toBe("ok");
  expect(swallowed).toBeGreaterThan(0);
  expect((await store.read("lossy"))!.position).toBe(1);
  timeout.mockRestore();
});
