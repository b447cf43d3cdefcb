/** One run of the memory store, and the judgements over it that several transitions share. */
import type {
  Commit,
  InboxEntry,
  Lease,
  LoadedRun,
  NewRun,
  Outgoing,
  RunHead,
  Segment,
  StoredStatus,
} from "../store.ts";
import { DORMANT, ENDED } from "../store.ts";

export interface RunRecord {
  /** Frozen: a change replaces it, so that a head once given out stays what it was. */
  head: RunHead;
  lastCommit: string | null;
  /** The last base and the deltas after it. */
  segments: { seq: number; segment: Segment }[];
  /** Not yet consumed. */
  inbox: InboxEntry[];
  /** Every key ever delivered, with the body that won. */
  keys: Map<string, string>;
  outbox: { order: number; entry: Outgoing }[];
}

/** Outgoing entries are JSON data. */
export const copied = (entry: Outgoing): Outgoing => JSON.parse(JSON.stringify(entry)) as Outgoing;

export const saved = ({ kind, text }: Segment): Segment => Object.freeze({ kind, text });

export function newRecord(run: NewRun): RunRecord {
  return {
    head: Object.freeze({
      run: run.run,
      incarnation: run.incarnation,
      fn: run.fn,
      status: "running",
      reason: null,
      createdAt: run.now,
      updatedAt: run.now,
      argsDigest: run.argsDigest,
      position: 0,
      inboxSeq: 0,
      consumed: 0,
      wakeAt: run.now,
      owner: null,
      epoch: 0,
      codes: Object.freeze([...run.codes]),
      suspect: false,
      strikes: 0,
      result: null,
      parent: run.parent,
    }),
    lastCommit: null,
    segments: [{ seq: 0, segment: saved(run.segment) }],
    inbox: [],
    keys: new Map(),
    outbox: [],
  };
}

/** Is the lease valid? The whole of fencing. */
export const holds = ({ head }: RunRecord, lease: Lease): boolean =>
  head.incarnation === lease.incarnation && head.epoch === lease.epoch && head.owner === lease.worker;

/** Does the commit follow from what is saved? */
export function follows({ head, outbox }: RunRecord, commit: Commit): boolean {
  if (commit.position !== head.position) return false;
  if (commit.consumed < head.consumed || commit.consumed > head.inboxSeq) return false;
  return !commit.outbox.some(({ seq }) => outbox.some(({ entry }) => entry.seq === seq));
}

/** When the run is due, judged on the head alone: mail makes it due at once. Null: not by itself. */
export function dueAt({ head }: RunRecord): number | null {
  if (ENDED.has(head.status) || DORMANT.has(head.status)) return null;
  return head.inboxSeq > head.consumed ? 0 : head.wakeAt;
}

/** What a dormant run is again once something revives it. */
export const livelyStatus = (result: string | null): StoredStatus => (result === null ? "waiting" : "finishing");

export const whole = ({ head, segments, inbox, outbox }: RunRecord): LoadedRun => ({
  head,
  segments: segments.map(({ segment }) => segment),
  inbox: [...inbox],
  outbox: outbox.map(({ entry }) => copied(entry)),
});
