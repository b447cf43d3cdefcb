/** A transaction of the user's, which delivers a message with what it writes. */
import type { Isolation, Lease, TransactionOutcome } from "../store.ts";
import { isSame } from "./columns.ts";
import type { PgClient } from "./driver.ts";
import { postgresError, stateOf } from "./messages.ts";
import { ENDED_SQL } from "./rows.ts";
import type { Session } from "./session.ts";

const BEGIN: Readonly<Record<Isolation, string>> = {
  "read committed": "BEGIN ISOLATION LEVEL READ COMMITTED",
  "repeatable read": "BEGIN ISOLATION LEVEL REPEATABLE READ",
  serializable: "BEGIN ISOLATION LEVEL SERIALIZABLE",
};

const HOLDS = `run = $1 AND incarnation = $2 AND epoch = $3 AND ${isSame("owner", "$4")}`;

/** Before anything is done: is there still something to do, and may we? */
const LOOK = `
SELECT EXISTS (SELECT FROM perdure.inbox WHERE inbox.run_id = runs.id AND inbox.key = $5) FROM perdure.runs WHERE ${HOLDS}`;

/** The run's row is locked only here, at the end, so that its other turns go on meanwhile. */
const PUT = `
WITH found AS MATERIALIZED (
  SELECT id, inbox_seq FROM perdure.runs WHERE ${HOLDS} AND status NOT IN ${ENDED_SQL} FOR UPDATE
),
put AS (
  INSERT INTO perdure.inbox (run_id, seq, key, body) SELECT id, inbox_seq + 1, $5, $6 FROM found
  ON CONFLICT (run_id, key) DO NOTHING RETURNING run_id, seq
),
counted AS (UPDATE perdure.runs SET inbox_seq = put.seq FROM put WHERE runs.id = put.run_id)
SELECT (SELECT seq FROM put) FROM found`;

const CONTROL =
  /^\s*(begin|start\s+transaction|commit|end|abort|prepare\s+transaction|rollback(?!\s+(work\s+|transaction\s+)?to))\b/i;

interface Guarded {
  readonly client: unknown;
  /** The conflict that a statement met, or what the body did that it may not do: whatever the body has made of that error. */
  readonly failure: () => unknown;
  end(): void;
}

/** The client as the body sees it: good until the body has settled, without the statements that would end the transaction. */
function guard(client: PgClient, schema: string): Guarded {
  let failure: unknown;
  let over = false;
  const note = (error: unknown): void => {
    if (/^(40001|40P01)$/.test(stateOf(error) ?? "")) failure ??= error;
  };
  const refuse = (why: string): never => {
    throw (failure ??= postgresError("PD3212", "refused", { schema, why }));
  };
  const query = (...args: unknown[]): unknown => {
    if (over) refuse("the client was used after the body had settled");
    const [first] = args;
    const text = typeof first === "string" ? first : (first as { text?: unknown } | null)?.text;
    if (typeof text === "string" && CONTROL.test(text)) refuse(`the body may not run \`${text.trim()}\``);
    const last = args.at(-1);
    if (typeof last === "function")
      args[args.length - 1] = (error: unknown, ...rest: unknown[]) => {
        if (error) note(error);
        (last as Function)(error, ...rest);
      };
    const answer: unknown = Reflect.apply(client.query as Function, client, args);
    if (answer instanceof Promise) answer.catch(note);
    return answer;
  };
  const proxy = new Proxy(client, {
    get(target, property) {
      if (property === "query") return query;
      if (property === "release" || property === "end")
        return () => refuse(`the body may not call ${String(property)}()`);
      const value: unknown = Reflect.get(target, property);
      return typeof value === "function" ? value.bind(target) : value;
    },
  });
  return {
    client: proxy,
    failure: () => failure,
    end() {
      over = true;
    },
  };
}

export function transact(
  session: Session,
  { run, incarnation, epoch, worker }: Lease,
  key: string,
  work: (client: unknown) => Promise<string | null>,
  isolation: Isolation | undefined,
  seal?: (body: string) => Promise<string>,
): Promise<TransactionOutcome> {
  const holder = [run, incarnation, epoch, worker, key] as const;
  const attempt: Parameters<typeof session.transaction<TransactionOutcome>>[1] = async (query, client, rollBack) => {
    const [before] = await query(LOOK, ...holder);
    if (before === undefined) return "fenced";
    if (before[0] === "t") return "duplicate";
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
      const [put] = await query(PUT, ...holder, seal === undefined ? body : await seal(body));
      if (put !== undefined && put[0] !== null) return "committed";
      await rollBack();
      return put === undefined ? "fenced" : "duplicate";
    } catch (error) {
      if (stateOf(error) !== "25P02") throw error;
      const why = "one of its statements failed, and the body went on (use a savepoint to go on after an error)";
      throw postgresError("PD3212", "refused", { schema: session.schema, why }, error);
    }
  };
  return session.transaction("transaction", attempt, isolation && BEGIN[isolation]);
}
