/** What `preemption.test.ts` plays some cases of, on memory to a great part and on every other store here and there. */
import Database from "libsql";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Product } from "../product.ts";
import { compiled, findings, NAMES, type Programs } from "./preemption/cases.ts";
import { inMemory } from "./preemption/stage.ts";
import { onDynamoDB, onPostgres, onSqlite } from "./preemption/stores.ts";

let built: Product<Programs>;
let programs: Programs;
beforeAll(async () => {
  built = await compiled();
  programs = await built.open();
});
afterAll(() => built.remove());

function accounts(path: string): void {
  const database = new Database(path);
  database.exec("CREATE TABLE accounts (balance integer NOT NULL); INSERT INTO accounts VALUES (100)");
  database.close();
}

describe.for([
  ["", { every: 7 }],
  [", stopped in the middle", { every: 29, leaves: 260 }],
  [", without hints", { every: 29, deaf: true }],
] as const)("on memory%s", { timeout: 1_800_000 }, ([, { every, ...how }]) => {
  test.for(NAMES)("%s", async (name) => {
    expect(await findings({ program: programs[name], install: inMemory, ...how }, every)).toEqual([]);
  });
});

describe.for(["SQLite", "Postgres", "DynamoDB"] as const)("on %s", { timeout: 1_800_000 }, (store) => {
  test.for(NAMES)("%s", async (name) => {
    const install = { SQLite: onSqlite(built.folder), Postgres: onPostgres, DynamoDB: onDynamoDB }[store];
    expect(await findings({ program: programs[name], install }, 211)).toEqual([]);
  });
});

test("money on SQLite", { timeout: 600_000 }, async () => {
  expect(await findings({ program: programs.money, install: onSqlite(built.folder, accounts) }, 31)).toEqual([]);
});
