/** Between rows of `runs` and the heads of the contract. */

import type { PerdureError } from "../../errors.ts";
import { dueAt } from "../judgements.ts";
import { checkedHead, checkedSegment, Damaged, damaged, isCount, salvaged } from "../saved.ts";
import type { RunHead, Segment, StoredStatus, StoreFailure } from "../store.ts";
import { bytesOf, packed, textIn, unpacked } from "./columns.ts";
import type { Connection, Row, SqlValue } from "./driver.ts";

const COLUMNS = [
  ...[
    "id",
    "run",
    "incarnation",
    "fn",
    "status",
    "reason",
    "created_at",
    "updated_at",
    "args_digest",
    "position",
    "base",
  ],
  ...["tail", "inbox_seq", "consumed", "wake_at", "due_at", "owner", "epoch", "codes", "suspect", "strikes", "result"],
  ...["parent", "last_commit"],
];

const ROW = packed(...COLUMNS, "(SELECT json(codesets.codes) FROM codesets WHERE codesets.id = runs.codes)");

/** One run, as it is at this instant of the transaction. */
export interface Found {
  readonly id: number;
  readonly row: Row;
  readonly head: RunHead;
}

function found(saved: SqlValue): Found {
  const values = unpacked(saved);
  const row: Record<string, SqlValue> = {};
  for (let n = 0; n < COLUMNS.length; n++) row[COLUMNS[n]!] = values[n]!;
  const head = checkedHead(readHead(row, values[COLUMNS.length] as unknown as string[]));
  if (!isCount(row["base"]) || !(row["tail"] === null || isCount(row["tail"])))
    damaged(`the run ${head.run} has lost its segments`);
  return { id: row["id"] as number, row, head };
}

const text = (row: Row, column: string): string => row[column] as string;
const number = (row: Row, column: string): number => row[column] as number;

const readHead = (row: Row, codes: readonly string[]): RunHead => ({
  run: text(row, "run"),
  incarnation: text(row, "incarnation"),
  fn: text(row, "fn"),
  status: text(row, "status") as StoredStatus,
  reason: row["reason"] as string | null,
  createdAt: number(row, "created_at"),
  updatedAt: number(row, "updated_at"),
  argsDigest: text(row, "args_digest"),
  position: number(row, "position"),
  inboxSeq: number(row, "inbox_seq"),
  consumed: number(row, "consumed"),
  wakeAt: row["wake_at"] as number | null,
  owner: row["owner"] as string | null,
  epoch: number(row, "epoch"),
  codes,
  suspect: row["suspect"] === 1,
  strikes: number(row, "strikes"),
  result: row["result"] as string | null,
  parent: row["parent"] as string | null,
});

export function findRun(db: Connection, run: string): Found | undefined {
  const saved = db.value(`SELECT ${ROW} FROM runs WHERE run = ?`, run);
  return saved === undefined ? undefined : found(saved);
}

export const findId = (db: Connection, id: number): Found =>
  found(db.value(`SELECT ${ROW} FROM runs WHERE id = ?`, id)!);

/** As a coded error. */
export type Damage = (why: string) => PerdureError & StoreFailure;

/** What is wrong with one row, of which others shall not suffer; undefined: the error is about something else. */
export function damageOf(error: unknown): string | undefined {
  if (error instanceof Damaged) return error.message;
  // What SQL itself cannot read: bytes where JSON was to be made of a text, JSON that is none.
  return (error as { code?: unknown } | null)?.code === "SQLITE_ERROR" ? (error as Error).message : undefined;
}

/** Of a row in which anything may stand: what can be read, and the rest empty. */
const REST = packed(...COLUMNS.map((column) => `iif(typeof(${column}) = 'blob', NULL, ${column})`));

function findRest(db: Connection, id: number, damage: PerdureError): RunHead {
  let row: Record<string, SqlValue> = {};
  try {
    const values = unpacked(db.value(`SELECT ${REST} FROM runs WHERE id = ?`, id));
    row = Object.fromEntries(COLUMNS.map((column, n) => [column, values[n]!]));
  } catch (error) {
    if (damageOf(error) === undefined) throw error;
  }
  return salvaged(readHead(row, []), damage);
}

/** Heads for people, `where` may end with an order and a limit. Of a damaged one what is left, and why: it must not hide the others. */
export function listRuns(db: Connection, damage: Damage, where: string, ...values: SqlValue[]): RunHead[] {
  try {
    return db.all(`SELECT ${ROW} AS found FROM runs WHERE ${where}`, ...values).map((row) => found(row["found"]!).head);
  } catch (error) {
    if (damageOf(error) === undefined) throw error;
  }
  return db.all(`SELECT id FROM runs WHERE typeof(run) = 'text' AND ${where}`, ...values).map((row) => {
    const id = row["id"] as number;
    try {
      return findId(db, id).head;
    } catch (error) {
      const why = damageOf(error);
      if (why === undefined) throw error;
      return findRest(db, id, damage(why));
    }
  });
}

/** Writes the columns that change, and only those: naming an indexed column would rewrite its index in every turn. */
export function updateRun(db: Connection, { id, row }: Found, change: Row): void {
  const columns = Object.keys(change).filter((column) => change[column] !== row[column]);
  if (columns.length === 0) return;
  const set = columns.map((column) => `${column} = ?`).join();
  db.run(`UPDATE runs SET ${set} WHERE id = ?`, ...columns.map((column) => change[column]!), id);
}

/** What `runs.due_at` is to be. */
export const dueColumn = (head: Parameters<typeof dueAt>[0] & Pick<RunHead, "owner">): number | null =>
  head.owner === null ? dueAt(head) : null;

/** A set of codes as `codesets` holds it. */
export const listOf = (codes: readonly string[]): string => JSON.stringify([...new Set(codes)].sort());

/** The row of a set of codes, made when it is new. */
export function internCodes(db: Connection, codes: readonly string[]): number {
  const list = listOf(codes);
  const known = db.value("SELECT id FROM codesets WHERE codes = ?", list);
  return (known ?? db.value("INSERT INTO codesets (codes) VALUES (?) RETURNING id", list)) as number;
}

/** Are these the run's codes already? */
export const sameCodes = (head: RunHead, codes: readonly string[]): boolean =>
  head.codes.length === codes.length && new Set([...head.codes, ...codes]).size === codes.length;

export function appendSegment(
  db: Connection,
  run: number,
  position: number,
  previous: number | null,
  { kind, text }: Segment,
): number {
  const sql = "INSERT INTO segments (run, position, previous, kind, text) VALUES (?, ?, ?, ?, ?) RETURNING id";
  return db.value(sql, run, position, previous, kind, text) as number;
}

/** Positions fall from one to the next, so that it ends even where somebody has led it in a circle. */
const CHAIN = `WITH RECURSIVE chain(id, previous, at) AS (
  SELECT id, previous, position FROM segments WHERE id = ?
  UNION ALL SELECT segments.id, segments.previous, segments.position FROM segments
    JOIN chain ON segments.id = chain.previous AND segments.position < chain.at)`;

export interface SavedSegment {
  readonly id: number;
  readonly position: number;
  readonly segment: Segment;
}

const SEGMENTS = `${CHAIN} SELECT ${packed("segments.id", "position", "kind")} AS saved, ${bytesOf("text")} AS text
  FROM chain JOIN segments USING (id) ORDER BY position DESC`;

/** The last segment, the one before it, and so on to the last base. */
export const readChain = (db: Connection, tail: number | null): SavedSegment[] =>
  tail === null
    ? []
    : db.all(SEGMENTS, tail).map((row) => {
        const [id, position, kind] = unpacked(row["saved"]);
        if (!isCount(id) || !isCount(position)) return damaged("a segment has no place");
        return { id, position, segment: checkedSegment(kind, textIn(row["text"])) };
      });

export function deleteChain(db: Connection, tail: number | null): void {
  if (tail !== null) db.run(`${CHAIN} DELETE FROM segments WHERE id IN (SELECT id FROM chain)`, tail);
}
