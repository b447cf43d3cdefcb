/** One row or item that no store wrote is refused alone: the runs beside it are listed, claimed, loaded and told of as if it were not there. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import Database from "libsql";
import type { Store } from "perdure/internal/store/store";
import { postgres } from "perdure/postgres";
import { sqlite } from "perdure/sqlite";
import pg from "pg";
import { afterAll, describe, expect, test } from "vitest";
import { world } from "../bytes/dynamodb.ts";
import { newRun } from "../bytes/trial.ts";
import { startPostgres } from "../postgres-server.ts";
import { commitOf } from "./fixtures.ts";

interface Place<What = Damage> {
  readonly store: Store;
  /** Damages something of the run `b`, or of the set of codes `other` that it alone needs. */
  damage(what: What): Promise<void>;
  close(): Promise<void>;
}
type Damage = "head" | "codes" | "segment" | "outgoing";

const undo: (() => unknown)[] = [];
afterAll(async () => {
  for (const step of undo.reverse()) await step();
});

async function onSqlite(): Promise<Place<Damage | "incarnation">> {
  const folder = mkdtempSync(join(tmpdir(), "perdure-damaged-"));
  const path = join(folder, "runs.db");
  const store = sqlite(path, { driver: "libsql", synchronous: "normal" });
  const sql = {
    head: "UPDATE runs SET parent = x'ff00', updated_at = 'never' WHERE run = 'b'",
    incarnation: "UPDATE runs SET incarnation = x'ff00' WHERE run = 'b'",
    codes: `UPDATE codesets SET codes = '[' WHERE codes LIKE '%other%'`,
    segment: "UPDATE segments SET kind = 'nothing' WHERE run = (SELECT id FROM runs WHERE run = 'b')",
    outgoing: "UPDATE outbox SET entry = '{' WHERE run = (SELECT id FROM runs WHERE run = 'b')",
  };
  return {
    store,
    async damage(what) {
      const db = new Database(path);
      expect(db.prepare(sql[what]).run().changes).toBeGreaterThan(0);
      db.close();
    },
    async close() {
      await store.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

let pool: pg.Pool | undefined;
let schemas = 0;
async function onPostgres(): Promise<Place> {
  if (pool === undefined) {
    const server = await startPostgres();
    const made = new pg.Pool({ connectionString: server.url, max: 4 });
    made.on("error", () => {});
    undo.push(
      () => server.stop(),
      () => made.end(),
    );
    pool = made;
  }
  const own = pool;
  const schema = `damaged${++schemas}`;
  const store = postgres(own, { schema, notify: false });
  const sql = {
    head: `UPDATE ${schema}.runs SET status = 'asleep', strikes = -1 WHERE run = 'b'`,
    codes: `UPDATE ${schema}.codesets SET codes = '[' WHERE codes LIKE '%other%'`,
    segment: `UPDATE ${schema}.segments SET kind = 'nothing' WHERE run_id = (SELECT id FROM ${schema}.runs WHERE run = 'b')`,
    outgoing: `UPDATE ${schema}.outbox SET entry = '{' WHERE run_id = (SELECT id FROM ${schema}.runs WHERE run = 'b')`,
  };
  return {
    store,
    async damage(what) {
      expect((await own.query(sql[what])).rowCount).toBeGreaterThan(0);
    },
    close: () => store.close(),
  };
}

async function onDynamoDB(): Promise<Place> {
  const table = world();
  const store = table.open();
  const change = (
    matches: (pk: string, sk: string) => boolean,
    attributes: Record<string, { S: string } | { N: string }>,
  ): void => {
    const found = [...table.items.values()].filter((one) => matches(one["pk"]!.S!, one["sk"]!.S!));
    expect(found.length).toBeGreaterThan(0);
    for (const one of found) table.put({ ...one, ...attributes });
  };
  return {
    // Another process: it has not read anything yet.
    get store() {
      return table.open();
    },
    async damage(what) {
      if (what === "head")
        change((pk, sk) => pk.startsWith("heads/") && sk === "b", { head: { S: '{"status":"asleep"}' } });
      else if (what === "codes") {
        for (const one of [...table.items.values()])
          if (one["codes"]?.S?.includes("other") === true) table.put({ ...one, codes: { S: "[" } });
      } else if (what === "segment") change((pk, sk) => pk === "run/b" && /\/b\//.test(sk), { text: { N: "1" } });
      else change((pk, sk) => pk === "run/b" && /\/o\//.test(sk), { entries: { S: "{" } });
    },
    close: () => store.close(),
  };
}

const CODES = new Set(["code", "other"]);
const claim = (store: Store, limit = 9) =>
  store.claim({ worker: "w", limit, suspects: 0, codes: CODES, now: 5 }).then((all) => all.map(({ lease }) => lease));

async function furnish(store: Store): Promise<void> {
  for (const run of ["a", "b", "c"])
    await store.create(newRun(run, run === "b" ? { codes: ["other"], now: 0 } : { now: 1 }));
  await store.renew("w", 0, 1_000);
}

describe.for([
  ["sqlite", onSqlite, "PD3110"],
  ["postgres", onPostgres, "PD3213"],
  ["dynamodb", onDynamoDB, "PD3308"],
] as const)("on %s", { timeout: 120_000 }, ([, open, code]) => {
  test("a head is listed with what is wrong, and set aside when it is claimed", async () => {
    const place = await open();
    await furnish(place.store);
    await place.damage("head");
    const listed = await place.store.list({});
    expect(listed.map(({ run }) => run)).toEqual(["a", "b", "c"]);
    expect(listed.map(({ reason }) => reason !== null && (JSON.parse(reason) as { code: string }).code)).toEqual([
      false,
      code,
      false,
    ]);
    await expect(place.store.read("b")).rejects.toMatchObject({ code });
    expect(await place.store.nextWake(CODES)).toBeLessThanOrEqual(1);
    // The damaged one is due first.
    expect((await claim(place.store)).map(({ run }) => run).sort()).toEqual(["a", "c"]);
    expect((await place.store.owned("w")).map(({ lease }) => lease.run)).toEqual(["a", "c"]);
    // It does not come up again, and those who ask what is blocked find it.
    expect(await claim(place.store)).toEqual([]);
    expect(await place.store.nextWake(CODES)).toBeNull();
    expect((await place.store.list({ status: "blocked" })).map(({ run, status }) => [run, status])).toEqual([
      ["b", "blocked"],
    ]);
    await place.close();
  });

  test("a set of codes concerns the runs that need it alone", async () => {
    const place = await open();
    await furnish(place.store);
    await place.damage("codes");
    expect((await claim(place.store)).map(({ run }) => run).sort()).toEqual(["a", "c"]);
    const listed = await place.store.list({});
    expect(listed.map(({ run, reason }) => [run, reason?.includes(code) ?? false])).toEqual([
      ["a", false],
      ["b", true],
      ["c", false],
    ]);
    await place.close();
  });

  test("what is saved of one run makes that one unreadable", async () => {
    const place = await open();
    await furnish(place.store);
    const leases = await claim(place.store);
    await place.damage("segment");
    for (const lease of leases) {
      const loaded = place.store.load(lease);
      if (lease.run === "b")
        await expect(loaded).rejects.toMatchObject({ code, unreadable: true, outcome: "refused", head: { run: "b" } });
      else expect(await loaded).toMatchObject({ head: { run: lease.run } });
    }
    await place.close();
  });

  test("an outgoing entry holds up no other", async () => {
    const place = await open();
    await furnish(place.store);
    const { store } = place;
    for (const lease of await claim(store)) {
      const message = { key: "k", body: "1" };
      const outbox = [{ type: "message", seq: 1, to: "z", incarnation: null, message }] as const;
      await store.commit([
        commitOf(lease, 0, { segment: { kind: "delta", text: '"1"' }, outbox, release: true, now: 6 }),
      ]);
    }
    await place.damage("outgoing");
    expect((await place.store.pendingOutbox(9)).map(({ run }) => run).sort()).toEqual(["a", "c"]);
    for (const run of ["a", "c"]) await place.store.acknowledge(run, `1${run}`, [1]);
    // Nothing else is left: now it is told.
    await expect(place.store.pendingOutbox(9)).rejects.toMatchObject({ code });
    await place.close();
  });
});

test("bytes for the incarnation of one run on SQLite hide neither others' messages nor those who drive them", async () => {
  const place = await onSqlite();
  await furnish(place.store);
  for (const lease of await claim(place.store)) {
    const message = { key: "k", body: "1" };
    const outbox = [{ type: "message", seq: 1, to: "z", incarnation: null, message }] as const;
    await place.store.commit([commitOf(lease, 0, { segment: { kind: "delta", text: '"1"' }, outbox })]);
  }
  await place.damage("incarnation");
  expect((await place.store.pendingOutbox(9)).map(({ run }) => run).sort()).toEqual(["a", "c"]);
  expect((await place.store.owned("w")).map(({ lease }) => lease.run)).toEqual(["a", "c"]);
  await expect(place.store.deliver("b", null, { key: "k", body: "1" })).rejects.toMatchObject({ code: "PD3110" });
  await place.close();
});
