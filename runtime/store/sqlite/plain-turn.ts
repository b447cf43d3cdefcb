/**
 * The commit of a turn like the one before it, in two statements: one that appends the segment if the commit follows from the run
 * as it is, and one that brings the run's row up to it. Whatever is special about a commit takes the general way.
 */
import { type Commit, type CommitOutcome, DORMANT, ENDED } from "../store.ts";
import type { Connection } from "./driver.ts";
import { listOf } from "./rows.ts";

/** The whole of fencing and order, and that nothing but the columns of {@link ADVANCE} would change. */
const APPEND = `INSERT INTO segments (run, position, previous, kind, text)
  SELECT id, ?, tail, 'delta', ? FROM runs
  WHERE run = ? AND incarnation = ? AND epoch = ? AND owner = ? AND position = ? AND consumed <= ? AND inbox_seq >= ?
    AND status = ? AND reason IS ? AND codes = (SELECT id FROM codesets WHERE codesets.codes = ?) AND suspect = 0 AND strikes = 0
  RETURNING id`;

const ADVANCE = `UPDATE runs SET position = ?, tail = ?, consumed = ?, wake_at = ?, updated_at = ?, last_commit = ?
  WHERE run = ? RETURNING inbox_seq`;

/** Undefined: the commit is not of this sort, and nothing was written. */
export function commitPlainTurn(db: Connection, commit: Commit): CommitOutcome | undefined {
  const { lease, segment, status, consumed } = commit;
  if (segment?.kind !== "delta" || commit.release || commit.result !== null || commit.outbox.length > 0)
    return undefined;
  if (ENDED.has(status) || DORMANT.has(status)) return undefined;
  const { run, incarnation, epoch, worker } = lease;
  const position = commit.position + 1;
  const fence = [run, incarnation, epoch, worker, commit.position, consumed, consumed] as const;
  const tail = db.value(APPEND, position, segment.text, ...fence, status, commit.reason, listOf(commit.codes));
  if (tail === undefined) return undefined;
  const { wakeAt, now, commitId } = commit;
  const inboxSeq = db.value(ADVANCE, position, tail, consumed, wakeAt, now, commitId, run) as number;
  return { type: "ok", position, inboxSeq };
}
