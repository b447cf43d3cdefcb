/** How long a worker takes from its start to the end of a run of one step, beside many runs that sleep. */

import { createEngine } from "perdure";
import { postgres } from "perdure/postgres";
import pg from "pg";
import { startPostgres } from "../../postgres-server.ts";
import { type Figure, median, roundsOf } from "../figure.ts";
import { small } from "../programs/orders.ts";

const FEW = 1_000;
const MANY = 1_000_000;
const ROUNDS = 7;

/** Copies one saved run so often, asleep for a year. */
async function sleepers(url: string, schema: string, count: number): Promise<void> {
  const store = postgres(url, { schema });
  await createEngine({ store }).start(small, [1], { id: "model" });
  await store.close();
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  await client.query("SET synchronous_commit = off");
  const asleep = Date.now() + 365 * 86_400_000;
  await client.query(
    `INSERT INTO ${schema}.runs (run, incarnation, fn, status, created_at, updated_at, args_digest, wake_at, codes)
     SELECT 'sleeper-' || n, 'incarnation-' || n, fn, 'waiting', created_at, updated_at, args_digest, ${asleep} + n, codes
     FROM ${schema}.runs, generate_series(1, ${count}) AS n WHERE run = 'model'`,
  );
  await client.query(
    `INSERT INTO ${schema}.segments SELECT runs.id, 0, 'base', saved.text FROM ${schema}.runs,
       (SELECT text FROM ${schema}.segments LIMIT 1) AS saved WHERE runs.run <> 'model'`,
  );
  await client.query(`DELETE FROM ${schema}.runs WHERE run = 'model'`);
  await client.query(`VACUUM ANALYZE ${schema}.runs`);
  await client.end();
}

/** Milliseconds from a new store and worker to the result of a fresh run. */
async function startUp(url: string, schema: string): Promise<number> {
  const client = postgres(url, { schema });
  const run = await createEngine({ store: client }).start(small, [1]);
  const start = performance.now();
  const store = postgres(url, { schema });
  const engine = createEngine({ store });
  const work = engine.work();
  await engine.run(run.id).result();
  const ms = performance.now() - start;
  await engine.stop();
  await work;
  await Promise.all([store.close(), client.close()]);
  return ms;
}

export const sleeping: Figure = {
  name: "sleeping",
  reach: { at: "most", ratio: 1.5 },
  async measure() {
    const server = await startPostgres({ fsync: "on", max_wal_size: "4GB" });
    try {
      await sleepers(server.url, "few", FEW);
      await sleepers(server.url, "many", MANY);
      const times = { few: [] as number[], many: [] as number[] };
      for (let round = 0; round <= roundsOf(ROUNDS); round++) {
        for (const schema of ["few", "many"] as const) {
          const ms = await startUp(server.url, schema);
          if (round > 0) times[schema].push(ms);
        }
      }
      return {
        ratio: median(times.many) / median(times.few),
        value: median(times.many),
        unit: "ms",
        against: "the same with 1,000 sleeping runs instead of 1,000,000, on Postgres",
        beside: { "with 1,000": median(times.few) },
      };
    } finally {
      await server.stop();
    }
  },
};
