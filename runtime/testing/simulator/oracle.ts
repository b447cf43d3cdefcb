/** Judges a history by the guarantees of the design; it knows programs, the outside world and the store, and nothing of the engine. */
import type { Json } from "../../codec/contract.ts";
import type { Commit, RunHead } from "../../store/store.ts";
import type { History } from "./history.ts";

export interface Verdict {
  readonly guarantee: string;
  readonly what: string;
}

/** The final state of all runs, and what the outside world offered. */
export interface Finale {
  readonly heads: readonly RunHead[];
  /** Values for which `resume` answered `accepted`, by token. */
  readonly resumed: ReadonlyMap<string, Json>;
}

export function judge(history: History, finale: Finale): Verdict[] {
  return [
    ...oneWriter(history),
    ...stableResults(history, finale),
    ...steps(history),
    ...settledSteps(history),
    ...tokens(history),
    ...nothingLost(finale),
  ];
}

const appliedCommits = (history: History): { commit: Commit; at: number }[] => {
  const seen = new Set<string>();
  return history.all("commit").filter(({ commit, outcome }) => {
    if (outcome.type !== "ok" || seen.has(commit.commitId)) return false;
    seen.add(commit.commitId);
    return true;
  });
};

/** Guarantees 1 and 5: positions follow each other, and only the holder of the last claim commits. */
function* oneWriter(history: History): Generator<Verdict> {
  const epochs = new Map<string, number>();
  const positions = new Map<string, number>();
  const seen = new Set<string>();
  for (const entry of history.entries) {
    if (entry.type === "claim") epochs.set(entry.incarnation, entry.epoch);
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
function* stableResults(history: History, { heads }: Finale): Generator<Verdict> {
  const results = new Map<string, string>();
  for (const { commit } of appliedCommits(history)) {
    const { run } = commit.lease;
    const before = results.get(run);
    if (before !== undefined && commit.result !== before) {
      yield { guarantee: "a result never changes", what: `${run}: ${before} became ${commit.result}` };
    }
    if (commit.result !== null) results.set(run, commit.result);
  }
  for (const { run, result } of history.all("told")) {
    if (result !== results.get(run))
      yield { guarantee: "output commit", what: `a client was told ${result} of ${run}` };
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
 * Guarantee 3: once the turn that received a step's result has committed, no holder of the lease runs it again. Which steps are
 * pending is read from the committed segment.
 */
function* settledSteps(history: History): Generator<Verdict> {
  const pending = new Map<string, { operations: ReadonlySet<string>; next: number; process: string }>();
  const seen = new Set<string>();
  for (const entry of history.entries) {
    if (entry.type === "commit" && entry.outcome.type === "ok" && !seen.has(entry.commit.commitId)) {
      seen.add(entry.commit.commitId);
      const { segment, lease } = entry.commit;
      if (segment === null) continue;
      const state = JSON.parse(segment.text) as { next: number; operations: Record<string, { type: string }> };
      pending.set(lease.incarnation, {
        operations: new Set(Object.keys(state.operations)),
        next: state.next,
        process: entry.process,
      });
    }
    if (entry.type !== "attempt") continue;
    const [incarnation, number] = entry.key.split("/") as [string, string];
    const saved = pending.get(incarnation);
    if (saved === undefined || (Number(number) >= saved.next && saved.process === entry.process)) {
      yield { guarantee: "output commit", what: `${entry.run} issued step ${number} before it was committed` };
    } else if (saved.process === entry.process && !saved.operations.has(number)) {
      yield { guarantee: "a received step never runs again", what: `${entry.run} issued step ${number} again` };
    }
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
