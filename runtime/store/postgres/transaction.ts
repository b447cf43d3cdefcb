/** A transaction of the user's, which delivers a message with what it writes. */
import type { Isolation, Lease, TransactionOutcome } from "../store.ts";
import { isSame } from "./columns.ts";
import { guard } from "./guard.ts";
import { postgresError, stateOf } from "./messages.ts";
import { ENDED_SQL } from "./rows.ts";
import type { Session } from "./session.ts";

const BEGIN: Readonly<Record<Isolation, string>> = {
  "read committed": "BEGIN ISOLATION LEVEL READ COMMITTED",
  "repeatable read": "BEGIN ISOLATION LEVEL REPEATABLE READ",
  serializable: "BEGIN ISOLATION LEVEL SERIALIZABLE",
};

const HOLDS = `run = $1 AND incarnation = $2 AND epoch = $3 AND ${isSame("owner", "$4")}`;

/** Tells a transaction from another: when it began. */
const BEGAN = "extract(epoch FROM transaction_timestamp())::text";

/** Before anything is done: is there still something to do, and may we? */
const LOOK = `
SELECT EXISTS (SELECT FROM perdure.inbox WHERE inbox.run_id = runs.id AND inbox.key = $5), ${BEGAN} FROM perdure.runs WHERE ${HOLDS}`;

/** The run's row is locked only here, at the end, so that its other turns go on meanwhile. */
const PUT = `
WITH found AS MATERIALIZED (
  SELECT id, inbox_seq FROM perdure.runs WHERE ${HOLDS} AND status NOT IN ${ENDED_SQL} AND ${BEGAN} = $7 FOR UPDATE
),
put AS (
  INSERT INTO perdure.inbox (run_id, seq, key, body) SELECT id, inbox_seq + 1, $5, $6 FROM found
  ON CONFLICT (run_id, key) DO NOTHING RETURNING run_id, seq
),
counted AS (UPDATE perdure.runs SET inbox_seq = put.seq FROM put WHERE runs.id = put.run_id)
SELECT (SELECT seq FROM put), EXISTS (SELECT FROM found), ${BEGAN}`;

/** What the message meets when the body has left the transaction in a state in which nothing can be written. */
const GONE_WRONG: Readonly<Record<string, string>> = {
  "25P02": "one of its statements failed, and the body went on (use a savepoint to go on after an error)",
  "25006": "the body made it read-only",
};

export function transact(
  session: Session,
  { run, incarnation, epoch, worker }: Lease,
  key: string,
  work: (client: unknown) => Promise<string | null>,
  isolation: Isolation | undefined,
  seal?: (body: string) => Promise<string>,
): Promise<TransactionOutcome> {
  const notCommitted = (why: string, error?: unknown) =>
    postgresError("PD3212", "refused", { schema: session.schema, why }, error);
  const holder = [run, incarnation, epoch, worker, key] as const;
  const attempt: Parameters<typeof session.transaction<TransactionOutcome>>[1] = async (query, client, rollBack) => {
    const [before] = await query(LOOK, ...holder);
    if (before === undefined) return "fenced";
    const [isThere, began = null] = before;
    if (isThere === "t") return "duplicate";
    const guarded = guard(client, session.schema);
    let body: string | null;
    try {
      body = await work(guarded.client);
    } finally {
      guarded.end();
    }
    // Thrown, it makes the session roll back, and try again after a conflict.
    if (guarded.failure() !== undefined) throw guarded.failure();
    if (body === null) {
      await rollBack();
      return "rolled-back";
    }
    try {
      if (guarded.hasRole()) await query("RESET ROLE");
      const [put] = await query(PUT, ...holder, seal === undefined ? body : await seal(body), began);
      const [seq, isFound, now] = put!;
      if (now !== began) throw notCommitted("one of its statements ended the transaction");
      if (seq !== null) return "committed";
      await rollBack();
      return isFound === "t" ? "duplicate" : "fenced";
    } catch (error) {
      const why = GONE_WRONG[stateOf(error) ?? ""];
      throw why === undefined ? error : notCommitted(why, error);
    }
  };
  return session.reserve.admit(() => session.transaction("transaction", attempt, isolation && BEGIN[isolation]));
}
