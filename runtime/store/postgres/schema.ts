/**
 * Tables of the store, as plain SQL in versions. Meant to be read with `psql`, changed only through the store. The name `perdure`
 * stands for the store's schema.
 *
 * A turn writes one row of `segments` and its run's row. No column that a turn changes stands in an index, so the new version of
 * the row stays in its page (a heap-only update), for which every page keeps room. Columns that say when a run is due, or since
 * when it has ended, are generated from the head: no statement can forget them.
 */
import { type PgClient, run } from "./driver.ts";
import { postgresError } from "./messages.ts";

interface Migration {
  readonly version: number;
  readonly sql: string;
}

const migrations: readonly Migration[] = [
  {
    version: 1,
    sql: `
-- The sets of code digests that runs need, each once.
CREATE TABLE perdure.codesets (
  id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  digest text COLLATE "C" NOT NULL UNIQUE,   -- SHA-256 of codes
  codes text NOT NULL                        -- JSON array, sorted
);
-- Outlives runs, so that epochs grow across incarnations.
CREATE SEQUENCE perdure.epochs;
CREATE TABLE perdure.workers (
  id text COLLATE "C" PRIMARY KEY,
  until double precision NOT NULL,           -- by the workers' clocks, ms since the epoch
  ended boolean NOT NULL                     -- retired, or a run of it was taken over
);
-- One row for each run, ended ones too. Times are ms since the epoch.
CREATE TABLE perdure.runs (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  run text COLLATE "C" NOT NULL UNIQUE,
  incarnation text COLLATE "C" NOT NULL,
  fn text NOT NULL,
  status text COLLATE "C" NOT NULL,
  reason text,
  created_at double precision NOT NULL,
  updated_at double precision NOT NULL,
  args_digest text NOT NULL,
  position bigint NOT NULL DEFAULT 0,        -- number of the last segment
  base bigint NOT NULL DEFAULT 0,            -- number of the last base
  inbox_seq bigint NOT NULL DEFAULT 0,       -- messages ever delivered
  consumed bigint NOT NULL DEFAULT 0,
  wake_at double precision,
  owner text COLLATE "C",                    -- workers.id
  epoch bigint NOT NULL DEFAULT 0,
  codes integer NOT NULL,                    -- codesets.id
  suspect boolean NOT NULL DEFAULT false,
  strikes integer NOT NULL DEFAULT 0,
  result text,
  parent text,
  last_commit text COLLATE "C",
  -- null while owned, dormant or ended; 0 with mail; else wake_at
  due_at double precision GENERATED ALWAYS AS (
    CASE WHEN owner IS NOT NULL OR status IN ('stuck', 'blocked', 'quarantined', 'done', 'failed', 'cancelled') THEN NULL
      WHEN inbox_seq > consumed THEN 0 ELSE wake_at END) STORED,
  ended_at double precision GENERATED ALWAYS AS (
    CASE WHEN status IN ('done', 'failed', 'cancelled') THEN updated_at END) STORED
) WITH (fillfactor = 50);
CREATE INDEX runs_due ON perdure.runs (codes, suspect, due_at) WHERE due_at IS NOT NULL;
CREATE INDEX runs_owner ON perdure.runs (owner) WHERE owner IS NOT NULL;
CREATE INDEX runs_ended ON perdure.runs (ended_at) WHERE ended_at IS NOT NULL;
CREATE INDEX runs_dormant ON perdure.runs (status, run) WHERE status IN ('stuck', 'blocked', 'quarantined');
-- What saves wrote: the last base and the deltas after it.
CREATE TABLE perdure.segments (
  run_id bigint NOT NULL,
  position bigint NOT NULL,
  kind text COLLATE "C" NOT NULL,
  text text NOT NULL,
  PRIMARY KEY (run_id, position)
);
-- Messages ever delivered: up to runs.consumed they are only remembered, to recognize duplicates.
CREATE TABLE perdure.inbox (
  run_id bigint NOT NULL,
  seq bigint NOT NULL,
  key text COLLATE "C" NOT NULL,
  body text NOT NULL,
  PRIMARY KEY (run_id, seq),
  UNIQUE (run_id, key)
);
-- Committed and not yet acknowledged; the id is their order.
CREATE TABLE perdure.outbox (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  run_id bigint NOT NULL,
  seq bigint NOT NULL,
  entry text NOT NULL,
  UNIQUE (run_id, seq)
);
`,
  },
];

export const SCHEMA_VERSION = migrations.at(-1)!.version;

const VERSIONS = "perdure.migrations (version integer PRIMARY KEY, applied_at timestamptz NOT NULL DEFAULT now())";

/** `perdure.` in a text becomes the schema's name. */
export const inSchema = (schema: string, text: string): string => text.replaceAll("perdure.", `"${schema}".`);

/**
 * The SQL that makes the schema, for those who run migrations by hand (with `migrate: false`). `from` is the version that is there.
 *
 * @example
 * writeFileSync("migrations/perdure.sql", postgresSchema("perdure"));
 */
export function postgresSchema(schema = "perdure", from = 0): string {
  const made = `CREATE SCHEMA IF NOT EXISTS "${schema}";\nCREATE TABLE IF NOT EXISTS ${inSchema(schema, VERSIONS)};\n`;
  const steps = migrations
    .filter(({ version }) => version > from)
    .map(({ version, sql }) =>
      inSchema(schema, `${sql}INSERT INTO perdure.migrations (version) VALUES (${version});\n`),
    );
  return ["BEGIN;\n", made, ...steps, "COMMIT;\n"].join("");
}

const plain = (client: PgClient, text: string, ...values: unknown[]) => run(client, undefined, text, values);

/** The version that is there; 0 when there are no tables of a store. */
async function readVersion(client: PgClient, schema: string): Promise<number> {
  const [found] = await plain(
    client,
    `SELECT to_regclass($1) IS NOT NULL,
      (SELECT string_agg(relname, ', ') FROM pg_class WHERE relnamespace = to_regnamespace($2) AND relkind IN ('r', 'p')
        AND relname IN ('runs', 'segments', 'inbox', 'outbox', 'workers', 'codesets')),
      getdatabaseencoding()`,
    `"${schema}".migrations`,
    `"${schema}"`,
  );
  const [known, tables, encoding] = found!;
  if (encoding !== "UTF8") throw postgresError("PD3204", "refused", { encoding: encoding! });
  if (known === "t") {
    const [row] = await plain(client, inSchema(schema, "SELECT coalesce(max(version), 0) FROM perdure.migrations"));
    return Number(row![0]);
  }
  if (tables !== null) throw postgresError("PD3205", "refused", { schema, why: tables! });
  return 0;
}

const refuseNewer = (schema: string, version: number): void => {
  if (version > SCHEMA_VERSION)
    throw postgresError("PD3206", "refused", { schema, version: String(version), known: String(SCHEMA_VERSION) });
};

/** Makes sure that the schema has this version. Any number of processes may do so at once; what is foreign or newer is left as it is. */
export async function prepareSchema(client: PgClient, schema: string, migrate: boolean): Promise<void> {
  const version = await readVersion(client, schema);
  refuseNewer(schema, version);
  if (version === SCHEMA_VERSION) return;
  if (!migrate) {
    const why = version === 0 ? "there are no tables" : `it has version ${version} of ${SCHEMA_VERSION}`;
    throw postgresError("PD3207", "refused", { schema, why });
  }
  await plain(client, "BEGIN");
  try {
    // One migration at a time, for all who share the database. "PDUR" and a hash of the name.
    await plain(client, "SELECT pg_advisory_xact_lock($1, hashtext($2))", 0x50445552, schema);
    const now = await readVersion(client, schema);
    refuseNewer(schema, now);
    await plain(client, `CREATE SCHEMA IF NOT EXISTS "${schema}"`);
    await plain(client, `CREATE TABLE IF NOT EXISTS ${inSchema(schema, VERSIONS)}`);
    for (const { version: next, sql } of migrations) {
      if (next <= now) continue;
      await plain(client, inSchema(schema, sql));
      await plain(client, inSchema(schema, "INSERT INTO perdure.migrations (version) VALUES ($1)"), next);
    }
    await plain(client, "COMMIT");
  } catch (error) {
    await plain(client, "ROLLBACK").catch(() => {});
    throw error;
  }
}
