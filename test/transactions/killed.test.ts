/**
 * `transaction` in processes that are killed with SIGKILL at each named point of the run loop, on Postgres and on SQLite: every coin is
 * moved exactly once, what a body threw is rolled back, and the results are those of the transactions that were committed.
 */
import { execFile } from "node:child_process";
import { mkdtempSync } from "node:fs";
import { join } from "node:path";
import Database from "libsql";
import type { Failpoint } from "perdure/internal/engine/failpoints";
import { sqlite } from "perdure/sqlite";
import pg from "pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Bundle, bundle } from "../bundle.ts";
import { type PostgresServer, startPostgres } from "../postgres-server.ts";

const RUNS = 3;
const MOVES = 4;
const TABLES = `CREATE TABLE accounts (id integer PRIMARY KEY, balance integer NOT NULL);
  INSERT INTO accounts VALUES (1, 100), (2, 0);
  CREATE TABLE moves (run text NOT NULL, n integer NOT NULL);`;

/** What the database says in the end. */
interface Books {
  readonly balances: readonly number[];
  /** `run n` of every move, in order. */
  readonly moves: readonly string[];
}

let built: Bundle;
let server: PostgresServer;
beforeAll(async () => {
  built = await bundle("transactions", "worker");
  server = await startPostgres();
});
afterAll(async () => {
  built.remove();
  await server.stop();
});

/** One process, until it dies or is done; then what it printed. */
function live(database: string, aim: string): Promise<{ killed: boolean; outcomes: unknown; stderr: string }> {
  const args = [join(built.folder, "worker.mjs"), database, String(RUNS), String(MOVES), aim];
  return new Promise((resolve) => {
    execFile(process.execPath, args, { timeout: 60_000 }, (error, stdout, stderr) => {
      const outcomes: unknown = stdout.trim() === "" ? null : JSON.parse(stdout);
      resolve({ killed: error?.signal === "SIGKILL", outcomes, stderr });
    });
  });
}

/** Killed at the failpoint up to twice, at a later pass the second time; then left alone. */
async function survive(database: string, failpoint: string): Promise<{ deaths: number; outcomes: unknown }> {
  let deaths = 0;
  for (const pass of [2, 7]) {
    const life = await live(database, `${failpoint}@${pass}`);
    if (!life.killed) return { deaths, outcomes: life.outcomes };
    deaths++;
  }
  const { outcomes, stderr } = await live(database, "");
  expect(stderr).toBe("");
  return { deaths, outcomes };
}

function expectRight(outcomes: unknown, { balances, moves }: Books): void {
  expect(balances).toEqual([100 - RUNS * MOVES, RUNS * MOVES]);
  const expected = Array.from({ length: RUNS * MOVES }, (_, i) => `run-${Math.floor(i / MOVES)} ${i % MOVES}`);
  expect([...moves].sort()).toEqual(expected);
  const results = outcomes as { moved: number[]; failure: string }[];
  expect(results.map(({ failure }) => failure)).toEqual(Array.from({ length: RUNS }, () => "RangeError: not this one"));
  // Each result is the balance after its own move: no two are alike, and none is missing.
  const seen = results.flatMap(({ moved }) => moved).sort((a, b) => b - a);
  expect(seen).toEqual(Array.from({ length: RUNS * MOVES }, (_, i) => 99 - i));
}

/** Where a transaction is committed and its run does not know yet, and around that. */
const AIMS: readonly Failpoint[] = [
  ...(["after-load", "before-commit", "after-commit", "inside-step"] as const),
  "after-step-before-commit",
];
const hit = new Set<string>();

describe("on SQLite", () => {
  it.each(["", ...AIMS, "sqlite:before-commit", "sqlite:after-commit"])("killed at %s", async (failpoint) => {
    const path = join(mkdtempSync(join(built.folder, "sqlite-")), "runs.db");
    const store = sqlite(path);
    await store.list({});
    await store.close();
    const db = new Database(path);
    db.exec(TABLES);
    const { deaths, outcomes } = await survive(path, failpoint);
    if (deaths > 0) hit.add(failpoint);
    const balances = db.prepare("SELECT balance FROM accounts ORDER BY id").all() as { balance: number }[];
    const moves = db.prepare("SELECT run, n FROM moves").all() as { run: string; n: number }[];
    db.close();
    expectRight(outcomes, {
      balances: balances.map(({ balance }) => balance),
      moves: moves.map(({ run, n }) => `${run} ${n}`),
    });
  });
});

describe("on Postgres", () => {
  it.each(["", ...AIMS])("killed at %s", async (failpoint) => {
    const name = `money_${["", ...AIMS].indexOf(failpoint)}`;
    const admin = new pg.Client({ connectionString: server.url });
    await admin.connect();
    await admin.query(`CREATE DATABASE ${name}`);
    await admin.end();
    const url = server.url.replace(/[^/]*$/, name);
    const client = new pg.Client({ connectionString: url });
    await client.connect();
    await client.query(TABLES);
    const { deaths, outcomes } = await survive(url, failpoint);
    if (deaths > 0) hit.add(failpoint);
    const balances = await client.query<{ balance: number }>("SELECT balance FROM accounts ORDER BY id");
    const moves = await client.query<{ run: string; n: number }>("SELECT run, n FROM moves");
    await client.end();
    expectRight(outcomes, {
      balances: balances.rows.map(({ balance }) => balance),
      moves: moves.rows.map(({ run, n }) => `${run} ${n}`),
    });
  });
});

it("was killed where it matters", () => {
  for (const point of [
    "inside-step",
    "after-step-before-commit",
    "before-commit",
    "after-commit",
    "sqlite:after-commit",
  ])
    expect([...hit]).toContain(point);
});
