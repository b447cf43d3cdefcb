/** The table of what lives how long (docs/stores.md), in rows of the real stores. */
import { join } from "node:path";
import { ScanCommand } from "@aws-sdk/client-dynamodb";
import Database from "libsql";
import { dynamodb, ensureTable } from "perdure/dynamodb";
import { postgres } from "perdure/postgres";
import pg from "pg";
import { expect, onTestFinished, test } from "vitest";
import { startServer } from "../dynamodb/server.ts";
import { startPostgres } from "../postgres-server.ts";
import { sqlite, temporary } from "./fixtures.ts";
import { type Left, left } from "./retention.ts";

const TABLES = ["runs", "segments", "inbox", "outbox", "workers"];

/** On the SQL stores, where a row is a row. */
function judge({ during, ended, swept }: Left): void {
  // Five runs of twenty turns and more: what is before the last base is gone.
  expect(during.runs).toBe(5);
  expect(during.segments).toBeLessThan(5 * 12);
  expect([ended.runs, ended.segments, ended.outbox]).toEqual([10, 0, 0]);
  // The keys of messages stay with the tombstones: a token that is resumed again is told so.
  expect(ended.inbox).toBeGreaterThanOrEqual(10);
  expect(swept).toEqual(Object.fromEntries(TABLES.map((name) => [name, 0])));
}

test("on SQLite", async () => {
  const path = join(temporary(), "runs.db");
  const store = sqlite(path);
  await store.read("nothing");
  const database = new Database(path, { readonly: true });
  onTestFinished(() => void database.close());
  onTestFinished(() => store.close());
  const count = async () =>
    Object.fromEntries(
      TABLES.map((name) => [name, (database.prepare(`SELECT count(*) AS n FROM ${name}`).get() as { n: number }).n]),
    );
  judge(await left(store, count));
});

test("on Postgres", async () => {
  const server = await startPostgres();
  onTestFinished(() => server.stop());
  const store = postgres(server.url);
  const client = new pg.Client(server.url);
  await client.connect();
  onTestFinished(() => client.end());
  onTestFinished(() => store.close());
  const count = async () => {
    const rows: Record<string, number> = {};
    for (const name of TABLES) {
      const { rows: found } = await client.query(`SELECT count(*)::int AS n FROM perdure.${name}`);
      rows[name] = found[0].n;
    }
    return rows;
  };
  await store.read("nothing");
  judge(await left(store, count));
});

test("on DynamoDB", async () => {
  const server = await startServer();
  onTestFinished(() => server.stop());
  const table = "retention";
  await ensureTable({ table, client: server.client, shards: 2 });
  const store = dynamodb({ table, client: server.client });
  onTestFinished(() => store.close());
  /** Items by what their partition is about; of a run, by what the item is. */
  const count = async () => {
    const items: Record<string, number> = {};
    let from: Record<string, never> | undefined;
    do {
      const page = await server.client.send(
        new ScanCommand({ TableName: table, ConsistentRead: true, ...(from && { ExclusiveStartKey: from }) }),
      );
      for (const { pk, sk } of page.Items ?? []) {
        const [about] = pk!.S!.split("/");
        const kind = about === "run" ? `run ${sk!.S!.split("/")[1]}` : about!;
        items[kind] = (items[kind] ?? 0) + 1;
      }
      from = page.LastEvaluatedKey as Record<string, never> | undefined;
    } while (from !== undefined);
    return items;
  };
  const { during, ended, swept } = await left(store, count);
  expect(during.heads).toBe(5);
  expect(ended.heads).toBe(10);
  // Keys of messages stay with the tombstones; nothing leaves any more.
  expect(ended["run k"]).toBeGreaterThanOrEqual(10);
  expect(ended["run o"]).toBeUndefined();
  // What fences for ever, and sets of codes that may be asked for again.
  expect(Object.keys(swept).sort()).toEqual(["codes", "meta"]);
});
