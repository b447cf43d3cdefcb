/** What each operation of `docs/dynamodb.md` sends, and the write units that the server counts for it (without the index). */
import { dynamodb, ensureTable } from "perdure/dynamodb";
import type { Lease, Outgoing, Store } from "perdure/internal/store/store";
import { afterAll, beforeAll, expect, test } from "vitest";
import { claim, commitOf, type Ledger, metered, newRun, one, pause, register } from "./fixtures.ts";
import { type Server, startServer } from "./server.ts";

let server: Server;
let ledger: Ledger;
let store: Store;
beforeAll(async () => {
  server = await startServer();
  await ensureTable({ table: "metered", client: server.client, shards: 2 });
  ledger = metered(server.client);
  store = dynamodb({ table: "metered", client: ledger.client });
});
afterAll(() => server.stop());

const message = (seq: number): Outgoing => ({
  type: "message",
  seq,
  to: "b",
  incarnation: null,
  message: { key: `k${seq}`, body: "1" },
});

test("each operation costs what the documentation says", async () => {
  const cost = async (work: () => Promise<unknown>) => {
    ledger.take();
    await work();
    return ledger.take();
  };
  await store.create(newRun("warm"));
  expect((await cost(() => store.create(newRun("a")))).written).toBe(2);
  expect((await cost(() => store.renew("w", 0, 60_000))).written).toBe(1);
  let lease: Lease | undefined;
  const claimed = await cost(async () => {
    const claims = await store.claim({ worker: "w", limit: 10, suspects: 0, codes: new Set(["code"]), now: 0 });
    expect(claims.length).toBe(2);
    lease = claims.find((found) => found.lease.run === "a")!.lease;
  });
  // The counter; the worker's item, then two items for each of the two runs.
  expect(claimed.written).toBe(1 + 2 + 2 * 4);

  const turn = await cost(() => one(store, commitOf(lease!, 0)));
  expect(turn).toEqual({ commands: ["PutItem"], written: 1 });
  const big = commitOf(lease!, 1, { segment: { kind: "delta", text: "x".repeat(3_000) } });
  expect(await cost(() => one(store, big))).toEqual({ commands: ["PutItem"], written: 4 });
  expect(
    (await cost(() => one(store, commitOf(lease!, 2, { consumed: 0, wakeAt: 5, status: "running" })))).written,
  ).toBe(1);

  expect((await cost(() => store.deliver("a", null, { key: "k", body: "1" }))).written).toBe(8);
  const compacted = await cost(async () => {
    await store.compact(lease!, 3, { kind: "base", text: "all" });
    // The old base is deleted aside.
    await pause(200);
  });
  expect(compacted).toEqual({ commands: ["PutItem", "PutItem", "BatchWriteItem"], written: 3 });
  const sending = await cost(() => one(store, commitOf(lease!, 3, { consumed: 1, outbox: [message(1)] })));
  expect(sending.commands).toEqual(["Query", "TransactWriteItems"]);
  expect(sending.written).toBe(2 + 2 + 2);
  expect((await cost(() => store.acknowledge("a", lease!.incarnation, [1]))).written).toBe(1);

  const park = await cost(() => one(store, commitOf(lease!, 4, { consumed: 1, release: true, wakeAt: 5 })));
  expect(park).toEqual({ commands: ["TransactWriteItems"], written: 6 });
  expect((await cost(() => store.deliver("a", null, { key: "l", body: "1" }))).written).toBeLessThanOrEqual(8);
  const [again] = await claim(store, "w");
  const end = await cost(() => one(store, commitOf(again!.lease, 5, { consumed: 2, status: "done", result: "{}" })));
  expect(end).toEqual({ commands: ["TransactWriteItems"], written: 4 });
});

test("a hundred turns of one run are a hundred puts", async () => {
  await store.create(newRun("busy"));
  const { lease } = (await register(store, "v"))[0]!;
  ledger.take();
  for (let position = 0; position < 100; position++) await one(store, commitOf(lease, position));
  const { commands, written } = ledger.take();
  expect([new Set(commands), commands.length, written]).toEqual([new Set(["PutItem"]), 100, 100]);
});

test("a run that nobody has to look for costs nothing while it sleeps", async () => {
  ledger.take();
  await pause(100);
  expect(ledger.take().commands).toEqual([]);
});

test("a load asks for most of what it reads at once", async () => {
  await store.create(newRun("loaded"));
  const { lease } = (await register(store, "loader")).find(({ lease }) => lease.run === "loaded")!;
  for (let position = 0; position < 3; position++) await one(store, commitOf(lease, position));
  let under = 0;
  let waits = 0;
  const client = {
    async send(...args: unknown[]): Promise<unknown> {
      if (under++ === 0) waits++;
      try {
        return await Reflect.apply(ledger.client.send, ledger.client, args);
      } finally {
        under--;
      }
    },
  };
  const reader = dynamodb({ table: "metered", client: client as typeof server.client });
  await reader.read("loaded");
  waits = 0;
  const loaded = await reader.load(lease);
  expect(loaded).toMatchObject({ segments: [{ kind: "base" }, {}, {}, {}] });
  // The head, the place in the ring, the base and beside it mail and codes, the slots, and the head again.
  expect(waits).toBeLessThanOrEqual(6);
});
