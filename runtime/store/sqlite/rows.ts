/** Between rows of `runs` and the heads of the contract. */

import type { PerdureError } from "../../errors.ts";
import { dueAt } from "../judgements.ts";
import { checkedHead, checkedSegment, Damaged, damaged, isCount, salvaged } from "../saved.ts";
import type { RunHead, Segment, StoredStatus, StoreFailure } from "../store.ts";
import { bytesOf, packed, textIn, unlessBytes, unpacked } from "./columns.ts";
import type { Connection, SqlValue } from "./driver.ts";

const COLUMNS = [
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
  "tail",
  "inbox_seq",
  "consumed",
  "wake_at",
  "due_at",
  "owner",
  "epoch",
  "codes",
  "suspect",
  "strikes",
  "result",
  "parent",
  "last_commit",
] as const;

// json() stands outside: what it gives is text again once it has come through a subquery, in some versions of SQLite.
const ROW = packed(...COLUMNS, "json((SELECT codesets.codes FROM codesets WHERE codesets.id = runs.codes))");

/** One run, as it is at this instant of the transaction. */
export interface Found {
  readonly id: number;
  readonly head: RunHead;
  /** In the order of {@link COLUMNS}: no record, since a row has more columns than a literal object keeps as fields. */
  readonly values: readonly SqlValue[];
}

type Column = (typeof COLUMNS)[number];

const AT = Object.fromEntries(COLUMNS.map((column, n) => [column, n])) as Readonly<Record<Column, number>>;

/** What stands in a column. */
export const columnOf = ({ values }: Pick<Found, "values">, column: Column): SqlValue => values[AT[column]]!;

function found(saved: SqlValue): Found {
  const values = unpacked(saved);
  const head = checkedHead(readHead(values, values[COLUMNS.length] as unknown as string[]));
  const [base, tail] = [values[AT.base], values[AT.tail]];
  if (!isCount(base) || !(tail === null || isCount(tail))) damaged(`the run ${head.run} has lost its segments`);
  return { id: values[AT.id] as number, head, values };
}

/** Nothing is taken for what it should be: {@link checkedHead} looks at all of it. */
const readHead = (values: readonly SqlValue[], codes: readonly string[]): RunHead => ({
  run: values[AT.run] as string,
  incarnation: values[AT.incarnation] as string,
  fn: values[AT.fn] as string,
  status: values[AT.status] as StoredStatus,
  reason: values[AT.reason] as string | null,
  createdAt: values[AT.created_at] as number,
  updatedAt: values[AT.updated_at] as number,
  argsDigest: values[AT.args_digest] as string,
  position: values[AT.position] as number,
  inboxSeq: values[AT.inbox_seq] as number,
  consumed: values[AT.consumed] as number,
  wakeAt: values[AT.wake_at] as number | null,
  owner: values[AT.owner] as string | null,
  epoch: values[AT.epoch] as number,
  codes,
  suspect: values[AT.suspect] === 1,
  strikes: values[AT.strikes] as number,
  result: values[AT.result] as string | null,
  parent: values[AT.parent] as string | null,
});

function find(db: Connection, where: string, key: string | number): Found | undefined {
  let saved: SqlValue | undefined;
  try {
    saved = db.value(`SELECT ${ROW} FROM runs WHERE ${where}`, key);
  } catch (error) {
    const why = damageOf(error);
    throw why === undefined ? error : new Damaged(why, { cause: error });
  }
  return saved === undefined ? undefined : found(saved);
}

export const findRun = (db: Connection, run: string): Found | undefined => find(db, "run = ?", run);

export const findId = (db: Connection, id: number): Found => find(db, "id = ?", id)!;

/** As a coded error. */
export type Damage = (why: string) => PerdureError & StoreFailure;

/** What is wrong with one row, of which others shall not suffer; undefined: the error is about something else. */
export function damageOf(error: unknown): string | undefined {
  if (error instanceof Damaged) return error.message;
  // What SQL itself cannot read: bytes where JSON was to be made of a text, JSON that is none.
  return (error as { code?: unknown } | null)?.code === "SQLITE_ERROR" ? (error as Error).message : undefined;
}

/** Of a row in which anything may stand: what can be read, and the rest empty. */
const REST = packed(...COLUMNS.map(unlessBytes));

function findRest(db: Connection, id: number, damage: PerdureError): RunHead {
  let values: readonly SqlValue[] = [];
  try {
    values = unpacked(db.value(`SELECT ${REST} FROM runs WHERE id = ?`, id));
  } catch (error) {
    if (damageOf(error) === undefined) throw error;
  }
  return salvaged(readHead(values, []), damage);
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
export function updateRun(db: Connection, found: Found, change: { readonly [C in Column]?: SqlValue }): void {
  const columns = (Object.keys(change) as Column[]).filter((column) => change[column] !== columnOf(found, column));
  if (columns.length === 0) return;
  const set = columns.map((column) => `${column} = ?`).join();
  db.run(`UPDATE runs SET ${set} WHERE id = ?`, ...columns.map((column) => change[column]!), found.id);
}

/** What `runs.due_at` is to be. */
export const dueColumn = (head: Parameters<typeof dueAt>[0] & Pick<RunHead, "owner">): number | null =>
  head.owner === null ? dueAt(head) : null;

/** A set of codes as `codesets` holds it. */
export const listOf = (codes: readonly string[]): string =>
  JSON.stringify(codes.length < 2 ? codes : [...new Set(codes)].sort());

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

/** Positions fall from one to the next, so that it ends even where somebody has led it in a circle. `until`: a condition for all but the first. */
const chain = (until = "true"): string => `WITH RECURSIVE chain(id, previous, at) AS (
  SELECT id, previous, position FROM segments WHERE id = ?1
  UNION ALL SELECT segments.id, segments.previous, segments.position FROM segments
    JOIN chain ON segments.id = chain.previous AND segments.position < chain.at WHERE ${until})`;

const SEGMENTS = `${chain()} SELECT ${packed("segments.id", "position", "kind")} AS saved, ${bytesOf("text")} AS text
  FROM chain JOIN segments USING (id) ORDER BY position DESC`;

/** The last segment, the one before it, and so on to the last base. */
export const readChain = (db: Connection, tail: number | null): Segment[] =>
  tail === null
    ? []
    : db.all(SEGMENTS, tail).map((row) => {
        const [id, position, kind] = unpacked(row["saved"]);
        if (!isCount(id) || !isCount(position)) return damaged("a segment has no place");
        return checkedSegment(kind, textIn(row["text"]));
      });

const FROM = `${chain("segments.position >= ?2")} SELECT id FROM chain WHERE at >= ?2 ORDER BY at LIMIT 2`;

/** Of those at the position or later, the numbers of the first and of the one after it, as far as there are any. */
export const segmentsFrom = (db: Connection, tail: number | null, position: number): number[] =>
  db.all(FROM, tail, position).map((row) => row["id"] as number);

const DROP = `${chain()} DELETE FROM segments WHERE id IN (SELECT id FROM chain)`;

export function deleteChain(db: Connection, tail: number | null): void {
  if (tail !== null) db.run(DROP, tail);
}
