/** Errors of the Postgres store: PD32xx. */
import type { MessageTable, PerdureError } from "../../errors.ts";
import { isStoreFailure, storeErrors } from "../messages.ts";
import { Damaged } from "../saved.ts";
import type { StoreFailure } from "../store.ts";

export const messages = {
  PD3201: {
    slug: "postgres-driver-missing",
    text: "the Postgres store needs the package `pg`, which cannot be loaded",
    fix: "npm i pg",
  },
  PD3202: {
    slug: "postgres-cannot-connect",
    text: "no connection to Postgres: %why%",
    fix: "look at the server and the network; the call is tried again",
  },
  PD3203: {
    slug: "postgres-not-allowed",
    text: "Postgres refuses this account: %why%",
    fix: "correct the connection string, or grant the account what it lacks",
  },
  PD3204: {
    slug: "postgres-encoding",
    text: "the database's encoding is %encoding%, and the store needs UTF8",
    fix: "CREATE DATABASE … ENCODING 'UTF8' TEMPLATE template0",
  },
  PD3205: {
    slug: "postgres-foreign-schema",
    text: "the schema %schema% holds tables that are not the store's: %why%",
    fix: 'name a schema of its own: postgres(pool, { schema: "…" })',
  },
  PD3206: {
    slug: "postgres-newer-schema",
    text: "the schema %schema% was made by a newer version of perdure: it has version %version%, this one knows %known%",
    fix: "update perdure in this process to at least the version that the other workers run",
  },
  PD3207: {
    slug: "postgres-schema-missing",
    text: "the schema %schema% is not there, or not up to date: %why%",
    fix: "let the store migrate (`migrate: true`), or run the SQL that `postgresSchema()` prints",
  },
  PD3208: {
    slug: "postgres-full",
    text: "Postgres has no room left: %why%",
    fix: "free space on the server's disk; runs go on where they were",
  },
  PD3209: {
    slug: "postgres-read-only",
    text: "this Postgres server takes no writes: %why%",
    fix: "connect to the primary: several hosts with `target_session_attrs=read-write`, or the cluster's writer address",
  },
  PD3210: {
    slug: "postgres-key-too-long",
    text: "`%argument%` of `%method%` has %bytes% bytes; Postgres indexes keys of at most %most%",
    fix: "use shorter ids",
  },
  PD3211: {
    slug: "postgres-failed",
    text: "Postgres failed: %why%",
    fix: "look at the cause and at the server's log",
  },
  PD3212: {
    slug: "postgres-transaction",
    text: "a transaction() cannot be committed: %why%",
    fix: "let the body use its client only, await all of it, and leave BEGIN, COMMIT and ROLLBACK to the store; SAVEPOINT and ROLLBACK TO are allowed",
  },
  PD3213: {
    slug: "postgres-damaged",
    text: "the store's tables hold what no store writes: %why%",
    fix: "find out who else writes to these tables; restore them to a point in time before that",
  },
} as const satisfies MessageTable;

/** Servers come back and space is freed; the others need somebody. */
const LASTING = ["PD3201", "PD3203", "PD3204", "PD3205", "PD3206", "PD3207", "PD3210", "PD3212", "PD3213"] as const;

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

export const damage = (error: Damaged, outcome: StoreFailure["outcome"] = "refused"): PerdureError & StoreFailure =>
  postgresError("PD3213", outcome, { why: error.message }, error);

/** What was read back has to be of its form. `outcome`: of the call that read it. */
export const wellFormed = <T>(answer: Promise<T>, outcome: StoreFailure["outcome"] = "refused"): Promise<T> =>
  answer.catch((error: unknown) => {
    throw error instanceof Damaged ? damage(error, outcome) : error;
  });
