/**
 * What a store reads back, taken for what it is only once it has been looked at: somebody else may have written it. Only forms are checked
 * here; that a text means what it should is for those who read it.
 */
import type { PerdureError } from "../errors.ts";
import { DORMANT, ENDED, type Outgoing, type RunHead, type Segment, type StoreFailure } from "./store.ts";

/** What is saved is not what a store writes. Each store gives it its own code. */
export class Damaged extends Error {}

export const damaged = (why: string): never => {
  throw new Damaged(why);
};

const shown = (value: unknown): string => {
  const text = typeof value === "string" ? JSON.stringify(value.slice(0, 40)) : String(value);
  return text.slice(0, 60);
};

export const isText = (value: unknown): value is string => typeof value === "string";
export const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0;
export const isInstant = (value: unknown): value is number => Number.isFinite(value);
const isNull = (value: unknown): value is null => value === null;
const isTexts = (value: unknown): value is string[] => Array.isArray(value) && value.every(isText);
export const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const STATUSES: ReadonlySet<unknown> = new Set([...DORMANT, ...ENDED, "running", "waiting", "finishing"]);
export const isStatus = (value: unknown): value is RunHead["status"] => STATUSES.has(value);

/** The field that is not of its type, and what it holds. */
function fault(head: RunHead): readonly [keyof RunHead, unknown] | undefined {
  const { run, incarnation, fn, status, argsDigest, codes, suspect } = head;
  const texts = { run, incarnation, fn, argsDigest };
  for (const name in texts) if (!isText(texts[name as "run"])) return [name as "run", texts[name as "run"]];
  const { reason, owner, result, parent } = head;
  const nullable = { reason, owner, result, parent };
  for (const name in nullable) {
    const value = nullable[name as "reason"];
    if (!isNull(value) && !isText(value)) return [name as "reason", value];
  }
  const { position, inboxSeq, consumed, epoch, strikes } = head;
  const counts = { position, inboxSeq, consumed, epoch, strikes };
  for (const name in counts) if (!isCount(counts[name as "epoch"])) return [name as "epoch", counts[name as "epoch"]];
  const { createdAt, updatedAt, wakeAt } = head;
  if (!isInstant(createdAt)) return ["createdAt", createdAt];
  if (!isInstant(updatedAt)) return ["updatedAt", updatedAt];
  if (!isNull(wakeAt) && !isInstant(wakeAt)) return ["wakeAt", wakeAt];
  if (!isStatus(status)) return ["status", status];
  if (typeof suspect !== "boolean") return ["suspect", suspect];
  return isTexts(codes) ? undefined : ["codes", codes];
}

/** Throws {@link Damaged}. */
export function checkedHead(head: RunHead): RunHead {
  const found = fault(head);
  return found === undefined
    ? head
    : damaged(`the head of the run ${shown(head.run)} has ${found[0]} ${shown(found[1])}`);
}

const EMPTY: RunHead = {
  run: "",
  incarnation: "",
  fn: "",
  status: "blocked",
  reason: null,
  createdAt: 0,
  updatedAt: 0,
  argsDigest: "",
  position: 0,
  inboxSeq: 0,
  consumed: 0,
  wakeAt: null,
  owner: null,
  epoch: 0,
  codes: [],
  suspect: false,
  strikes: 0,
  result: null,
  parent: null,
};

/** As the engine writes reasons: see `RunHead.reason`. */
export const damageReason = ({ code, message, fix, details }: PerdureError): string =>
  JSON.stringify({ code, message, fix, details });

/** What is left of a damaged head, for people: what can be read as it is, the rest empty, and the damage as its reason. One damaged head must not hide the others. */
export function salvaged(head: Partial<RunHead>, damage: PerdureError): RunHead {
  const left = { ...EMPTY, ...head };
  for (let found = fault(left); found !== undefined; found = fault(left))
    Object.assign(left, { [found[0]]: EMPTY[found[0]] });
  return { ...left, reason: damageReason(damage) };
}

/** Reads each of many. Those that can be read; when none can, the damage of the first is thrown, so that it holds nothing up and is told all the same. */
export function readable<T, R>(all: readonly T[], read: (one: T) => R): R[] {
  const values: R[] = [];
  let first: Damaged | undefined;
  for (const one of all) {
    try {
      values.push(read(one));
    } catch (error) {
      if (!(error instanceof Damaged)) throw error;
      first ??= error;
    }
  }
  if (values.length === 0 && first !== undefined) throw first;
  return values;
}

/** What belongs to one run cannot be read: that run alone is blocked. `head`: for `load`. */
export const unreadable = (damage: PerdureError & StoreFailure, head?: RunHead): StoreFailure =>
  Object.assign(damage, { unreadable: true, ...(head && { head }) });

export function parsed(text: unknown, what: string): unknown {
  if (!isText(text)) return damaged(`${what} is ${shown(text)}`);
  try {
    return JSON.parse(text);
  } catch {
    return damaged(`${what} is no JSON`);
  }
}

export const checkedCodes = (codes: unknown): string[] =>
  isTexts(codes) ? codes : damaged("a set of codes is no list of texts");
export const readCodes = (text: unknown): string[] => checkedCodes(parsed(text, "a set of codes"));

export const checkedSegment = (kind: unknown, text: unknown): Segment =>
  (kind === "base" || kind === "delta") && isText(text) ? { kind, text } : damaged(`a segment is ${shown(kind)}`);

export function checkedEntry<E extends { seq: unknown; key: unknown; body: unknown }>(entry: E) {
  const { seq, key, body } = entry;
  if (!isCount(seq) || !isText(key) || !isText(body)) return damaged(`a message has number ${shown(seq)}`);
  return { seq, key, body };
}

export function checkedOutgoing(entry: unknown): Outgoing {
  const wrong = (): never => damaged("an outgoing entry has another form");
  if (!isRecord(entry) || !isCount(entry["seq"])) return wrong();
  if (entry["type"] === "message") {
    const { to, incarnation, message } = entry;
    const fits = isText(to) && (isNull(incarnation) || isText(incarnation)) && isRecord(message);
    return fits && isText(message["key"]) && isText(message["body"]) ? (entry as unknown as Outgoing) : wrong();
  }
  const { create } = entry;
  if (entry["type"] !== "start" || !isRecord(create)) return wrong();
  const { run, incarnation, fn, argsDigest, segment, codes, parent, now } = create;
  const texts = isTexts([run, incarnation, fn, argsDigest]) && (isNull(parent) || isText(parent));
  if (!texts || !isRecord(segment) || !isTexts(codes) || !isInstant(now)) return wrong();
  return segment["kind"] === "base" && isText(segment["text"]) ? (entry as unknown as Outgoing) : wrong();
}

export const readOutgoing = (text: unknown): Outgoing => checkedOutgoing(parsed(text, "an outgoing entry"));
