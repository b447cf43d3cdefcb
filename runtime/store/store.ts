/**
 * The store contract. Each method is one atomic, linearizable transition; no connection or transaction type crosses it.
 *
 * **Safety never depends on clocks.** A run is written only under its fencing token (`Lease.epoch`), which grows with
 * every claim and is compared *inside* the commit. Times (`now`, `until`, `wakeAt`: ms since the epoch, from the caller's
 * injected clock) decide only when something is tried.
 *
 * **Unknown.** Any method may reject with an error whose `outcome` is `"unknown"`: it happened wholly or not at all. The
 * caller repeats it with the same arguments; every method below says how the repetition is recognized.
 */
import type { CodeDigest } from "../abi/index.ts";

export type RunId = string;
/** 128 random bits, hex: tells two runs apart that use the same id one after the other. */
export type Incarnation = string;

/** What the store keeps of a run's life; *parked* is not stored (see {@link ClaimRequest.codes}). */
export type StoredStatus =
  | "running"
  | "waiting"
  | "finishing"
  | "stuck"
  | "blocked"
  | "quarantined"
  | "done"
  | "failed"
  | "cancelled";

/** Statuses that are never claimed until something revives them (`deliver`, `revive`). */
export const DORMANT: ReadonlySet<StoredStatus> = new Set(["stuck", "blocked", "quarantined"]);
/** Statuses of a run that has ended: nothing is pending, only the tombstone is left. */
export const ENDED: ReadonlySet<StoredStatus> = new Set(["done", "failed", "cancelled"]);

/** The right to drive one run: valid while the store's epoch for that run is this one. */
export interface Lease {
  readonly run: RunId;
  readonly incarnation: Incarnation;
  readonly worker: WorkerId;
  /** Fencing token: strictly greater than that of any earlier claim of this run (incarnations included). */
  readonly epoch: number;
}

/** A worker's registration: a fresh random id for each process start. */
export type WorkerId = string;

/** The small mutable record of one run. */
export interface RunHead {
  readonly run: RunId;
  readonly incarnation: Incarnation;
  /** Code id of the function that was started, for people and for `list`. */
  readonly fn: string;
  readonly status: StoredStatus;
  /** Why it is stuck, blocked or quarantined: JSON text of `{ code, message, … }`. */
  readonly reason: string | null;
  readonly createdAt: number;
  readonly updatedAt: number;
  /** Digest of function and arguments: tells a repeated `create` from another run under the same id. */
  readonly argsDigest: string;
  /** Sequence number of the last committed segment; 0 is the one that `create` wrote. */
  readonly position: number;
  /** Number of messages ever delivered to this incarnation. */
  readonly inboxSeq: number;
  /** Messages up to this number have been consumed by committed turns. */
  readonly consumed: number;
  /** When the run is due, or null: it waits for messages alone (or is dormant or ended). */
  readonly wakeAt: number | null;
  readonly owner: WorkerId | null;
  readonly epoch: number;
  /** Digests of all code that the saved run refers to. */
  readonly codes: readonly CodeDigest[];
  /** It was resident in a worker that died: to be driven one at a time. */
  readonly suspect: boolean;
  /** How often in a row it lost its worker while it was driven in isolation. A commit resets it. */
  readonly strikes: number;
  /** Outcome as JSON text once committed: `{ "status": "fulfilled" | "rejected" | "cancelled", … }`. Set once, never changed. */
  readonly result: string | null;
  /** Parent to tell, for child runs: JSON text. */
  readonly parent: string | null;
}

export interface NewRun {
  readonly run: RunId;
  readonly incarnation: Incarnation;
  readonly fn: string;
  readonly argsDigest: string;
  readonly segment: Segment;
  readonly codes: readonly CodeDigest[];
  readonly parent: string | null;
  readonly now: number;
}

/** What one save wrote. A base holds the whole run; a delta what changed since the segment before. */
export interface Segment {
  readonly kind: "base" | "delta";
  /** JSON text with its own format version and checksum; opaque to the store. */
  readonly text: string;
}

/** A message for a run: token value, child's end, cancel. */
export interface Message {
  /** Unique in the receiving run for ever: a second `deliver` of the same key is a duplicate. */
  readonly key: string;
  /** Opaque JSON text. */
  readonly body: string;
}

export interface InboxEntry extends Message {
  readonly seq: number;
}

/** A message to another run, or the creation of one, leaving with a commit. */
export type Outgoing =
  | {
      readonly type: "message";
      readonly seq: number;
      readonly to: RunId;
      readonly incarnation: Incarnation | null;
      readonly message: Message;
    }
  | { readonly type: "start"; readonly seq: number; readonly create: NewRun };

/** Everything one turn (or several, run together) changes, all or nothing. */
export interface Commit {
  readonly lease: Lease;
  /** Random, the same in every retry: a commit already applied under this id answers `ok` again. */
  readonly commitId: string;
  /** Must equal the head's position; the segment becomes `position + 1`. */
  readonly position: number;
  /** Null for a commit that changes only the head (status, release). Then `position` stays. */
  readonly segment: Segment | null;
  readonly status: StoredStatus;
  readonly reason: string | null;
  readonly result: string | null;
  readonly codes: readonly CodeDigest[];
  /** Inbox position that this commit's turns consumed; those messages are deleted (their keys are remembered). */
  readonly consumed: number;
  readonly wakeAt: number | null;
  readonly outbox: readonly Outgoing[];
  /**
   * Give the run back. If by then `inboxSeq > consumed`, the same transition leaves the run due at once (pitfall 23:
   * judged inside the write, on the head itself, never by a query over the inbox).
   */
  readonly release: boolean;
}

export type CommitOutcome =
  /** Applied, now or by an earlier attempt with the same commit id. */
  | { readonly type: "ok"; readonly position: number; readonly inboxSeq: number }
  /** Refused: another claim, another incarnation, or the run is gone. Nothing of the commit was written. */
  | { readonly type: "fenced"; readonly epoch: number | null };

export interface ClaimRequest {
  readonly worker: WorkerId;
  /** At most this many runs. */
  readonly limit: number;
  /** At most this many of them suspects (a worker drives one suspect at a time: 0 or 1). */
  readonly suspects: number;
  /** Only runs all of whose `codes` are here; others stay due for workers that link them (pitfall 30). */
  readonly codes: ReadonlySet<CodeDigest>;
  readonly now: number;
}

export interface Claim {
  readonly lease: Lease;
  readonly head: RunHead;
  /** Its last owner's lease had run out without a release: the run was resident at a crash. */
  readonly takenOver: boolean;
}

export interface LoadedRun {
  readonly head: RunHead;
  /** The last base, then every delta after it, in order. */
  readonly segments: readonly Segment[];
  /** Delivered and not yet consumed, in order of `seq`. */
  readonly inbox: readonly InboxEntry[];
  /** Outgoing entries of committed turns not yet acknowledged by {@link Store.acknowledge}. */
  readonly outbox: readonly Outgoing[];
}

export interface RunQuery {
  readonly status?: StoredStatus;
  readonly fn?: string;
  /** Runs after this id, in the order of ids. */
  readonly after?: RunId;
  readonly limit?: number;
}

export type DeliverOutcome = "accepted" | "duplicate" | "gone";

export interface Store {
  /** For messages: `memory`, `sqlite`. */
  readonly name: string;

  /**
   * How another thread of this process opens the same store to renew a lease while this thread is busy: the URL of a module
   * that exports `open(options): Pick<Store, "renew" | "close">`, and its options, which can be posted to a thread. Absent: renewals are made here.
   */
  readonly thread?: { readonly module: string; readonly options: unknown };

  /**
   * Creates a run, due at once. Idempotent by incarnation: a repetition answers `created`. When the id is taken by
   * another incarnation (tombstones included) nothing is written and its head is returned.
   */
  create(run: NewRun): Promise<{ type: "created" } | { type: "exists"; head: RunHead }>;

  /** Registers a worker or extends its lease (also a repetition). False: it had run out and was taken over; the worker must stop driving. */
  renew(worker: WorkerId, now: number, until: number): Promise<boolean>;

  /** Ends a worker's lease: its unreleased runs may be claimed at once, not as suspects. Idempotent. */
  retire(worker: WorkerId): Promise<void>;

  /**
   * Claims due runs: not ended, not dormant, `codes` linked, and unowned and due (`wakeAt <= now` or `inboxSeq > consumed`), or owned
   * by a worker whose lease ran out before `now` (those become suspects). Each claim increments the run's epoch.
   * A taken-over run that had been driven in isolation (as a suspect) gets a strike.
   * A repetition after "unknown" may leave runs owned by this worker that it does not know of; `owned` tells them.
   */
  claim(request: ClaimRequest): Promise<readonly Claim[]>;

  /** What this worker owns, with `inboxSeq` to see mail in resident runs; also heals an unknown `claim`. */
  owned(worker: WorkerId): Promise<readonly { lease: Lease; inboxSeq: number; consumed: number }[]>;

  /** The whole saved run under a lease; `fenced` when the lease is no longer the run's. */
  load(lease: Lease): Promise<LoadedRun | "fenced">;

  /** Messages with `seq > after` of a run, in order. */
  inbox(lease: Lease, after: number): Promise<readonly InboxEntry[]>;

  /**
   * Applies commits, each on its own all or nothing; one run's refusal does not touch the others. Outcomes in the order
   * given. A group never holds two commits of one run. Runs are locked in id order (pitfall 24).
   */
  commit(group: readonly Commit[]): Promise<readonly CommitOutcome[]>;

  /**
   * Replaces the segments up to `position` by one base holding the same state: content does not change, so it needs
   * no turn. Conditional on the lease. Idempotent.
   */
  compact(lease: Lease, position: number, base: Segment): Promise<"ok" | "fenced">;

  /** Removes outgoing entries that have been delivered, by sequence number. Idempotent. */
  acknowledge(run: RunId, incarnation: Incarnation, seqs: readonly number[]): Promise<void>;

  /** Outgoing entries of any run, oldest first, so that a crashed sender's mail still leaves. */
  pendingOutbox(limit: number): Promise<readonly { run: RunId; incarnation: Incarnation; entry: Outgoing }[]>;

  /**
   * Appends a message to a run's inbox and makes the run due (a *stuck* run goes back to waiting). A conditional create
   * by `message.key`: `duplicate` when that key was delivered before, with the body that won. `gone`: no such
   * incarnation, or it has ended. `incarnation` null addresses whichever is current.
   */
  deliver(
    run: RunId,
    incarnation: Incarnation | null,
    message: Message,
  ): Promise<{ type: DeliverOutcome; body?: string }>;

  /** Makes a dormant run due again (a blocked run whose cause is mended, a quarantined one by an operator). */
  revive(run: RunId, now: number): Promise<boolean>;

  /** What `load` gives, of the current incarnation and without a lease: for people (`stack()`), never to drive the run. */
  inspect(run: RunId): Promise<LoadedRun | null>;

  /** The head of the current incarnation, tombstones included. */
  read(run: RunId): Promise<RunHead | null>;

  list(query: RunQuery): Promise<readonly RunHead[]>;

  /** Earliest `wakeAt` of unowned runs, so that a worker may sleep until then; a hint. */
  nextWake(codes: ReadonlySet<CodeDigest>): Promise<number | null>;

  /** Deletes ended runs whose `updatedAt` is before the instant: their tombstones too. Returns how many. */
  sweep(before: number, limit: number): Promise<number>;

  close(): Promise<void>;
}

/** An error of a store. `unknown`: it may have happened; `refused`: it did not. */
export interface StoreFailure extends Error {
  readonly outcome: "unknown" | "refused";
}
