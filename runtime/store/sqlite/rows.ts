/** Between rows of `runs` and the heads of the contract. */
import type { Lease, NewRun, RunHead, StoredStatus } from "../store.ts";
import { DORMANT, ENDED } from "../store.ts";
import type { Connection, Row } from "./driver.ts";

export const HEAD = "SELECT runs.*, codesets.codes AS code_list FROM runs JOIN codesets ON codesets.id = runs.codes";

const text = (row: Row, column: string): string => row[column] as string;
const number = (row: Row, column: string): number => row[column] as number;

export const readHead = (row: Row): RunHead => ({
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
  codes: JSON.parse(text(row, "code_list")) as string[],
  suspect: row["suspect"] === 1,
  strikes: number(row, "strikes"),
  result: row["result"] as string | null,
  parent: row["parent"] as string | null,
});

export const headOf = (db: Connection, run: string): { id: number; row: Row; head: RunHead } | undefined => {
  const row = db.get(`${HEAD} WHERE runs.run = ?`, run);
  return row === undefined ? undefined : { id: number(row, "id"), row, head: readHead(row) };
};

/** Is the lease valid? The whole of fencing. */
export const holds = (head: RunHead, lease: Lease): boolean =>
  head.incarnation === lease.incarnation && head.epoch === lease.epoch && head.owner === lease.worker;

export const livelyStatus = (result: string | null): StoredStatus => (result === null ? "waiting" : "finishing");

/** What `runs.due_at` is to be, judged on the head alone. */
export function dueAt(head: Pick<RunHead, "status" | "owner" | "inboxSeq" | "consumed" | "wakeAt">): number | null {
  if (head.owner !== null || ENDED.has(head.status) || DORMANT.has(head.status)) return null;
  return head.inboxSeq > head.consumed ? 0 : head.wakeAt;
}

/** The row of a set of codes, made when it is new. */
export function internCodes(db: Connection, codes: readonly string[]): number {
  const list = JSON.stringify([...new Set(codes)].sort());
  const known = db.get("SELECT id FROM codesets WHERE codes = ?", list);
  if (known !== undefined) return number(known, "id");
  return number(db.get("INSERT INTO codesets (codes) VALUES (?) RETURNING id", list)!, "id");
}

export function appendSegment(
  db: Connection,
  run: number,
  position: number,
  previous: number | null,
  segment: NewRun["segment"],
): number {
  const { kind, text } = segment;
  const sql = "INSERT INTO segments (run, position, previous, kind, text) VALUES (?, ?, ?, ?, ?) RETURNING id";
  return number(db.get(sql, run, position, previous, kind, text)!, "id");
}

const CHAIN = `WITH RECURSIVE chain(id, previous) AS (
  SELECT id, previous FROM segments WHERE id = ?
  UNION ALL SELECT segments.id, segments.previous FROM segments JOIN chain ON segments.id = chain.previous)`;

/** The last segment, the one before it, and so on to the last base. */
export const readChain = (db: Connection, tail: number | null): Row[] =>
  tail === null
    ? []
    : db.all(`${CHAIN} SELECT segments.* FROM chain JOIN segments USING (id) ORDER BY position DESC`, tail);

export function deleteChain(db: Connection, tail: number | null): void {
  if (tail !== null) db.run(`${CHAIN} DELETE FROM segments WHERE id IN (SELECT id FROM chain)`, tail);
}
