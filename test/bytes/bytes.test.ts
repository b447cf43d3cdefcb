/** Stores whose bytes somebody else has written, five thousand ways; `npm run fuzz:bytes` takes more. */
import pg from "pg";
import { describe, expect, test } from "vitest";
import { startPostgres } from "../postgres-server.ts";
import { fuzzDynamoDB } from "./dynamodb.ts";
import { fuzzEncrypted } from "./encrypted.ts";
import { fuzzEngine } from "./engine.ts";
import { Chance } from "./mutate.ts";
import { fuzzPostgres } from "./postgres.ts";
import { fuzzSegments } from "./segments.ts";
import { fuzzSqlite } from "./sqlite.ts";
import type { Tally } from "./trial.ts";

const chance = (n: number): Chance => new Chance(1 + n);

/** It must have reached both: stores that answer, and stores that refuse by each of these codes. */
function expectReached(tally: Tally, ...codes: string[]): void {
  expect([...tally.keys()]).toEqual(expect.arrayContaining(["answered", ...codes]));
}

describe("a coded error or an answer of its type, and no prototype polluted", { timeout: 600_000 }, () => {
  test("segments", async () => {
    const tally: Tally = new Map();
    await fuzzSegments(chance, 3_500, tally);
    expectReached(tally, "PD4010", "PD4012", "PD4013");
  });

  test("the file of SQLite", async () => {
    const tally: Tally = new Map();
    await fuzzSqlite(chance, 400, tally);
    expectReached(tally, "PD3110", "PD3111");
  });

  test("the items of DynamoDB", async () => {
    const tally: Tally = new Map();
    await fuzzDynamoDB(chance, 350, tally);
    expectReached(tally, "PD3308");
  });

  test("sealed texts", async () => {
    const tally: Tally = new Map();
    await fuzzEncrypted(chance, 350, tally);
    expectReached(tally, "PD3903", "PD3904");
  });

  test("what an engine reads", async () => {
    const tally: Tally = new Map();
    await fuzzEngine(chance, 300, tally);
    expectReached(tally, "PD4010");
  });

  test("the rows of Postgres", async () => {
    const tally: Tally = new Map();
    const server = await startPostgres();
    const pool = new pg.Pool({ connectionString: server.url, max: 4 });
    pool.on("error", () => {});
    try {
      await fuzzPostgres(pool, chance, 100, tally);
    } finally {
      await pool.end();
      await server.stop();
    }
    expectReached(tally, "PD3213");
  });
});
