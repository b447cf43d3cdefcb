/** Transitions of workers: leases, claims, and what they wait for. */
import { Damaged, damaged, damageReason, isCount, isText, readable, readCodes } from "../saved.ts";
import type { Claim, ClaimRequest, Lease, RunHead } from "../store.ts";
import { bytesOf, packed, textIn, unlessBytes, unpacked } from "./columns.ts";
import type { Connection } from "./driver.ts";
import { type Damage, damageOf, type Found, findId, listRuns } from "./rows.ts";

export function renew(db: Connection, worker: string, until: number): boolean {
  const ended = db.value("SELECT ended = 1 FROM workers WHERE id = ?", worker);
  if (ended === undefined) db.run("INSERT INTO workers (id, until, ended) VALUES (?, ?, 0)", worker, until);
  else if (ended === 1) return false;
  else db.run("UPDATE workers SET until = max(until, ?) WHERE id = ?", until, worker);
  return true;
}

export function retire(db: Connection, worker: string): void {
  db.run("UPDATE workers SET ended = 1 WHERE id = ?", worker);
  db.run("UPDATE runs SET owner = NULL, wake_at = 0, due_at = 0 WHERE owner = ?", worker);
}

/**
 * Which sets of codes are wholly linked. There are few sets, so each is asked for on its own, through the due index: runs
 * whose code nobody links do not stand in the way of others, however many are due.
 */
export class LinkedSets {
  /** Committed ids are never used again, so what one stands for does not change. */
  readonly #sets = new Map<number, readonly string[]>();

  /** `writes`: the transaction may be undone, and the ids of sets that it made be given to others. */
  of(db: Connection, codes: ReadonlySet<string>, transaction: "reads" | "writes"): number[] {
    return this.#all(db, transaction).flatMap(([id, set]) => (set.every((code) => codes.has(code)) ? id : []));
  }

  notOf(db: Connection, codes: ReadonlySet<string>): number[] {
    return this.#all(db, "reads").flatMap(([id, set]) => (set.every((code) => codes.has(code)) ? [] : id));
  }

  #all(db: Connection, transaction: "reads" | "writes"): (readonly [id: number, codes: readonly string[]])[] {
    const all: (readonly [number, readonly string[]])[] = [];
    for (const { id } of db.all("SELECT id FROM codesets") as { id: number }[]) {
      let set = this.#sets.get(id);
      if (set === undefined) {
        try {
          set = readCodes(textIn(db.value(`SELECT ${bytesOf("codes")} FROM codesets WHERE id = ?`, id)));
        } catch (error) {
          // Nobody links what nobody can read; those who list the runs that need it are told.
          if (error instanceof Damaged) continue;
          throw error;
        }
        if (transaction === "reads") this.#sets.set(id, set);
      }
      all.push([id, set]);
    }
    return all;
  }
}

function due(db: Connection, sets: readonly number[], suspect: 0 | 1, now: number, limit: number): number[] {
  if (limit <= 0) return [];
  const sql =
    "SELECT id, CAST(due_at AS REAL) AS due_at FROM runs WHERE codes = ? AND suspect = ? AND due_at <= ? ORDER BY due_at LIMIT ?";
  const rows = sets.flatMap((set) => db.all(sql, set, suspect, now, limit)) as { id: number; due_at: number }[];
  rows.sort((a, b) => a.due_at - b.due_at);
  return rows.slice(0, limit).map(({ id }) => id);
}

function abandoned(db: Connection, sets: readonly number[], now: number, limit: number): number[] {
  if (limit <= 0) return [];
  const sql = `SELECT id FROM runs WHERE owner IN (SELECT id FROM workers WHERE ended = 1 OR until < ?)
    AND codes IN (SELECT value FROM json_each(?)) LIMIT ?`;
  return db.all(sql, now, JSON.stringify(sets), limit).map((row) => row["id"] as number);
}

/** Undefined: its row is damaged. Until somebody has mended it nobody could drive the run, and it would be claimed for ever: it is blocked. */
function findOrBlock(db: Connection, id: number, damage: Damage): Found | undefined {
  try {
    return findId(db, id);
  } catch (error) {
    const why = damageOf(error);
    if (why === undefined) throw error;
    const sql = "UPDATE runs SET status = 'blocked', reason = ?, owner = NULL, due_at = NULL WHERE id = ?";
    db.run(sql, damageReason(damage(why)), id);
    return undefined;
  }
}

export function claim(db: Connection, request: ClaimRequest, linked: LinkedSets, damage: Damage): Claim[] {
  const { worker, now, limit } = request;
  if (db.value("SELECT 1 FROM workers WHERE id = ? AND ended = 0 AND until >= ?", worker, now) === undefined) return [];
  const sets = linked.of(db, request.codes, "writes");
  const suspects = Math.min(request.suspects, limit);
  const chosen = abandoned(db, sets, now, suspects);
  chosen.push(...due(db, sets, 1, now, suspects - chosen.length));
  chosen.push(...due(db, sets, 0, now, limit - chosen.length));
  const found = chosen.flatMap((id) => findOrBlock(db, id, damage) ?? []);
  if (found.length === 0) return [];

  const last = db.value(
    "UPDATE counters SET value = value + ? WHERE name = 'epoch' RETURNING CAST(value AS INTEGER)",
    found.length,
  );
  if (!isCount(last)) return damaged("the counter of epochs is none");
  const first = last - found.length + 1;
  return found.map((one, index) => take(db, one, worker, first + index));
}

const TAKE = "UPDATE runs SET owner = ?, epoch = ?, suspect = ?, strikes = ?, due_at = NULL WHERE id = ?";

function take(db: Connection, found: Found, worker: string, epoch: number): Claim {
  const before = found.head;
  const takenOver = before.owner !== null;
  if (before.owner !== null) db.run("UPDATE workers SET ended = 1 WHERE id = ?", before.owner);
  const suspect = before.suspect || takenOver;
  const strikes = before.strikes + (takenOver && before.suspect ? 1 : 0);
  db.run(TAKE, worker, epoch, suspect ? 1 : 0, strikes, found.id);
  const { run, incarnation } = before;
  return {
    lease: { run, incarnation, worker, epoch },
    head: { ...before, owner: worker, epoch, suspect, strikes },
    takenOver,
  };
}

const OWNED = packed(...["run", "incarnation", "epoch", "inbox_seq", "consumed"].map(unlessBytes));

export const owned = (db: Connection, worker: string): { lease: Lease; inboxSeq: number; consumed: number }[] =>
  readable(db.all(`SELECT ${OWNED} AS saved FROM runs WHERE owner = ? ORDER BY run`, worker), (row) => {
    const [run, incarnation, epoch, inboxSeq, consumed] = unpacked(row["saved"]);
    return isText(run) && isText(incarnation) && isCount(epoch) && isCount(inboxSeq) && isCount(consumed)
      ? { lease: { run, incarnation, worker, epoch }, inboxSeq, consumed }
      : damaged(`a run that the worker ${worker} owns has another form`);
  });

export function nextWake(db: Connection, codes: ReadonlySet<string>, linked: LinkedSets): number | null {
  const sql =
    "SELECT CAST(due_at AS REAL) FROM runs WHERE codes = ? AND suspect = ? AND due_at IS NOT NULL ORDER BY due_at LIMIT 1";
  let earliest: number | null = null;
  for (const set of linked.of(db, codes, "reads")) {
    for (const suspect of [0, 1]) {
      const saved = db.value(sql, set, suspect);
      if (saved === undefined) continue;
      // Before all time, or never: a damaged row, which the claim deals with once it is due.
      const at = Math.max(0, Number(saved));
      if (Number.isFinite(at) && (earliest === null || at < earliest)) earliest = at;
    }
  }
  return earliest;
}

export const unlinked = (db: Connection, codes: ReadonlySet<string>, sets: LinkedSets, damage: Damage): RunHead[] =>
  sets
    .notOf(db, codes)
    .flatMap((set) => listRuns(db, damage, "codes = ? AND due_at IS NOT NULL ORDER BY suspect, due_at LIMIT 1", set));
