/**
 * The commit of a turn like the one before it, in two statements: one that appends the segment if the commit follows from the run
 * as it is, and one that brings the run's row up to it. Whatever is special about a commit takes the general way.
 */
import { type Commit, type CommitOutcome, DORMANT, ENDED } from "../store.ts";
import type { Connection } from "./driver.ts";
import { listOf } from "./rows.ts";

/**
 * The whole of fencing and order, and that nothing but the columns of {@link ADVANCE} would change. A parameter costs a library about as much as a comparison
 * costs SQLite, so what follows from others is none.
 */
const APPEND = `INSERT INTO segments (run, position, previous, kind, text)
  SELECT id, position + 1, tail, 'delta', ?1 FROM runs
  WHERE run = ?2 AND incarnation = ?3 AND epoch = ?4 AND owner = ?5 AND position = ?6 AND consumed <= ?7 AND inbox_seq >= ?7
    AND status = ?8 AND reason IS ?9 AND codes = (SELECT id FROM codesets WHERE codesets.codes = ?10) AND suspect = 0 AND strikes = 0
  RETURNING id`;

const ADVANCE = `UPDATE runs SET position = position + 1, tail = ?1, consumed = ?2, wake_at = ?3, updated_at = ?4, last_commit = ?5
  WHERE id = (SELECT run FROM segments WHERE segments.id = ?1) RETURNING inbox_seq`;

/** Undefined: the commit is not of this sort, and nothing was written. */
export function commitPlainTurn(db: Connection, commit: Commit): CommitOutcome | undefined {
  const { lease, segment, status, consumed, position } = commit;
  if (segment?.kind !== "delta" || commit.release || commit.result !== null || commit.outbox.length > 0)
    return undefined;
  if (ENDED.has(status) || DORMANT.has(status)) return undefined;
  const { run, incarnation, epoch, worker } = lease;
  const fence = [run, incarnation, epoch, worker, position, consumed] as const;
  const tail = db.value(APPEND, segment.text, ...fence, status, commit.reason, listOf(commit.codes));
  if (tail === undefined) return undefined;
  const { wakeAt, now, commitId } = commit;
  const inboxSeq = db.value(ADVANCE, tail, consumed, wakeAt, now, commitId) as number;
  return { type: "ok", position: position + 1, inboxSeq };
}
