/** What the head of a run holds, and what follows from it alone. */

import { compareIds } from "../arguments.ts";
import { dueAt, newHead } from "../judgements.ts";
import { damaged, isCount, isInstant, isRecord, isStatus, isText, parsed } from "../saved.ts";
import type { NewRun, RunId, StoredStatus, WorkerId } from "../store.ts";
import { DORMANT, ENDED } from "../store.ts";
import { DUE_SUSPECTS, dormant, due, ended, shardOf, timeText } from "./keys.ts";
import { isTextName, type Stored, type TextName } from "./texts.ts";

/** The part that a turn changes. The last slot has the newest; in the head it is as of the head's `position`. */
export interface Hot {
  readonly position: number;
  readonly status: StoredStatus;
  readonly reason: Stored | null;
  readonly updatedAt: number;
  readonly consumed: number;
  readonly wakeAt: number | null;
  /** Name of the set of codes. */
  readonly codes: string;
  /** Id of the run's last commit. */
  readonly commit: string | null;
}

export interface Base extends TextName {
  readonly at: number;
}

/** Deltas up to `to`, moved out of the ring: a JSON array of texts. */
export interface Chunk extends TextName {
  readonly from: number;
  readonly to: number;
}

export interface HeadRecord extends Hot {
  readonly incarnation: string;
  readonly fn: string;
  readonly createdAt: number;
  readonly argsDigest: string;
  readonly inboxSeq: number;
  readonly owner: WorkerId | null;
  readonly epoch: number;
  readonly suspect: boolean;
  readonly strikes: number;
  readonly result: Stored | null;
  readonly parent: Stored | null;
  readonly base: Base;
  readonly chunks: readonly Chunk[];
  /** Positions of the first lap at which a lease was ended without its holder's doing: of these slots a stub has to stay for ever. */
  readonly marks: readonly number[];
  /** Items of outgoing entries ever made. */
  readonly sent: number;
  /** A sweep is deleting it: for everybody else there is no such run. */
  readonly swept: boolean;
}

export interface Head {
  readonly run: RunId;
  readonly rev: string;
  readonly record: HeadRecord;
}

const isStored = (value: unknown): boolean => isText(value) || isTextName(value);
const isNullOr =
  (is: (value: unknown) => boolean) =>
  (value: unknown): boolean =>
    value === null || is(value);

const HOT: { readonly [field in keyof Hot]: (value: unknown) => boolean } = {
  position: isCount,
  status: isStatus,
  reason: isNullOr(isStored),
  updatedAt: isInstant,
  consumed: isCount,
  wakeAt: isNullOr(isInstant),
  codes: isText,
  commit: isNullOr(isText),
};
const isChunk = (value: unknown): boolean =>
  isTextName(value) && isCount((value as Chunk).from) && isCount((value as Chunk).to);
const COLD: { readonly [field in Exclude<keyof HeadRecord, keyof Hot>]: (value: unknown) => boolean } = {
  incarnation: isText,
  fn: isText,
  createdAt: isInstant,
  argsDigest: isText,
  inboxSeq: isCount,
  owner: isNullOr(isText),
  epoch: isCount,
  suspect: (value) => typeof value === "boolean",
  strikes: isCount,
  result: isNullOr(isStored),
  parent: isNullOr(isStored),
  base: (value) => isTextName(value) && isCount((value as Base).at),
  chunks: (value) => Array.isArray(value) && value.every(isChunk),
  marks: (value) => Array.isArray(value) && value.every(isCount),
  sent: isCount,
  swept: (value) => typeof value === "boolean",
};

const check = (value: Record<string, unknown>, form: Readonly<Record<string, (value: unknown) => boolean>>): void => {
  for (const name in form) if (!form[name]!(value[name])) damaged(`${name} of a run has another form`);
};

/** Without the rest, which would undo later changes of it where the hot part is laid over a head. */
export function hotPart({ position, status, reason, updatedAt, consumed, wakeAt, codes, commit }: HeadRecord): Hot {
  return { position, status, reason, updatedAt, consumed, wakeAt, codes, commit };
}

/** What the head's item holds. */
export function recordOf(text: string): HeadRecord {
  const record = parsed(text, "the head of a run");
  if (!isRecord(record)) return damaged("the head of a run is no object");
  check(record, HOT);
  check(record, COLD);
  return record as unknown as HeadRecord;
}

/** What can be read of a damaged one, for people. */
export function restOf(text: string | undefined): Partial<HeadRecord> {
  try {
    const record: unknown = JSON.parse(text ?? "");
    return isRecord(record) ? record : {};
  } catch {
    return {};
  }
}

/** What a slot holds. */
export function hotIn(text: string, position: number, commit: string): Hot {
  const rest = parsed(text, "a slot");
  if (!isRecord(rest)) return damaged("a slot is no object");
  const hot = { ...rest, position, commit };
  check(hot, HOT);
  return hot as unknown as Hot;
}

export const newRecord = (run: NewRun, codes: string, base: TextName, parent: Stored | null): HeadRecord => ({
  ...newHead(run),
  codes,
  parent,
  commit: null,
  base: { ...base, at: 0 },
  chunks: [],
  marks: [],
  sent: 0,
  swept: false,
});

/** Under what the index lists the run; null: nothing. */
export function listing(run: RunId, record: HeadRecord, shards: number): { dk: string; da: string } | null {
  if (ENDED.has(record.status) || record.swept)
    return { dk: ended(shardOf(run, shards)), da: timeText(record.updatedAt) };
  if (DORMANT.has(record.status)) return { dk: dormant(record.status), da: run };
  const at = dueAt(record);
  if (record.owner !== null || at === null) return null;
  return { dk: record.suspect ? DUE_SUSPECTS : due(shardOf(run, shards)), da: timeText(at) };
}

/** With one more place at which a lease was ended. Slots of later laps must exist to be written: they need no mark. */
export const marksWith = ({ marks }: HeadRecord, position: number, slots: number): readonly number[] =>
  position > slots || marks.includes(position) ? marks : [...marks, position];

/** Everything up to here can be read without the ring. */
export const covered = ({ base, chunks }: HeadRecord): number => chunks.at(-1)?.to ?? base.at;

/** In the order of ids. */
export const byRun = <T extends { readonly run: RunId }>(a: T, b: T): number => compareIds(a.run, b.run);
