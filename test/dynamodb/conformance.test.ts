import { dynamodb, ensureTable } from "perdure/dynamodb";
import { storeConformance } from "perdure/testing";
import { afterAll, beforeAll, describe, test } from "vitest";
import { type Server, startServer } from "./server.ts";

let server: Server;
beforeAll(async () => {
  server = await startServer();
});
afterAll(() => server.stop());

let tables = 0;
const freshTable = async (): Promise<string> => {
  const table = `table-${++tables}`;
  await ensureTable({ table, client: server.client });
  return table;
};

describe("dynamodb", () => {
  storeConformance({ test, make: async () => dynamodb({ table: await freshTable(), client: server.client }) });
});
