/** Transitions of messages, of dormant runs, and what is read and forgotten. */
import { livelyStatus } from "../judgements.ts";
import { damaged, isText, readable, readOutgoing } from "../saved.ts";
import type { Message, Outgoing, RunHead, RunQuery } from "../store.ts";
import { DORMANT, ENDED } from "../store.ts";
import { bytesOf, packed, textIn, unlessBytes, unpacked } from "./columns.ts";
import type { Connection } from "./driver.ts";
import { type Damage, dueColumn, findRun, listRuns, updateRun } from "./rows.ts";
import { ENDED_RUN } from "./schema.ts";

/** Sets of codes are few; only when versions have piled up is it worth a scan to find those that no run needs. */
const MANY_CODESETS = 256;

type Delivered = { type: "accepted" | "gone" } | { type: "duplicate"; body: string };

export function deliver(db: Connection, run: string, incarnation: string | null, message: Message): Delivered {
  const found = findRun(db, run);
  if (found === undefined || (incarnation !== null && found.head.incarnation !== incarnation)) return { type: "gone" };
  const { id, head } = found;
  const won = db.value(`SELECT ${bytesOf("body")} FROM inbox WHERE run = ? AND key = ?`, id, message.key);
  if (won !== undefined) return { type: "duplicate", body: textIn(won) ?? damaged(`a message of ${run} has no body`) };
  if (ENDED.has(head.status)) return { type: "gone" };
  const seq = head.inboxSeq + 1;
  db.run("INSERT INTO inbox (run, seq, key, body) VALUES (?, ?, ?, ?)", id, seq, message.key, message.body);
  const stuck = head.status === "stuck";
  const after: RunHead = stuck
    ? { ...head, inboxSeq: seq, status: livelyStatus(head.result), reason: null }
    : { ...head, inboxSeq: seq };
  updateRun(db, found, { inbox_seq: seq, status: after.status, reason: after.reason, due_at: dueColumn(after) });
  return { type: "accepted" };
}

export function revive(db: Connection, run: string, now: number): boolean {
  const found = findRun(db, run);
  if (found === undefined || !DORMANT.has(found.head.status)) return false;
  const status = livelyStatus(found.head.result);
  const due = dueColumn({ ...found.head, status, wakeAt: now });
  updateRun(db, found, { status, reason: null, wake_at: now, due_at: due, strikes: 0, updated_at: now });
  return true;
}

export function acknowledge(db: Connection, run: string, incarnation: string, seqs: readonly number[]): void {
  const sent = "run = (SELECT id FROM runs WHERE run = ? AND incarnation = ?) AND seq = ?";
  for (const seq of seqs) db.run(`DELETE FROM outbox WHERE ${sent}`, run, incarnation, seq);
}

const PENDING = `SELECT ${packed(...["runs.run", "runs.incarnation", "entry"].map(unlessBytes))} AS saved
  FROM outbox JOIN runs ON runs.id = outbox.run ORDER BY outbox.id LIMIT ?`;

export const pendingOutbox = (db: Connection, limit: number): { run: string; incarnation: string; entry: Outgoing }[] =>
  readable(db.all(PENDING, limit), (row) => {
    const [run, incarnation, entry] = unpacked(row["saved"]);
    if (!isText(run) || !isText(incarnation)) return damaged("a run has no name");
    return { run, incarnation, entry: readOutgoing(entry) };
  });

export const read = (db: Connection, run: string): RunHead | null => findRun(db, run)?.head ?? null;

export function list(db: Connection, damage: Damage, { status, fn, after, limit = 100 }: RunQuery): RunHead[] {
  // The binary order of SQLite's text is that of its UTF-8 bytes, which is that of code points.
  const where = "(? IS NULL OR status = ?) AND (? IS NULL OR fn = ?) AND run > ? ORDER BY run LIMIT ?";
  const [byStatus, byFunction] = [status ?? null, fn ?? null];
  return listRuns(db, damage, where, byStatus, byStatus, byFunction, byFunction, after ?? "", limit);
}

/** For the index of old files the condition stands there in their words too. */
export const ENDED_BEFORE = `SELECT id FROM runs WHERE (${ENDED_RUN}) AND status IN ('done', 'failed', 'cancelled') AND updated_at < ?
  AND NOT EXISTS (SELECT 1 FROM outbox WHERE outbox.run = runs.id) ORDER BY updated_at LIMIT ?`;

export function sweep(db: Connection, before: number, limit: number): number {
  const old = db.all(ENDED_BEFORE, before, limit);
  for (const row of old) {
    const id = row["id"] as number;
    db.run("DELETE FROM inbox WHERE run = ?", id);
    db.run("DELETE FROM runs WHERE id = ?", id);
  }
  db.run("DELETE FROM workers WHERE until < ? AND id NOT IN (SELECT owner FROM runs WHERE owner IS NOT NULL)", before);
  const sets = db.value("SELECT count(*) FROM codesets") as number;
  if (sets > MANY_CODESETS) db.run("DELETE FROM codesets WHERE id NOT IN (SELECT codes FROM runs)");
  return old.length;
}
