/** Errors of the Postgres store: PD32xx. */
import type { MessageTable, PerdureError } from "../../errors.ts";
import { isStoreFailure, storeErrors } from "../messages.ts";
import type { StoreFailure } from "../store.ts";

export const messages = {
  PD3201: {
    slug: "postgres-driver-missing",
    text: "the Postgres store needs the package `pg`, which cannot be loaded",
    fix: "npm i pg",
    page: `\`perdure\` has no dependencies of its own, so the driver is an optional peer. It is loaded when a store that was given a
connection string is first used; a store that was given a \`pg.Pool\` loads nothing.`,
  },
  PD3202: {
    slug: "postgres-cannot-connect",
    text: "no connection to Postgres: %why%",
    fix: "look at the server and the network; the call is tried again",
    page: `Nothing was sent. The server may be starting, stopping or failing over, the network may be down, or all connections of the
pool may be taken: a pool that steps use too should be larger than the number of steps that hold a connection at once.`,
  },
  PD3203: {
    slug: "postgres-not-allowed",
    text: "Postgres refuses this account: %why%",
    fix: "correct the connection string, or grant the account what it lacks",
    page: `The password, the account or the database is wrong, or the account may not do this. With \`migrate: true\` (the default) the
account makes the schema and its tables, so it needs CREATE on the database the first time. Afterwards it needs USAGE on the schema and
SELECT, INSERT, UPDATE and DELETE on its tables, and USAGE on its sequences.`,
  },
  PD3204: {
    slug: "postgres-encoding",
    text: "the database's encoding is %encoding%, and the store needs UTF8",
    fix: "CREATE DATABASE … ENCODING 'UTF8' TEMPLATE template0",
    page: `Ids and saved state are Unicode text that must come back unchanged, and ids are listed in the order of code points. Only a
database in UTF8 holds both.`,
  },
  PD3205: {
    slug: "postgres-foreign-schema",
    text: "the schema %schema% holds tables that are not the store's: %why%",
    fix: 'name a schema of its own: postgres(pool, { schema: "…" })',
    page: "The store's tables stand in a schema of their own, with a table `migrations` that says their version. Nothing was changed.",
  },
  PD3206: {
    slug: "postgres-newer-schema",
    text: "the schema %schema% was made by a newer version of perdure: it has version %version%, this one knows %known%",
    fix: "update perdure in this process to at least the version that the other workers run",
    page: "The table `migrations` says the version. An older process cannot know what the newer one relies on, so it touches nothing.",
  },
  PD3207: {
    slug: "postgres-schema-missing",
    text: "the schema %schema% is not there, or not up to date: %why%",
    fix: "let the store migrate (`migrate: true`), or run the SQL that `postgresSchema()` prints",
    page: `Either the store may not migrate (\`migrate: false\`) and nobody has, or the tables were dropped or renamed while the store was
open. In the second case restore them and start the workers again.`,
  },
  PD3208: {
    slug: "postgres-full",
    text: "Postgres has no room left: %why%",
    fix: "free space on the server's disk; runs go on where they were",
    page: "The statement was rolled back: nothing of it was written, and what was saved before is intact.",
  },
  PD3209: {
    slug: "postgres-read-only",
    text: "this Postgres server takes no writes: %why%",
    fix: "connect to the primary: several hosts with `target_session_attrs=read-write`, or the cluster's writer address",
    page: `The connection leads to a standby, as it may for a moment during a failover, or the database is set to read-only. Nothing was
written. The call is tried again.`,
  },
  PD3210: {
    slug: "postgres-key-too-long",
    text: "`%argument%` of `%method%` has %bytes% bytes; Postgres indexes keys of at most %most%",
    fix: "use shorter ids",
    page: "Ids of runs and keys of messages are indexed, and a page of a B-tree must hold several of them. Nothing was written.",
  },
  PD3211: {
    slug: "postgres-failed",
    text: "Postgres failed: %why%",
    fix: "look at the cause and at the server's log",
    page: `When the connection was lost after the statement was sent, nobody knows whether it was applied (the error's \`outcome\` is
"unknown"): the engine repeats the call, and the store recognizes what it has already applied.`,
  },
  PD3212: {
    slug: "postgres-transaction",
    text: "a transaction() cannot be committed: %why%",
    fix: "let the body use its client only, await all of it, and leave BEGIN, COMMIT and ROLLBACK to the store; SAVEPOINT and ROLLBACK TO are allowed",
    page: `The body of \`transaction\` runs inside a transaction that the store begins and commits together with the step's result. After a
statement has failed Postgres takes no other until it is rolled back, to a savepoint or as a whole. Everything was rolled back.`,
  },
} as const satisfies MessageTable;

/** Servers come back and space is freed; the others need somebody. */
const LASTING = ["PD3201", "PD3203", "PD3204", "PD3205", "PD3206", "PD3207", "PD3210", "PD3212"] as const;

export const postgresError = storeErrors(messages, LASTING);

/** SQLSTATE of an error that the server sent; undefined when the connection failed. */
export function stateOf(error: unknown): string | undefined {
  const { code, severity } = (error ?? {}) as { code?: unknown; severity?: unknown };
  return typeof severity === "string" && typeof code === "string" && code.length === 5 ? code : undefined;
}

/**
 * The server undid the statement for a reason that a second attempt may not meet: a deadlock, a conflict of snapshots (under an
 * isolation level stricter than READ COMMITTED, or a number that another statement took meanwhile), or a plan that a migration
 * made obsolete.
 */
export const isConflict = (error: unknown): boolean =>
  /^(40001|40P01|23505|55P03|0A000|26000)$/.test(stateOf(error) ?? "");

/** The server says that the statement failed, so it was rolled back; unless it was dying itself, or cannot tell. */
const isCertain = (state: string): boolean => !/^(08|57P|58|XX|40003)/.test(state);

/** The coded error for what the driver threw. `sent`: the statement may have reached the server. */
export function translate(error: unknown, schema: string, sent: boolean): PerdureError & StoreFailure {
  if (isStoreFailure(error)) return error as PerdureError & StoreFailure;
  const message = error instanceof Error ? error.message || error.name : String(error);
  const state = stateOf(error);
  const why = state === undefined ? message : `${message} (SQLSTATE ${state})`;
  const outcome = sent && (state === undefined || !isCertain(state)) ? "unknown" : "refused";
  if (outcome === "unknown") return postgresError("PD3211", "unknown", { why }, error);
  if (state === undefined || /^(08|57P|53300)/.test(state)) return postgresError("PD3202", "refused", { why }, error);
  if (/^(28|3D|42501)/.test(state)) return postgresError("PD3203", "refused", { why }, error);
  if (/^(42P01|3F000|42703)/.test(state)) return postgresError("PD3207", "refused", { schema, why }, error);
  if (state === "53100") return postgresError("PD3208", "refused", { why }, error);
  if (state === "25006") return postgresError("PD3209", "refused", { why }, error);
  return postgresError("PD3211", "refused", { why }, error);
}
