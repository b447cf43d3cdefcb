/** What the transitions of one store object share. */
import type { Incarnation, Lease, RunId, WorkerId } from "../store.ts";
import type { CodeSets } from "./code-sets.ts";
import type { Recent } from "./recent.ts";
import type { HeadRecord, Hot } from "./record.ts";
import type { Layout } from "./table.ts";
import type { Wire } from "./wire.ts";

/**
 * A run under a lease, as this process last saw or left it. Never trusted: every write names the `rev` of the head or the content of the
 * slot that it builds on, so what has changed since makes the write fail, and the run is read again.
 *
 * One is never changed but replaced: whoever waits while it makes a new head of `record` must not name a `rev` that has come since, or
 * it would undo what came with that.
 */
export interface Held {
  readonly lease: Lease;
  readonly rev: string;
  readonly record: HeadRecord;
  readonly hot: Hot;
  /** Epoch under which slots are written: the lease's, or between it and the next when puts of ours had to be fenced. */
  readonly fence: number;
}

/** A worker's heartbeat as this process saw it. */
export interface Beat {
  /** Another with each heartbeat. */
  readonly beat: string;
  /** On this process's monotonic clock; null: it was sent through this store object, so the caller's clock is the worker's. */
  readonly seen: number | null;
}

export interface Context {
  readonly wire: Wire;
  readonly layout: Layout;
  readonly recent: Recent;
  readonly codes: CodeSets;
  readonly held: Map<RunId, Held>;
  /** Where runs were when this process last looked: positions only grow, so looking begins there. */
  readonly places: Map<RunId, { readonly incarnation: Incarnation; readonly hot: Hot }>;
  /** Runs with a write of ours whose outcome nobody knows: it may still arrive. */
  readonly unresolved: Set<RunId>;
  /** Transitions of one run that this process makes follow each other. */
  readonly inTurn: <T>(run: RunId, work: () => Promise<T>) => Promise<T>;
  /** Work that nobody waits for but `close`; its failure is of no consequence. */
  readonly aside: (work: Promise<unknown>) => void;
  readonly beats: Map<WorkerId, Beat>;
  /** Monotonic, ms. */
  readonly clock: () => number;
  /** For the order of outgoing entries over all runs: grows with each call. */
  readonly tick: () => string;
}
