/**
 * Commits of turns, in few statements. One after which the run goes on takes two: one that appends the segment if the commit follows from the run as it is, and one
 * that brings the run's row up to it. Whatever is special about a commit takes the general way.
 *
 * None of them gives rows: for a `RETURNING` SQLite makes a table in memory each time, which costs as much as the rest of the statement.
 */
import { type Commit, type CommitOutcome, DORMANT, ENDED } from "../store.ts";
import type { Connection } from "./driver.ts";
import { deleteChain, internCodes, listOf } from "./rows.ts";

/**
 * The whole of fencing and order; and the turn has seen all mail, so that the answer is known. A parameter costs a library about as much as a comparison costs
 * SQLite, so what follows from others is none.
 */
const FOLLOWS =
  "run = ?1 AND incarnation = ?2 AND epoch = ?3 AND owner = ?4 AND position = ?5 AND consumed <= ?6 AND inbox_seq = ?6";

const APPEND = `INSERT INTO segments (run, position, previous, kind, text)
  SELECT id, position + 1, tail, 'delta', ?7 FROM runs WHERE ${FOLLOWS}`;

/** What every turn writes of the run of that segment. */
const progress = (tail: string, more = ""): string =>
  `UPDATE runs SET position = position + 1, consumed = ?1, wake_at = ?2, updated_at = ?3, last_commit = ?4, tail = ${tail}${more}
    WHERE id = (SELECT run FROM segments WHERE segments.id = ${tail})`;

/** A turn like the one before it: nothing but that. */
const ADVANCE = `${progress("last_insert_rowid()")} AND status = ?5 AND reason IS ?6
  AND codes = (SELECT id FROM codesets WHERE codesets.codes = ?7) AND suspect = 0 AND strikes = 0`;

/** Any other: it names columns that have an index, which costs more. */
const CHANGE = progress("?8", ", status = ?5, reason = ?6, codes = ?7, suspect = 0, strikes = 0");

/** Undefined: the commit is not of this sort, and nothing was written. */
export function commitPlainTurn(db: Connection, commit: Commit): CommitOutcome | undefined {
  const { lease, segment, status, reason, consumed, position, codes } = commit;
  if (segment?.kind !== "delta" || commit.release || commit.result !== null || commit.outbox.length > 0)
    return undefined;
  if (ENDED.has(status) || DORMANT.has(status)) return undefined;
  const { run, incarnation, epoch, worker } = lease;
  if (db.run(APPEND, run, incarnation, epoch, worker, position, consumed, segment.text) === 0) return undefined;
  const { wakeAt, now, commitId } = commit;
  if (db.run(ADVANCE, consumed, wakeAt, now, commitId, status, reason, listOf(codes)) === 0) {
    const tail = db.value("SELECT last_insert_rowid()") as number;
    db.run(CHANGE, consumed, wakeAt, now, commitId, status, reason, internCodes(db, codes), tail);
  }
  return { type: "ok", position: position + 1, inboxSeq: consumed };
}

const TAIL = `SELECT tail FROM runs WHERE ${FOLLOWS} AND result IS NULL`;

/** Nothing is left to save. What is given back is due to nobody. */
const END = `UPDATE runs SET status = ?2, reason = ?3, result = ?4, codes = ?5, position = position + 1, tail = NULL, consumed = ?6, wake_at = NULL,
    suspect = 0, strikes = 0, updated_at = ?7, last_commit = ?8, owner = NULL, due_at = NULL
  WHERE run = ?1`;

/** The turn in which a run ends that has nobody to tell. Undefined: the commit is another, and nothing was written. */
export function commitLastTurn(db: Connection, commit: Commit): CommitOutcome | undefined {
  const { lease, status, reason, result, consumed, position, codes, now, commitId } = commit;
  if (commit.segment === null || !ENDED.has(status) || commit.outbox.length > 0) return undefined;
  const { run, incarnation, epoch, worker } = lease;
  const tail = db.value(TAIL, run, incarnation, epoch, worker, position, consumed) as number | null | undefined;
  if (tail === undefined) return undefined;
  deleteChain(db, tail);
  db.run(END, run, status, reason, result, internCodes(db, codes), consumed, now, commitId);
  return { type: "ok", position: position + 1, inboxSeq: consumed };
}
