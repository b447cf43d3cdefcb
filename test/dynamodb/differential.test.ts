/** Any sequence of calls gives the same answers as on the memory store, which was written apart. */
import { dynamodb, ensureTable } from "perdure/dynamodb";
import { test } from "vitest";
import { agreesWithMemory } from "../store/random-calls.ts";
import { startServer } from "./server.ts";

test("memory and DynamoDB give the same answers to any sequence of calls", { timeout: 600_000 }, async () => {
  const server = await startServer();
  try {
    let tables = 0;
    await agreesWithMemory(async () => {
      const table = `sequence-${++tables}`;
      await ensureTable({ table, client: server.client, shards: 2, slots: 4 });
      return dynamodb({ table, client: server.client });
    }, 15);
  } finally {
    await server.stop();
  }
});
