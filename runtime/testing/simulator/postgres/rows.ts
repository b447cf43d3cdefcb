/** The rows of the store's tables, and what the server generates from them. */
import { DORMANT, ENDED, type RunHead } from "../../../store/store.ts";
import { Table } from "./table.ts";

export interface Run extends Omit<RunHead, "codes"> {
  readonly id: number;
  readonly base: number;
  readonly codes: number;
  readonly lastCommit: string | null;
  /** Messages that a store which parks wrongly has not noticed: up to here they make nothing due. Else 0. */
  readonly missed: number;
}
export interface SegmentRow {
  readonly run: number;
  readonly position: number;
  readonly kind: string;
  readonly text: string;
}
export interface MessageRow {
  readonly run: number;
  readonly seq: number;
  readonly key: string;
  readonly body: string;
}
export interface OutgoingRow {
  readonly id: number;
  readonly run: number;
  readonly seq: number;
  readonly entry: string;
}
export interface WorkerRow {
  readonly id: string;
  readonly until: number;
  readonly ended: boolean;
}
export interface CodeSetRow {
  readonly id: number;
  readonly digest: string;
  readonly codes: string;
}

/** Keys are the tables' unique ones: a run's is its name. */
export const makeTables = () => ({
  runs: new Table<Run>("runs"),
  segments: new Table<SegmentRow>("segments"),
  inbox: new Table<MessageRow>("inbox"),
  outbox: new Table<OutgoingRow>("outbox"),
  workers: new Table<WorkerRow>("workers"),
  codesets: new Table<CodeSetRow>("codesets"),
});
export type Tables = ReturnType<typeof makeTables>;

export const segmentKey = (run: number, position: number): string => `${run}/${position}`;
export const messageKey = (run: number, key: string): string => `${run}/${key}`;
export const outgoingKey = (run: number, seq: number): string => `${run}/${seq}`;

/** `runs.due_at`. */
export function dueAt({ owner, status, inboxSeq, consumed, wakeAt, missed }: Run): number | null {
  if (owner !== null || DORMANT.has(status) || ENDED.has(status)) return null;
  return inboxSeq > Math.max(consumed, missed) ? 0 : wakeAt;
}
/** `runs.ended_at`. */
export const endedAt = ({ status, updatedAt }: Run): number | null => (ENDED.has(status) ? updatedAt : null);

/** The column that the store reads heads from: the columns in its order, and the codes. */
export const headText = (one: Run, codes: string | undefined): string =>
  JSON.stringify([
    ...[one.run, one.incarnation, one.fn, one.status, one.reason, one.createdAt, one.updatedAt, one.argsDigest],
    ...[one.position, one.inboxSeq, one.consumed, one.wakeAt, one.owner, one.epoch, one.suspect, one.strikes],
    ...[one.result, one.parent, codes ?? null],
  ]);
