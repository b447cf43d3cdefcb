/** Any sequence of calls gives the same answers as on the memory store, which was written apart. */

import { postgres } from "perdure/postgres";
import pg from "pg";
import { test } from "vitest";
import { startPostgres } from "../../postgres-server.ts";
import { agreesWithMemory } from "../random-calls.ts";

test("memory and Postgres give the same answers to any sequence of calls", { timeout: 300_000 }, async () => {
  const server = await startPostgres();
  const pool = new pg.Pool({ connectionString: server.url });
  pool.on("error", () => {});
  try {
    let schemas = 0;
    await agreesWithMemory(() => postgres(pool, { schema: `sequence_${++schemas}` }), 40);
  } finally {
    await pool.end();
    await server.stop();
  }
});
