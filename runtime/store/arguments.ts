/**
 * What every store checks before it writes: a text that one store would keep and another cut short (SQLite's C strings
 * end at U+0000, UTF-8 has no lone surrogates) must not get in anywhere.
 */
import { storeError } from "./messages.ts";
import { type Commit, ENDED, type Ending, type Message, type NewRun, type Outgoing } from "./store.ts";

const refuse = (method: string, argument: string, why: string): never => {
  throw storeError("PD3001", "refused", { method, argument, why });
};

// `String.prototype.isWellFormed` is ES2024: in every supported Node, not yet in the library that we compile against.
const isWellFormed = (text: string): boolean => (text as string & { isWellFormed(): boolean }).isWellFormed();

export function checkText(method: string, argument: string, text: unknown): void {
  if (typeof text !== "string")
    refuse(method, argument, `it is ${text === null ? "null" : `a ${typeof text}`}, no string`);
  else if (text.includes("\0")) refuse(method, argument, "it contains U+0000");
  else if (!isWellFormed(text)) refuse(method, argument, "it contains half of a surrogate pair");
}

export function checkName(method: string, argument: string, text: unknown): void {
  checkText(method, argument, text);
  if (text === "") refuse(method, argument, "it is empty");
}

export function checkCount(method: string, argument: string, value: unknown): void {
  if (!Number.isSafeInteger(value) || (value as number) < 0)
    refuse(method, argument, `${String(value)} is not a count`);
}

export function checkTime(method: string, argument: string, value: unknown): void {
  if (typeof value !== "number" || !Number.isFinite(value)) refuse(method, argument, `${String(value)} is not a time`);
}

const optionalText = (method: string, argument: string, text: string | null): void => {
  if (text !== null) checkText(method, argument, text);
};

export function checkNewRun(method: string, run: NewRun): void {
  checkName(method, "run", run.run);
  checkName(method, "incarnation", run.incarnation);
  checkText(method, "fn", run.fn);
  checkText(method, "argsDigest", run.argsDigest);
  if (run.segment.kind !== "base") refuse(method, "segment", "the first segment of a run is a base");
  checkText(method, "segment", run.segment.text);
  for (const code of run.codes) checkText(method, "codes", code);
  optionalText(method, "parent", run.parent);
  checkTime(method, "now", run.now);
}

export function checkMessage(method: string, message: Message): void {
  checkName(method, "message.key", message.key);
  checkText(method, "message.body", message.body);
}

function checkOutbox(method: string, outbox: readonly Outgoing[]): void {
  for (const entry of outbox) {
    checkCount(method, "outbox.seq", entry.seq);
    if (entry.type === "start") checkNewRun(method, entry.create);
    else {
      checkName(method, "outbox.to", entry.to);
      checkMessage(method, entry.message);
    }
  }
  const twice = repeated(outbox, ({ seq }) => seq);
  if (twice !== undefined) refuse(method, "outbox", `it has the number ${twice} twice`);
}

function checkCommit(commit: Commit): void {
  checkName("commit", "commitId", commit.commitId);
  checkCount("commit", "position", commit.position);
  checkCount("commit", "consumed", commit.consumed);
  if (commit.segment !== null) checkText("commit", "segment", commit.segment.text);
  optionalText("commit", "reason", commit.reason);
  optionalText("commit", "result", commit.result);
  for (const code of commit.codes) checkText("commit", "codes", code);
  if (commit.wakeAt !== null) checkTime("commit", "wakeAt", commit.wakeAt);
  checkTime("commit", "now", commit.now);
  checkOutbox("commit", commit.outbox);
}

export function checkEnding(ending: Ending): void {
  checkName("end", "commitId", ending.commitId);
  checkCount("end", "position", ending.position);
  if (!ENDED.has(ending.status)) refuse("end", "status", `${ending.status} is not the end of a run`);
  optionalText("end", "result", ending.result);
  checkOutbox("end", ending.outbox);
  checkTime("end", "now", ending.now);
}

export function checkGroup(group: readonly Commit[]): void {
  for (const commit of group) checkCommit(commit);
  const twice = repeated(group, ({ lease }) => lease.run);
  if (twice !== undefined) refuse("commit", "group", `it has two commits of the run ${twice}`);
}

/** What two of them have. A commit has few entries, and most groups are one commit. */
function repeated<T, K>(all: readonly T[], keyOf: (one: T) => K): K | undefined {
  if (all.length < 2) return undefined;
  const seen = new Set<K>();
  for (const one of all) {
    const key = keyOf(one);
    if (seen.has(key)) return key;
    seen.add(key);
  }
  return undefined;
}

/** A base beyond what was saved would invent state. */
export function checkCompaction(position: number, saved: number): void {
  if (position > saved)
    refuse("compact", "position", `${position} is beyond ${saved}, the last segment that was saved`);
}

/** The order of run ids in every store: by code point, which is also the order of their UTF-8 bytes. */
export function compareIds(a: string, b: string): number {
  for (let i = 0; ; ) {
    const x = a.codePointAt(i);
    const y = b.codePointAt(i);
    if (x !== y) return (x ?? -1) - (y ?? -1);
    if (x === undefined) return 0;
    i += x > 0xffff ? 2 : 1;
  }
}
