/** `transaction`: a step in the transaction that commits its result. */
import { anything, checkOptions } from "../../options/check.ts";
import type { Isolation } from "../contract.ts";
import { currentRun } from "../current-run.ts";
import { preview } from "../preview.ts";
import type { Run } from "../run.ts";
import { blocking } from "./blocking.ts";
import { error } from "./messages.ts";
import { runtimeEntry } from "./runtime-entry.ts";
import { here } from "./site.ts";
import type { StepLimits } from "./step-call.ts";

/** Options of {@link transaction}. */
export interface TransactionOptions {
  /** Default: what the database has for new transactions. SQLite's are always serializable. */
  readonly isolation?: Isolation;
}

const LEVELS: ReadonlySet<unknown> = new Set(["read committed", "repeatable read", "serializable"]);

/**
 * Runs `body` as one step, in a transaction of the database that the store lives in, on a connection of its own. The step's result is
 * committed by that same transaction: what `body` writes happens exactly once, however often a worker dies.
 *
 * `body` is given the database's client: on Postgres what `pg` gives for a connection; on SQLite `{ run, all }`, and `body` must then be
 * synchronous. It must not begin, commit or roll back itself. What else it does, outside that client, is done at least once, as in any step.
 *
 * When `body` throws, everything is rolled back and the error is thrown here. After a serialization failure or a deadlock `body` is run
 * again. The run is blocked with PD2513 when its store has no transactions, and with PD4xxx when the result cannot be saved.
 *
 * @throws PD2214 outside a run, where there is no store; in a run, bad arguments block it.
 * @example
 * const balance = await transaction(async (client: PoolClient) => {
 *   const { rows } = await client.query("UPDATE accounts SET balance = balance - $1 WHERE id = $2 RETURNING balance", [amount, id]);
 *   return rows[0].balance;
 * });
 */
export const transaction = runtimeEntry("transaction", function transaction<
  T,
  C = any,
>(body: (client: C) => T | PromiseLike<T>, options: TransactionOptions = {}): Promise<Awaited<T>> {
  const run = currentRun();
  const limits = blocking(run, () => check(body, options));
  if (run === undefined) return Promise.reject(error("PD2214"));
  return inRun(run, body, limits) as Promise<Awaited<T>>;
});

const inRun = (run: Run, body: Function, limits: StepLimits): Promise<unknown> =>
  run.makeStep(
    here(run, `transaction(${body.name})`),
    { type: "call", callee: { fn: body, self: undefined, args: [] } },
    limits,
  );

const OPTIONS = { isolation: anything };

function check(body: unknown, options: TransactionOptions): StepLimits {
  if (typeof body !== "function") throw error("PD2207", { what: "transaction()", value: preview(body, 0) });
  checkOptions("transaction", options, OPTIONS);
  const { isolation } = options;
  if (isolation !== undefined && !LEVELS.has(isolation)) throw error("PD2215", { value: String(isolation) });
  return { transaction: isolation === undefined ? {} : { isolation } };
}
