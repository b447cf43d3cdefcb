/** Transitions of one run's saved state: create, commit, compact, and reading it whole. */

import { checkCompaction } from "../arguments.ts";
import { dueAt, follows, holds, livelyStatus } from "../judgements.ts";
import { checkedEntry, damaged, readOutgoing, unreadable } from "../saved.ts";
import type {
  Commit,
  CommitOutcome,
  Ending,
  EndingOutcome,
  InboxEntry,
  Lease,
  LoadedRun,
  NewRun,
  Outgoing,
  RunHead,
  Segment,
} from "../store.ts";
import { DORMANT, ENDED } from "../store.ts";
import { bytesOf, packed, textIn, unpacked } from "./columns.ts";
import type { Connection } from "./driver.ts";
import { commitLastTurn, commitPlainTurn } from "./plain-turns.ts";
import {
  appendSegment,
  columnOf,
  type Damage,
  damageOf,
  deleteChain,
  type Found,
  findRun,
  internCodes,
  readChain,
  sameCodes,
  segmentsFrom,
  updateRun,
} from "./rows.ts";

/** The number that the first segment is about to get is that of the run's tail, so that the row need not be written again. */
const CREATE = `INSERT INTO runs (run, incarnation, fn, status, created_at, updated_at, args_digest, position, base, tail, inbox_seq,
    consumed, wake_at, due_at, epoch, codes, suspect, strikes, parent)
  VALUES (?1, ?2, ?3, 'running', ?4, ?4, ?5, 0, 0, (SELECT ifnull(max(id), 0) + 1 FROM segments), 0, 0, ?4, ?4, 0, ?6, 0, 0, ?7)
  ON CONFLICT (run) DO NOTHING`;

const BEGIN = `INSERT INTO segments (id, run, position, previous, kind, text)
  SELECT tail, id, 0, NULL, 'base', ? FROM runs WHERE id = last_insert_rowid()`;

export function create(db: Connection, run: NewRun): { type: "created" } | { type: "exists"; head: RunHead } {
  const { incarnation, fn, now, argsDigest, parent } = run;
  const codes = internCodes(db, run.codes);
  if (db.run(CREATE, run.run, incarnation, fn, now, argsDigest, codes, parent) === 0) {
    const { head } = findRun(db, run.run)!;
    return head.incarnation === incarnation ? { type: "created" } : { type: "exists", head };
  }
  db.run(BEGIN, run.segment.text);
  return { type: "created" };
}

/** Is one of these numbers still pending? */
const sendsAgain = (db: Connection, id: number, outbox: readonly Outgoing[]): boolean =>
  outbox.some(({ seq }) => db.value("SELECT 1 FROM outbox WHERE run = ? AND seq = ?", id, seq) !== undefined);

function send(db: Connection, id: number, outbox: readonly Outgoing[]): void {
  for (const entry of outbox)
    db.run("INSERT INTO outbox (run, seq, entry) VALUES (?, ?, ?)", id, entry.seq, JSON.stringify(entry));
}

/** SQLite locks the whole file, so there is no order in which a group could lock its runs. */
export const commitGroup = (db: Connection, group: readonly Commit[]): CommitOutcome[] =>
  group.map((commit) => commitPlainTurn(db, commit) ?? commitLastTurn(db, commit) ?? apply(db, commit));

function apply(db: Connection, commit: Commit): CommitOutcome {
  const { lease } = commit;
  const found = findRun(db, lease.run);
  if (found === undefined) return { type: "fenced", epoch: null };
  const { id, head } = found;
  if (head.incarnation === lease.incarnation && columnOf(found, "last_commit") === commit.commitId) {
    return { type: "ok", position: head.position, inboxSeq: head.inboxSeq };
  }
  if (!holds(head, lease) || !follows(head, commit) || sendsAgain(db, id, commit.outbox))
    return { type: "fenced", epoch: head.epoch };

  const ended = ENDED.has(commit.status);
  const result = head.result ?? commit.result;
  const awoken = commit.status === "stuck" && head.inboxSeq > commit.consumed;
  const status = awoken ? livelyStatus(result) : commit.status;
  const wakeAt = ended || DORMANT.has(status) ? null : commit.wakeAt;
  const position = head.position + (commit.segment === null ? 0 : 1);
  const { tail, base } = saveSegment(db, found, commit, ended);
  send(db, id, commit.outbox);
  const progress = commit.segment !== null || ended;
  const released = commit.release || ended || DORMANT.has(commit.status);
  const { consumed } = commit;
  updateRun(db, found, {
    status,
    reason: awoken ? null : commit.reason,
    result,
    codes: sameCodes(head, commit.codes) ? columnOf(found, "codes") : internCodes(db, commit.codes),
    position,
    tail,
    base,
    consumed,
    wake_at: wakeAt,
    suspect: head.suspect && !progress ? 1 : 0,
    strikes: progress ? 0 : head.strikes,
    updated_at: commit.now,
    last_commit: commit.commitId,
    owner: released ? null : head.owner,
    due_at: released ? dueAt({ ...head, status, consumed, wakeAt }) : null,
  });
  return { type: "ok", position, inboxSeq: head.inboxSeq };
}

export function end(db: Connection, ending: Ending): EndingOutcome {
  const found = findRun(db, ending.run);
  if (found === undefined || found.head.incarnation !== ending.incarnation) return "gone";
  const { id, head } = found;
  if (columnOf(found, "last_commit") === ending.commitId) return "ended";
  if (ENDED.has(head.status)) return "gone";
  if (head.position !== ending.position || sendsAgain(db, id, ending.outbox)) return "moved";
  deleteChain(db, columnOf(found, "tail") as number | null);
  send(db, id, ending.outbox);
  updateRun(db, found, {
    ...{ reason: null, wake_at: null, due_at: null, owner: null, suspect: 0, strikes: 0, tail: null },
    status: ending.status,
    result: head.result ?? ending.result,
    updated_at: ending.now,
    last_commit: ending.commitId,
  });
  return "ended";
}

/** Appends the segment and drops those that it replaces. */
function saveSegment(
  db: Connection,
  found: Found,
  commit: Commit,
  ended: boolean,
): { tail: number | null; base: number } {
  const { id } = found;
  const tail = columnOf(found, "tail") as number | null;
  const base = columnOf(found, "base") as number;
  const { segment } = commit;
  if (ended) {
    deleteChain(db, tail);
    return { tail: null, base };
  }
  if (segment === null) return { tail, base };
  const position = commit.position + 1;
  if (segment.kind === "delta") return { tail: appendSegment(db, id, position, tail, segment), base };
  deleteChain(db, tail);
  return { tail: appendSegment(db, id, position, null, segment), base: position };
}

export function compact(db: Connection, lease: Lease, position: number, segment: Segment): "ok" | "fenced" {
  const found = findRun(db, lease.run);
  if (found === undefined || !holds(found.head, lease)) return "fenced";
  const { id, head } = found;
  checkCompaction(position, head.position);
  if (position <= (columnOf(found, "base") as number)) return "ok";
  const [replaced, next] = segmentsFrom(db, columnOf(found, "tail") as number | null, position);
  deleteChain(db, replaced ?? damaged(`the run ${lease.run} has no segment ${position}`));
  const tail = appendSegment(db, id, position, null, { kind: "base", text: segment.text });
  if (next === undefined) db.run("UPDATE runs SET tail = ? WHERE id = ?", tail, id);
  else db.run("UPDATE segments SET previous = ? WHERE id = ?", tail, next);
  db.run("UPDATE runs SET base = ? WHERE id = ?", position, id);
  return "ok";
}

export function load(db: Connection, lease: Lease, damage: Damage): LoadedRun | "fenced" {
  const found = findRun(db, lease.run);
  return found === undefined || !holds(found.head, lease) ? "fenced" : whole(db, found, damage);
}

export function inspect(db: Connection, run: string, damage: Damage): LoadedRun | null {
  const found = findRun(db, run);
  return found === undefined ? null : whole(db, found, damage);
}

/** What of this one run is damaged blocks that run alone. */
function ofOneRun<T>(damage: Damage, head: RunHead, read: () => T): T {
  try {
    return read();
  } catch (error) {
    const why = damageOf(error);
    throw why === undefined ? error : unreadable(damage(why), head);
  }
}

const whole = (db: Connection, found: Found, damage: Damage): LoadedRun =>
  ofOneRun(damage, found.head, () => parts(db, found));

const parts = (db: Connection, found: Found): LoadedRun => ({
  head: found.head,
  segments: readChain(db, columnOf(found, "tail") as number | null).reverse(),
  inbox: messagesAfter(db, found.id, found.head.consumed),
  outbox: db
    .all(`SELECT ${bytesOf("entry")} AS entry FROM outbox WHERE run = ? ORDER BY id`, found.id)
    .map((saved) => readOutgoing(textIn(saved["entry"]))),
});

const MESSAGES = `SELECT ${packed("seq", "key", "body")} AS saved FROM inbox WHERE run = ? AND seq > ? ORDER BY seq`;

const messagesAfter = (db: Connection, id: number, after: number): InboxEntry[] =>
  db.all(MESSAGES, id, after).map((row) => {
    const [seq, key, body] = unpacked(row["saved"]);
    return checkedEntry({ seq, key, body });
  });

export function inbox(db: Connection, lease: Lease, after: number, damage: Damage): InboxEntry[] {
  const found = findRun(db, lease.run);
  if (found?.head.incarnation !== lease.incarnation) return [];
  const { id, head } = found;
  return ofOneRun(damage, head, () => messagesAfter(db, id, Math.max(after, head.consumed)));
}
