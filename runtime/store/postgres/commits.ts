/** The commit: any number of runs in one statement, and a shorter one for the turn of a run that goes on. */
import { type Commit, type CommitOutcome, DORMANT, ENDED } from "../store.ts";
import type { CodeSets } from "./codesets.ts";
import { DORMANT_SQL, ENDED_SQL } from "./rows.ts";
import type { Session } from "./session.ts";

/**
 * A turn like the one before it: one row each in `segments` and `runs`. The condition is the whole of fencing and order; where
 * the row's lock is waited for, it is judged on the row as it then is.
 */
const TURN = `
WITH turn AS (
  UPDATE perdure.runs SET position = position + 1, consumed = $7, wake_at = $8, updated_at = $9, last_commit = $10, status = $11,
    reason = $12, result = coalesce(result, $13), suspect = false, strikes = 0
  WHERE run = $1 AND incarnation = $2 AND epoch = $3 AND owner = $4 AND position = $5 AND codes = $6
    AND consumed <= $7 AND inbox_seq >= $7
  RETURNING id, position, inbox_seq
)
INSERT INTO perdure.segments (run_id, position, kind, text) SELECT id, position, 'delta', $14 FROM turn
RETURNING position, (SELECT inbox_seq FROM turn)`;

/**
 * Any commits, each judged alone. `locked` takes the rows one by one in the order of ids, so that groups which meet cannot
 * deadlock, and sees each as it is once its lock is held. What has been delivered is judged on that row, never by a query over the
 * inbox, which would see the inbox as it was before the wait.
 */
const GROUP = `
WITH given AS (
  SELECT * FROM json_to_recordset($1::json) AS given (n integer, run text, incarnation text, epoch bigint, worker text,
    commit_id text, position bigint, kind text, text text, status text, reason text, result text, codes integer, consumed bigint,
    wake_at double precision, release boolean, now double precision, outbox json)
  ORDER BY run COLLATE "C"
),
locked AS MATERIALIZED (
  SELECT given.*, saved.* FROM given CROSS JOIN LATERAL (
    SELECT runs.id, runs.incarnation AS saved_incarnation, runs.epoch AS saved_epoch, runs.owner, runs.position AS saved_position,
      runs.consumed AS saved_consumed, runs.inbox_seq, runs.result AS saved_result, runs.last_commit
    FROM perdure.runs WHERE runs.run = given.run FOR UPDATE
  ) AS saved
),
judged AS MATERIALIZED (
  SELECT locked.*,
    CASE
      WHEN incarnation = saved_incarnation AND commit_id = last_commit THEN 'repeated'
      WHEN incarnation <> saved_incarnation OR epoch <> saved_epoch OR worker IS DISTINCT FROM owner OR position <> saved_position
        OR consumed < saved_consumed OR consumed > inbox_seq
        OR EXISTS (SELECT FROM json_array_elements(locked.outbox) AS outgoing (item), perdure.outbox
          WHERE outbox.run_id = locked.id AND outbox.seq = (item->>'seq')::bigint) THEN 'fenced'
      WHEN NOT EXISTS (SELECT FROM perdure.codesets WHERE codesets.id = locked.codes) THEN 'codes'
      ELSE 'applied'
    END AS verdict,
    status IN ${ENDED_SQL} AS ended,
    status = 'stuck' AND inbox_seq > consumed AS awoken
  FROM locked
),
applied AS MATERIALIZED (
  SELECT judged.*, coalesce(saved_result, result) AS new_result, kind IS NOT NULL OR ended AS progress,
    position + CASE WHEN kind IS NULL THEN 0 ELSE 1 END AS new_position
  FROM judged WHERE verdict = 'applied'
),
written AS (
  INSERT INTO perdure.segments (run_id, position, kind, text)
  SELECT id, new_position, kind, text FROM applied WHERE kind IS NOT NULL AND NOT ended
),
replaced AS (
  DELETE FROM perdure.segments USING applied
  WHERE segments.run_id = applied.id AND segments.position <= applied.position AND (applied.ended OR applied.kind = 'base')
),
sent AS (
  INSERT INTO perdure.outbox (run_id, seq, entry)
  SELECT applied.id, (item->>'seq')::bigint, item->>'entry'
  FROM applied CROSS JOIN LATERAL json_array_elements(applied.outbox) WITH ORDINALITY AS outgoing (item, place)
  ORDER BY applied.n, place
),
head AS (
  UPDATE perdure.runs SET
    status = CASE WHEN awoken THEN CASE WHEN new_result IS NULL THEN 'waiting' ELSE 'finishing' END ELSE applied.status END,
    reason = CASE WHEN awoken THEN NULL ELSE applied.reason END,
    result = new_result,
    codes = applied.codes,
    position = new_position,
    base = CASE WHEN kind = 'base' AND NOT ended THEN new_position ELSE base END,
    consumed = applied.consumed,
    wake_at = CASE WHEN ended OR (applied.status IN ${DORMANT_SQL} AND NOT awoken) THEN NULL ELSE applied.wake_at END,
    suspect = suspect AND NOT progress,
    strikes = CASE WHEN progress THEN 0 ELSE strikes END,
    updated_at = applied.now,
    last_commit = applied.commit_id,
    owner = CASE WHEN release OR ended OR applied.status IN ${DORMANT_SQL} THEN NULL ELSE runs.owner END
  FROM applied WHERE runs.id = applied.id
)
SELECT n, verdict, saved_epoch, saved_position, inbox_seq FROM judged`;

/** The turn of a run that goes on: what most commits are. */
const isPlain = ({ segment, status, release, outbox }: Commit): boolean =>
  segment?.kind === "delta" && !release && outbox.length === 0 && !ENDED.has(status) && !DORMANT.has(status);

async function commitTurn(session: Session, sets: CodeSets, commit: Commit): Promise<CommitOutcome | undefined> {
  const codes = sets.known(commit.codes);
  if (codes === undefined || !isPlain(commit)) return undefined;
  const { run, incarnation, epoch, worker } = commit.lease;
  const { position, consumed, wakeAt, now, commitId, status, reason, result, segment } = commit;
  const fence = [run, incarnation, epoch, worker, position, codes] as const;
  const change = [consumed, wakeAt, now, commitId, status, reason, result] as const;
  const [row] = await session.query("commit", TURN, ...fence, ...change, segment!.text);
  // It does not follow, or is a repetition, or has other codes: the general statement says which.
  return row && { type: "ok", position: Number(row[0]), inboxSeq: Number(row[1]) };
}

const asJson = (commit: Commit, n: number, codes: number) => ({
  n,
  run: commit.lease.run,
  incarnation: commit.lease.incarnation,
  epoch: commit.lease.epoch,
  worker: commit.lease.worker,
  commit_id: commit.commitId,
  position: commit.position,
  kind: commit.segment?.kind ?? null,
  text: commit.segment?.text ?? null,
  status: commit.status,
  reason: commit.reason,
  result: commit.result,
  codes,
  consumed: commit.consumed,
  wake_at: commit.wakeAt,
  release: commit.release,
  now: commit.now,
  outbox: commit.outbox.map((entry) => ({ seq: entry.seq, entry: JSON.stringify(entry) })),
});

export async function commitGroup(
  session: Session,
  sets: CodeSets,
  group: readonly Commit[],
): Promise<readonly CommitOutcome[]> {
  if (group.length === 0) return [];
  if (group.length === 1) {
    const outcome = await commitTurn(session, sets, group[0]!);
    if (outcome !== undefined) return [outcome];
  }
  const outcomes = new Array<CommitOutcome>(group.length);
  let left = group.map((_, n) => n);
  while (left.length > 0) {
    const given: object[] = [];
    for (const n of left) given.push(asJson(group[n]!, n, await sets.intern(session, "commit", group[n]!.codes)));
    const rows = await session.query("commit", GROUP, JSON.stringify(given));
    for (const n of left) outcomes[n] = { type: "fenced", epoch: null };
    left = [];
    for (const [at, verdict, epoch, saved, inboxSeq] of rows) {
      const n = Number(at);
      const { codes, segment } = group[n]!;
      if (verdict === "codes") {
        // Its set of codes was swept meanwhile: nothing was applied, and it is made anew.
        sets.forget(codes);
        left.push(n);
      } else if (verdict === "fenced") outcomes[n] = { type: "fenced", epoch: Number(epoch) };
      else {
        const position = Number(saved) + (verdict === "applied" && segment !== null ? 1 : 0);
        outcomes[n] = { type: "ok", position, inboxSeq: Number(inboxSeq) };
      }
    }
  }
  return outcomes;
}
