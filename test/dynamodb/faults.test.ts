/** The contract holds, case by case, on a service that throttles, fails, loses answers and lags. */
import { dynamodb, ensureTable } from "perdure/dynamodb";
import { encrypted } from "perdure/encryption";
import { storeConformance } from "perdure/testing";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type FaultyClient, faulty } from "./faults.ts";
import { type Server, startServer } from "./server.ts";

let server: Server;
beforeAll(async () => {
  server = await startServer();
});
afterAll(() => server.stop());

const clients: FaultyClient[] = [];
const keys = [{ id: "k", secret: "a secret of at least thirty-two bytes" }];
const rates = { throttled: 0.04, conflict: 0.25, failed: 0.04, lost: 0.08, stale: 0.4 };

describe("dynamodb through faults", () => {
  const broken = async () => {
    const table = `table-${clients.length + 1}`;
    await ensureTable({ table, client: server.client, shards: 2, slots: 4 });
    const made = faulty(server.client, clients.length + 1, rates);
    clients.push(made);
    return dynamodb({ table, client: made.client });
  };
  storeConformance({ test, make: broken });
  describe("encrypted", () => {
    storeConformance({ test, make: async () => encrypted(await broken(), { keys }) });
  });

  test("every kind of fault was injected", () => {
    for (const fault of ["throttled", "conflict", "failed", "lost", "stale"] as const)
      expect([fault, clients.reduce((sum, { counts }) => sum + counts[fault], 0) > 30]).toEqual([fault, true]);
  });
});
