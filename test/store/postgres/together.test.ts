/** Calls that leave together in one statement answer as if each had left alone. */
import { storeError } from "perdure/internal/store/messages";
import { Together } from "perdure/internal/store/postgres/together";
import { postgres } from "perdure/postgres";
import pg from "pg";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type PostgresServer, startPostgres } from "../../postgres-server.ts";
import { commitOf, drive, newRun } from "../fixtures.ts";
import { watched } from "./watched-pool.ts";

let server: PostgresServer;
let pool: pg.Pool;
let statements = 0;
beforeAll(async () => {
  server = await startPostgres();
  pool = new pg.Pool({ connectionString: server.url, max: 10 });
  pool.on("error", () => {});
});
afterAll(async () => {
  await pool.end();
  await server.stop();
});

const names = Array.from({ length: 300 }, (_, n) => `run ${n} "\\', {NULL}`);

test("runs that are made, loaded and read at once share statements", async () => {
  const store = postgres(
    watched(pool, () => statements++),
    { schema: "many", notify: false },
  );
  await drive(store, "first");
  const few = async <T>(most: number, calls: Promise<T>): Promise<T> => {
    statements = 0;
    const answer = await calls;
    expect(statements).toBeLessThanOrEqual(most);
    return answer;
  };
  const text = (n: number) => JSON.stringify({ n, 'quotes " and \\ and ü': null });
  const made = await few(3, Promise.all(names.map((run, n) => store.create(newRun(run, text(n))))));
  expect(new Set(made.map(({ type }) => type))).toEqual(new Set(["created"]));
  const claims = await store.claim({ worker: "worker", limit: 1000, suspects: 0, codes: new Set(["code"]), now: 0 });
  const leases = names.map((run) => claims.find(({ lease }) => lease.run === run)!.lease);
  const loaded = await few(11, Promise.all(leases.map((lease) => store.load(lease))));
  for (const [n, run] of loaded.entries()) {
    if (run === "fenced") throw new Error("fenced");
    expect([run.head.run, run.segments]).toEqual([names[n], [{ kind: "base", text: text(n) }]]);
  }
  // A turn writes whatever a text may hold, and nulls between texts.
  const reason = (n: number) => (n % 2 === 0 ? null : `{"why": "\\\\${n}"}`);
  const turns = leases.map((lease, n) =>
    commitOf(lease, 0, { reason: reason(n), wakeAt: n % 3 === 0 ? null : n + 0.5 }),
  );
  const outcomes = await few(1, store.commit(turns));
  expect(new Set(outcomes.map((one) => JSON.stringify(one)))).toEqual(
    new Set([JSON.stringify({ type: "ok", position: 1, inboxSeq: 0 })]),
  );
  const heads = await few(3, Promise.all([...names, "nobody"].map((run) => store.read(run))));
  expect(heads.pop()).toBe(null);
  expect(heads.map((head) => [head!.run, head!.reason, head!.wakeAt, head!.position])).toEqual(
    names.map((run, n) => [run, reason(n), n % 3 === 0 ? null : n + 0.5, 1]),
  );
  await store.close();
});

test("each has the answer that it would have had alone", async () => {
  const store = postgres(pool, { schema: "each", notify: false });
  const [a] = await drive(store, "a");
  const other = { ...newRun("b"), incarnation: "another" };
  const made = await Promise.all([newRun("b"), newRun("b"), other, newRun("a")].map((run) => store.create(run)));
  expect(made.map(({ type }) => type)).toEqual(["created", "created", "exists", "created"]);
  expect(await store.read("b")).toMatchObject({ incarnation: newRun("b").incarnation });
  const loads = await Promise.all([a!, { ...a!, epoch: 999 }, { ...a!, worker: "w" }].map((one) => store.load(one)));
  expect(loads.map((one) => (one === "fenced" ? one : one.head.run))).toEqual(["a", "fenced", "fenced"]);
  // Calls under way finish before the store closes, those that still wait for a statement too.
  const reads = Array.from({ length: 1000 }, () => store.read("a"));
  const closed = store.close();
  expect(new Set((await Promise.all(reads)).map((head) => head?.run))).toEqual(new Set(["a"]));
  await closed;
  await expect(store.read("a")).rejects.toThrow("PD3002");
});

test("a group of turns and other commits, repeated after its answer was lost, is one group", async () => {
  const store = postgres(pool, { schema: "mixed", notify: false });
  const [a, b, c, d, e] = await drive(store, "a", "b", "c", "d", "e");
  const group = [
    commitOf(e!, 0),
    commitOf(a!, 0),
    commitOf(b!, 0, { release: true }),
    commitOf(c!, 0, { status: "done", result: "1" }),
    commitOf({ ...d!, epoch: 999 }, 0),
  ];
  const types = async () => (await store.commit(group)).map(({ type }) => type);
  expect(await types()).toEqual(["ok", "ok", "ok", "ok", "fenced"]);
  expect(await types()).toEqual(["ok", "ok", "ok", "ok", "fenced"]);
  expect((await store.inspect("a"))!.segments.map(({ text }) => text)).toEqual(['"0"', "1"]);
  await store.close();
});

test("one that is refused does not refuse the others; of what is unknown all are told", async () => {
  const sent: number[][] = [];
  const together = new Together<number, number>(10, async (many) => {
    sent.push([...many]);
    if (many.includes(3)) throw storeError("PD3001", "refused", { method: "m", argument: "a", why: "w" });
    if (many.includes(7)) throw storeError("PD3001", "unknown", { method: "m", argument: "a", why: "w" });
    return many.map((one) => () => {
      if (one === 5) throw new Error("five");
      return one * 2;
    });
  });
  const ask = async (...ones: number[]) =>
    (await Promise.allSettled(ones.map((one) => together.ask(one)))).map((one) =>
      one.status === "fulfilled" ? one.value : "failed",
    );
  expect(await ask(1, 3, 5)).toEqual([2, "failed", "failed"]);
  expect(sent).toEqual([[1, 3, 5], [1], [3], [5]]);
  expect(await ask(6, 7)).toEqual(["failed", "failed"]);
});

test("at most two statements are under way, each with at most so much", async () => {
  const sent: number[][] = [];
  let answer: (() => void)[] = [];
  const together = new Together<number, number>(
    3,
    async (many) => {
      sent.push([...many]);
      await new Promise<void>((resolve) => answer.push(resolve));
      return many.map((one) => () => one);
    },
    (one) => (one === 9 ? 5_000_000 : 0),
  );
  const asked = [1, 2, 3, 4, 5, 6, 7, 8, 9].map((one) => together.ask(one));
  const settle = () => new Promise((resolve) => setImmediate(resolve));
  for (let n = 0; n < 4; n++) {
    await settle();
    for (const one of answer.splice(0)) one();
  }
  expect(await Promise.all(asked)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9]);
  expect(sent).toEqual([[1, 2, 3], [4, 5, 6], [7, 8], [9]]);
  answer = [];
});
