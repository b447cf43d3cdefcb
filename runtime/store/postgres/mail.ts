/** Transitions of messages, of dormant runs, and what is listed and forgotten. */

import { readable, readOutgoing } from "../saved.ts";
import {
  DORMANT,
  ENDED,
  type Message,
  type Outgoing,
  type RunHead,
  type RunQuery,
  type StoredStatus,
} from "../store.ts";
import { sweepCodeSets } from "./codesets.ts";
import { DORMANT_SQL, ENDED_SQL, HEAD, readHeadOrRest } from "./rows.ts";
import type { Session } from "./session.ts";

type Delivered = { type: "accepted" | "gone" } | { type: "duplicate"; body: string };

/** Numbered and counted under the lock of the run's row. The unique key sees deliveries that this statement cannot. */
const DELIVER = `
WITH found AS MATERIALIZED (
  SELECT id, status, result, inbox_seq, owner FROM perdure.runs
  WHERE run = $1 AND ($2::text IS NULL OR incarnation = $2) FOR UPDATE
),
put AS (
  INSERT INTO perdure.inbox (run_id, seq, key, body)
  SELECT id, inbox_seq + 1, $3, $4 FROM found WHERE status NOT IN ${ENDED_SQL}
  ON CONFLICT (run_id, key) DO NOTHING RETURNING run_id, seq
),
counted AS (
  UPDATE perdure.runs SET inbox_seq = put.seq,
    status = CASE WHEN runs.status <> 'stuck' THEN runs.status WHEN runs.result IS NULL THEN 'waiting' ELSE 'finishing' END,
    reason = CASE WHEN runs.status = 'stuck' THEN NULL ELSE runs.reason END
  FROM put WHERE runs.id = put.run_id
)
SELECT found.id, (SELECT seq FROM put), owner FROM found`;

const BODY = "SELECT body FROM perdure.inbox WHERE run_id = $1 AND key = $2";

export async function deliver(
  session: Session,
  run: string,
  incarnation: string | null,
  { key, body }: Message,
): Promise<{ delivered: Delivered; owner: string | null }> {
  const [found] = await session.query("deliver", DELIVER, run, incarnation, key, body);
  if (found === undefined) return { delivered: { type: "gone" }, owner: null };
  const [id, seq, owner = null] = found;
  if (seq !== null) return { delivered: { type: "accepted" }, owner };
  const [won] = await session.query("deliver", BODY, Number(id), key);
  return { delivered: won === undefined ? { type: "gone" } : { type: "duplicate", body: won[0]! }, owner };
}

const REVIVE = `
UPDATE perdure.runs SET status = CASE WHEN result IS NULL THEN 'waiting' ELSE 'finishing' END, reason = NULL, wake_at = $2,
  strikes = 0, updated_at = $2
WHERE run = $1 AND status IN ${DORMANT_SQL} RETURNING id`;

export const revive = async (session: Session, run: string, now: number): Promise<boolean> =>
  (await session.query("revive", REVIVE, run, now)).length > 0;

const ACKNOWLEDGE = `
DELETE FROM perdure.outbox USING perdure.runs
WHERE runs.run = $1 AND runs.incarnation = $2 AND outbox.run_id = runs.id AND outbox.seq = ANY($3::bigint[])`;

export async function acknowledge(
  session: Session,
  run: string,
  incarnation: string,
  seqs: readonly number[],
): Promise<void> {
  await session.query("acknowledge", ACKNOWLEDGE, run, incarnation, seqs);
}

const PENDING = `
SELECT runs.run, runs.incarnation, outbox.entry FROM perdure.outbox JOIN perdure.runs ON runs.id = outbox.run_id
ORDER BY outbox.id LIMIT $1`;

export async function pendingOutbox(
  session: Session,
  limit: number,
): Promise<{ run: string; incarnation: string; entry: Outgoing }[]> {
  const rows = await session.query("pendingOutbox", PENDING, limit);
  return readable(rows, ([run, incarnation, entry]) => ({
    run: run!,
    incarnation: incarnation!,
    entry: readOutgoing(entry),
  }));
}

const STATUSES: ReadonlySet<StoredStatus> = new Set([...DORMANT, ...ENDED, "running", "waiting", "finishing"]);

export async function list(session: Session, { status, fn, after = "", limit = 100 }: RunQuery): Promise<RunHead[]> {
  // The status stands in the text, so that the planner sees which index serves it.
  if (status !== undefined && !STATUSES.has(status)) return [];
  const which = status === undefined ? "" : `status = '${status}' AND `;
  const text = `SELECT ${HEAD} FROM perdure.runs WHERE ${which}($1::text IS NULL OR fn = $1) AND run > $2 ORDER BY run LIMIT $3`;
  return (await session.query("list", text, fn ?? null, after, limit)).map(([head]) => readHeadOrRest(head!).head);
}

const SWEEP = `
WITH old AS MATERIALIZED (
  SELECT id FROM perdure.runs WHERE ended_at < $1 AND NOT EXISTS (SELECT FROM perdure.outbox WHERE outbox.run_id = runs.id)
  ORDER BY ended_at LIMIT $2 FOR UPDATE SKIP LOCKED
),
forgotten AS (DELETE FROM perdure.inbox WHERE run_id IN (SELECT id FROM old))
DELETE FROM perdure.runs WHERE id IN (SELECT id FROM old) RETURNING id`;

const IDLE = "until < $1 AND NOT EXISTS (SELECT FROM perdure.runs WHERE runs.owner = workers.id)";

export async function sweep(session: Session, before: number, limit: number): Promise<number> {
  const swept = await session.query("sweep", SWEEP, before, limit);
  await session.transaction("sweep", async (query) => {
    // A claim under way holds the worker's row: once it is ours, a second look sees what was claimed.
    const idle = await query(`SELECT id FROM perdure.workers WHERE ${IDLE} ORDER BY id FOR UPDATE SKIP LOCKED`, before);
    const ids = idle.map(([id]) => id!);
    if (ids.length > 0) await query(`DELETE FROM perdure.workers WHERE id = ANY($2::text[]) AND ${IDLE}`, before, ids);
    await sweepCodeSets(query);
  });
  return swept.length;
}
