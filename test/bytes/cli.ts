/** Mutations of everything that is stored, shared among the formats by what one of them costs; prints what was answered and refused. */
import pg from "pg";
import { startPostgres } from "../postgres-server.ts";
import { fuzzDynamoDB } from "./dynamodb.ts";
import { fuzzEncrypted } from "./encrypted.ts";
import { fuzzEngine } from "./engine.ts";
import { Chance } from "./mutate.ts";
import { fuzzPostgres } from "./postgres.ts";
import { fuzzSegments } from "./segments.ts";
import { fuzzSqlite } from "./sqlite.ts";
import type { Tally } from "./trial.ts";

const argument = (name: string): string | undefined => {
  const index = process.argv.indexOf(`--${name}`);
  return index < 0 ? undefined : process.argv[index + 1];
};
const mutations = Number(argument("mutations") ?? 5_000);
const from = Number(argument("from") ?? 1);
const only = argument("only");

type Fuzz = (chance: (n: number) => Chance, count: number, tally: Tally) => Promise<void>;

const onServer: Fuzz = async (chance, count, tally) => {
  const server = await startPostgres();
  const pool = new pg.Pool({ connectionString: server.url, max: 4 });
  pool.on("error", () => {});
  try {
    await fuzzPostgres(pool, chance, count, tally);
  } finally {
    await pool.end();
    await server.stop();
  }
};

/** Share of the mutations, in percent. */
const FORMATS: Readonly<Record<string, readonly [share: number, fuzz: Fuzz]>> = {
  segments: [60, fuzzSegments],
  dynamodb: [15, fuzzDynamoDB],
  engine: [10, fuzzEngine],
  sealed: [10, fuzzEncrypted],
  sqlite: [4, fuzzSqlite],
  postgres: [1, onServer],
};

let total = 0;
for (const [name, [share, fuzz]] of Object.entries(FORMATS)) {
  if (only !== undefined && only !== name) continue;
  const count = only === undefined ? Math.ceil((mutations * share) / 100) : mutations;
  const tally: Tally = new Map();
  const began = performance.now();
  await fuzz((n) => new Chance(from + n), count, tally);
  total += count;
  const seen = [...tally].map(([what, times]) => `${what} ${times}`).sort();
  console.log(
    `${name}: ${count} mutations, ${((performance.now() - began) / 1_000).toFixed(1)} s\n  ${seen.join(", ")}`,
  );
}
console.log(`${total} mutations: each a coded error or an answer`);
