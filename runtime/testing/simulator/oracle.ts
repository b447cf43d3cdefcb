/** Judges a history by the guarantees of the design; it knows programs, the outside world and the store, and nothing of the engine. */
import type { Json } from "../../codec/contract.ts";
import type { Settled } from "../../engine/vats.ts";
import type { EncodedOutcome } from "../../machine/contract.ts";
import type { RunHead } from "../../store/store.ts";
import type { History } from "./history.ts";
import { linearizable } from "./linearizability.ts";
import type { Verdict } from "./verdict.ts";

export type { Verdict };

/** The final state of all runs, and what the outside world offered. */
export interface Finale {
  readonly heads: readonly RunHead[];
  /** Values for which `resume` answered `accepted`, or failed without saying that nothing had happened. */
  readonly resumed: readonly (readonly [token: string, value: Json])[];
  readonly decode: Decode;
}

export type Decode = (outcome: EncodedOutcome) => Settled;

/** An outcome as text, for comparison. */
export function shownOutcome(outcome: EncodedOutcome, decode: Decode): string {
  const settled = decode(outcome);
  return settled.status === "fulfilled" ? JSON.stringify(settled.value) : String(settled.reason);
}

export function judge(history: History, finale: Finale): Verdict[] {
  return [
    ...oneWriter(history),
    ...stableResults(history, finale),
    ...steps(history),
    ...issuedSteps(history),
    ...tokens(history),
    ...children(finale),
    ...nothingLost(finale),
    ...linearizable(history),
  ];
}

/** Guarantees 1 and 5: positions follow each other, and only the holder of the last claim commits. */
function* oneWriter(history: History): Generator<Verdict> {
  const epochs = new Map<string, number>();
  const positions = new Map<string, number>();
  const seen = new Set<string>();
  for (const entry of history.entries) {
    if (entry.type === "claim") epochs.set(entry.incarnation, entry.epoch);
    if (entry.type === "end" && !seen.has(entry.ending.commitId)) {
      const { run, incarnation, position, commitId } = entry.ending;
      seen.add(commitId);
      const before = positions.get(incarnation) ?? 0;
      if (position !== before)
        yield { guarantee: "turns are exactly-once", what: `${run}: its end on ${position} after ${before}` };
      // What comes after it has no place.
      positions.set(incarnation, Number.NaN);
    }
    if (entry.type !== "commit" || entry.outcome.type !== "ok" || seen.has(entry.commit.commitId)) continue;
    const { lease, position, segment, commitId } = entry.commit;
    seen.add(commitId);
    const epoch = epochs.get(lease.incarnation);
    if (epoch !== lease.epoch) {
      yield {
        guarantee: "one writer",
        what: `${lease.run} was written under epoch ${lease.epoch} after it was claimed under ${epoch}`,
      };
    }
    const before = positions.get(lease.incarnation) ?? 0;
    if (position !== before)
      yield { guarantee: "turns are exactly-once", what: `${lease.run}: a commit on ${position} after ${before}` };
    if (segment !== null) positions.set(lease.incarnation, position + 1);
  }
}

/** A committed result never changes, and is the one that clients are told. */
function* stableResults(history: History, { heads, decode }: Finale): Generator<Verdict> {
  const results = new Map<string, string>();
  const seen = new Set<string>();
  for (const entry of history.entries) {
    if (entry.type === "told") {
      const committed = results.get(entry.run);
      const outcome =
        committed === undefined ? "nothing" : shownOutcome(JSON.parse(committed) as EncodedOutcome, decode);
      if (entry.result === outcome) continue;
      yield {
        guarantee: "output commit",
        what: `a client was told ${entry.result} of ${entry.run} when ${outcome} was committed`,
      };
    } else if (entry.type === "end") {
      const { run, result } = entry.ending;
      if (result !== null && !results.has(run)) results.set(run, result);
    } else if (entry.type === "commit" && entry.outcome.type === "ok" && !seen.has(entry.commit.commitId)) {
      const { commitId, lease, result } = entry.commit;
      seen.add(commitId);
      const before = results.get(lease.run);
      if (before !== undefined && result !== before) {
        yield { guarantee: "a result never changes", what: `${lease.run}: ${before} became ${result}` };
      }
      if (result !== null) results.set(lease.run, result);
    }
  }
  for (const { run, result } of heads) {
    if (result !== (results.get(run) ?? null))
      yield { guarantee: "a result never changes", what: `${run} ends with ${result}` };
  }
}

/** Guarantees 2 and 3: whatever is sent under one key is the same every time. */
function* steps(history: History): Generator<Verdict> {
  const first = new Map<string, string>();
  for (const { run, name, key, args } of history.all("attempt")) {
    const text = JSON.stringify([run, name, args]);
    const before = first.get(key);
    if (before === undefined) first.set(key, text);
    else if (before !== text)
      yield { guarantee: "steps have identical arguments", what: `${key} of ${run}: ${before}, then ${text}` };
  }
}

/**
 * Guarantees 2 and 3, from the committed segments: a step is issued when it is pending in the last of them, so neither before its
 * commit nor after the commit that received its result. Judged for whoever holds the run: a paused worker cannot know better.
 */
function* issuedSteps(history: History): Generator<Verdict> {
  const pending = new Map<string, ReadonlySet<number>>();
  const ever = new Set<string>();
  const holders = new Map<string, string>();
  const seen = new Set<string>();
  for (const entry of history.entries) {
    if (entry.type === "claim") holders.set(entry.incarnation, entry.process);
    if (entry.type === "end") holders.delete(entry.ending.incarnation);
    if (entry.type === "commit" && entry.outcome.type === "ok" && !seen.has(entry.commit.commitId)) {
      const { segment, lease, commitId } = entry.commit;
      seen.add(commitId);
      if (segment === null) continue;
      const operations = history.operationsIn(segment.text);
      pending.set(lease.incarnation, operations);
      for (const number of operations) ever.add(`${lease.incarnation}/${number}`);
    }
    if (entry.type !== "attempt") continue;
    const [incarnation, number] = entry.key.split("/") as [string, string];
    if (holders.get(incarnation) !== entry.process || pending.get(incarnation)?.has(Number(number))) continue;
    if (!ever.has(entry.key))
      yield { guarantee: "output commit", what: `${entry.run} issued step ${number} before it was committed` };
    else yield { guarantee: "a received step never runs again", what: `${entry.run} issued step ${number} again` };
  }
}

/** Guarantee 4: a token takes one value, the one that was accepted. */
function* tokens(history: History): Generator<Verdict> {
  const accepted = new Map<string, Json>();
  for (const { token, value, outcome } of history.all("resume")) {
    if (outcome !== "accepted") continue;
    if (accepted.has(token)) yield { guarantee: "tokens are exactly-once", what: `${token} accepted two values` };
    accepted.set(token, value);
  }
}

/** Guarantee 4: an operation has one child run, whatever was sent how often. */
function* children({ heads }: Finale): Generator<Verdict> {
  const first = new Map<string, string>();
  for (const { run, parent } of heads) {
    if (parent === null) continue;
    const other = first.get(parent);
    if (other !== undefined)
      yield { guarantee: "children are exactly-once", what: `${other} and ${run} are one child of ${parent}` };
    first.set(parent, run);
  }
}

/** Every run has ended once the faults have stopped. */
function* nothingLost({ heads }: Finale): Generator<Verdict> {
  for (const { run, status, reason, wakeAt, inboxSeq, consumed } of heads) {
    if (status === "done" || status === "failed" || status === "cancelled") continue;
    yield {
      guarantee: "nothing is lost",
      what: `${run} is ${status}, due ${wakeAt}, mail ${inboxSeq}/${consumed}, ${reason}`,
    };
  }
}
