/** The store contract, on a real server. */

import { postgres } from "perdure/postgres";
import { storeConformance } from "perdure/testing";
import pg from "pg";
import { afterAll, beforeAll, describe, test } from "vitest";
import { type PostgresServer, startPostgres } from "../../postgres-server.ts";

let server: PostgresServer;
let pool: pg.Pool;
let schemas = 0;

beforeAll(async () => {
  server = await startPostgres();
  pool = new pg.Pool({ connectionString: server.url, max: 10 });
  // The server is stopped while idle connections are still being closed.
  pool.on("error", () => {});
});
afterAll(async () => {
  await pool.end();
  await server.stop();
});

describe("postgres", () => {
  storeConformance({ test, make: () => postgres(pool, { schema: `case_${++schemas}` }) });
});
