/** One run of the memory store, and the judgements over it that several transitions share. */
import { follows, newHead } from "../judgements.ts";
import type { Commit, InboxEntry, LoadedRun, NewRun, Outgoing, RunHead, Segment } from "../store.ts";

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
      ...newHead(run),
      codes: Object.freeze([...run.codes]),
      parent: run.parent,
    }),
    lastCommit: null,
    segments: [{ seq: 0, segment: saved(run.segment) }],
    inbox: [],
    keys: new Map(),
    outbox: [],
  };
}

/** Is one of these numbers still pending? */
export const sendsAgain = ({ outbox }: RunRecord, entries: readonly Outgoing[]): boolean =>
  entries.some(({ seq }) => outbox.some(({ entry }) => entry.seq === seq));

/** Does the commit follow from what is saved, its outgoing entries too? */
export const followsAll = (record: RunRecord, commit: Commit): boolean =>
  follows(record.head, commit) && !sendsAgain(record, commit.outbox);

export const whole = ({ head, segments, inbox, outbox }: RunRecord): LoadedRun => ({
  head,
  segments: segments.map(({ segment }) => segment),
  inbox: [...inbox],
  outbox: outbox.map(({ entry }) => copied(entry)),
});
