/**
 * The store contract. Each method is one atomic, linearizable transition; no connection or transaction type crosses it.
 * `docs/stores.md` is the same contract told at length, for those who implement one; `storeConformance` in
 * `perdure/testing` checks it.
 *
 * **Safety never depends on clocks.** A run is written only under its fencing token (`Lease.epoch`), which grows with
 * every claim and is compared *inside* the commit. Times (`now`, `until`, `wakeAt`: ms since the epoch, from the caller's
 * injected clock) decide only when something is tried, and when what has ended is forgotten.
 *
 * **A lease is valid** while the run's current incarnation is `lease.incarnation`, its epoch is `lease.epoch` and its
 * owner is `lease.worker`. So it ends with a takeover, `retire`, a commit that releases, and the end of the run. It does
 * *not* end because time passed: a worker whose lease ran out and whose run nobody took may still commit.
 *
 * **Unknown.** Any method may reject with an error whose `outcome` is `"unknown"`: it happened wholly or not at all. The
 * caller repeats it with the same arguments; every method below says how the repetition is recognized. An error whose
 * `outcome` is `"refused"` left no trace. Errors without an outcome are bugs of the store.
 *
 * **Text** (ids, keys, bodies, segments) is well-formed Unicode without U+0000: every store can hold that, unchanged.
 * Anything else, a negative limit, or two commits of one run in a group is refused with PD3001 before anything is written.
 * The caller changes no argument until the promise settles: a store may read it late.
 *
 * **Late indexes.** A store may find things through an index that follows the writes of other processes with a delay: then `claim`,
 * `nextWake`, `unlinked`, `pendingOutbox`, `sweep` and `list` by a dormant status may leave out what has changed in the last seconds. What
 * they do answer is so at that instant; what they leave out they find later. `owned`, `retire` and takeovers are exact.
 */
import type { CodeDigest } from "../abi/index.ts";
import type { Isolation } from "../machine/contract.ts";

export type { Isolation };

export type RunId = string;
/** 128 random bits, hex: tells two runs apart that use the same id one after the other. */
export type Incarnation = string;

/**
 * Where a run stands, as the store keeps it; docs/operating.md says who enters and leaves each. `create` writes `running`; after that
 * commits say what it is, except for the transitions of `deliver` and `revive`. *Parked* is none: such a run waits for a worker that links its code.
 */
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

/** Statuses that are never claimed, nor taken over, until something revives them (`deliver` a stuck one, `revive` any). */
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
  /** `now` of the last create, commit or revive. */
  readonly updatedAt: number;
  /** Digest of function and arguments: tells a repeated `create` from another run under the same id. */
  readonly argsDigest: string;
  /** Sequence number of the last committed segment; 0 is the one that `create` wrote. */
  readonly position: number;
  /** Number of messages ever delivered to this incarnation. */
  readonly inboxSeq: number;
  /** Messages up to this number have been consumed by committed turns. */
  readonly consumed: number;
  /** When the run is due, or null: it waits for messages alone (or is dormant or ended). Mail makes it due whatever this says. */
  readonly wakeAt: number | null;
  readonly owner: WorkerId | null;
  /** Epoch of the last claim; 0 before the first. */
  readonly epoch: number;
  /** Digests of all code that the saved run refers to. */
  readonly codes: readonly CodeDigest[];
  /** It was resident in a worker that died: to be driven one at a time, until it commits a segment. */
  readonly suspect: boolean;
  /**
   * How often in a row it lost its worker while it was driven in isolation. A commit with a segment, an end or a revival
   * resets it. A commit that only parks the run proves nothing: it would launder a run that kills its worker later.
   */
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

/** What one save wrote; the first is a base. A base holds the whole run; a delta what changed since the segment before. */
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

/**
 * A message to another run, or the creation of one, leaving with a commit. `seq` is unique in the sending incarnation.
 * Plain JSON data: the store may keep it as text.
 */
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
  /** Random, the same in every retry: the run's last commit, repeated, answers `ok` again. */
  readonly commitId: string;
  /** Must equal the head's position; the segment becomes `position + 1`. */
  readonly position: number;
  /** Null for a commit that changes only the head (status, release). Then `position` stays. */
  readonly segment: Segment | null;
  /**
   * An ended or dormant status releases the run, whatever `release` says. `stuck` is judged like a release: with mail
   * that the commit did not consume, the run is `waiting` (`finishing` when it has a result) and due instead.
   */
  readonly status: StoredStatus;
  readonly reason: string | null;
  /** Null leaves the head's. Once the head has one, it stays. */
  readonly result: string | null;
  readonly codes: readonly CodeDigest[];
  /** Inbox position that this commit's turns consumed; those messages are not read again (keys and bodies are remembered). */
  readonly consumed: number;
  readonly wakeAt: number | null;
  /** Entries with sequence numbers that are not pending yet. */
  readonly outbox: readonly Outgoing[];
  /** Becomes `updatedAt`. */
  readonly now: number;
  /**
   * Give the run back. If by then `inboxSeq > consumed`, the same transition leaves the run due at once (judged
   * inside the write, on the head itself, never by a query over the inbox).
   */
  readonly release: boolean;
}

/** The end of a run that comes from outside, whoever drives it and whatever it waits for. */
export interface Ending {
  readonly run: RunId;
  readonly incarnation: Incarnation;
  /** As that of a {@link Commit}: random, the same in every retry. */
  readonly commitId: string;
  /** Must equal the head's. */
  readonly position: number;
  readonly status: "done" | "failed" | "cancelled";
  /** Null leaves the head's. Once the head has one, it stays. */
  readonly result: string | null;
  /** Entries with sequence numbers that are not pending yet. */
  readonly outbox: readonly Outgoing[];
  /** Becomes `updatedAt`. */
  readonly now: number;
}

/** `ended`: now, or by an earlier attempt. `gone`: there is no such incarnation, or it has ended. `moved`: it does not follow from the saved run. */
export type EndingOutcome = "ended" | "gone" | "moved";

export type CommitOutcome =
  /**
   * Applied, now or by an earlier attempt with the same commit id. `inboxSeq` is the head's, read in the same transition. A
   * store that would have to pay for that may give what it last knew, never more than the head's, for a commit that neither releases
   * nor repeats; the rest is seen by `owned`.
   */
  | { readonly type: "ok"; readonly position: number; readonly inboxSeq: number }
  /**
   * This call wrote nothing: the lease is not valid, or the commit does not follow from the saved run (another
   * `position`, a `consumed` that goes back or ahead of the inbox, an outbox number that is still pending). `epoch` is
   * the run's, or null when there is no such run or it is damaged. The worker drops the run. After an unknown attempt it cannot tell
   * whether that attempt was applied: a successor that has committed since knows.
   */
  | { readonly type: "fenced"; readonly epoch: number | null };

export interface ClaimRequest {
  readonly worker: WorkerId;
  /** At most this many runs. */
  readonly limit: number;
  /** At most this many of them suspects (a worker drives one suspect at a time: 0 or 1). */
  readonly suspects: number;
  /** Only runs all of whose `codes` are here; others stay due for workers that link them. */
  readonly codes: ReadonlySet<CodeDigest>;
  readonly now: number;
}

export interface Claim {
  readonly lease: Lease;
  /** As it is after the claim. */
  readonly head: RunHead;
  /** Its last owner's lease had run out without a release: the run was resident at a crash. */
  readonly takenOver: boolean;
}

export interface LoadedRun {
  readonly head: RunHead;
  /** The last base, then every delta after it, in order; the last has number `head.position`. */
  readonly segments: readonly Segment[];
  /** Delivered and not yet consumed, in order of `seq`. */
  readonly inbox: readonly InboxEntry[];
  /** Outgoing entries of committed turns not yet acknowledged by {@link Store.acknowledge}, in the order of commits. */
  readonly outbox: readonly Outgoing[];
}

/** Which runs are listed: those for which all of it holds. */
export interface RunQuery {
  readonly status?: StoredStatus;
  /** Code id of the function that was started: `src/orders.ts#checkout`. */
  readonly fn?: string;
  /** Runs after this id, in the order of ids (by code point): the last of the page before. */
  readonly after?: RunId;
  /** Default 100. */
  readonly limit?: number;
}

/** How many runs there are, at one instant. */
export interface Census {
  /** By status; one that no run has may be missing. Tombstones included. */
  readonly statuses: { readonly [status in StoredStatus]?: number };
  /** Runs without an owner that are due, by time or by mail, and all of whose codes were asked for. */
  readonly due: number;
  /** Since when the longest waiting of those is due, of which that is known: a run with mail, or given back in the middle, has no such instant. */
  readonly dueSince: number | null;
  /** The others without an owner that are due: they need codes that were not asked for. */
  readonly unlinked: number;
}

/**
 * `committed`: now. `duplicate`: that message was delivered before, by an attempt whose answer was lost or that was quicker; this one
 * wrote nothing. `rolled-back`: `work` gave null. `fenced`: the lease is not valid; nothing was written.
 */
export type TransactionOutcome = "committed" | "duplicate" | "rolled-back" | "fenced";

export type DeliverOutcome = "accepted" | "duplicate" | "gone";

/** See {@link Store.thread}. */
export interface StoreThread {
  readonly module: string;
  readonly options: unknown;
  readonly native?: boolean;
}

export interface Store {
  /** For messages: `memory`, `sqlite`. */
  readonly name: string;

  /**
   * How another thread of this process opens the same store to renew a lease while this thread is busy: the URL of a module
   * that exports `open(options): Pick<Store, "renew" | "close">`, and its options, which can be posted to a thread. Absent: renewals are made here.
   * `native`: its calls are of native code that takes the process down when it is cut off, so a process that leaves waits for one that is under way.
   */
  readonly thread?: StoreThread;

  /**
   * Creates a run with its first segment (number 0), `running` and due at once (`wakeAt = now`). Idempotent by
   * incarnation: a repetition answers `created`, however far the run has come. When the id is taken by another
   * incarnation (tombstones included) nothing is written and its head is returned.
   */
  create(run: NewRun): Promise<{ type: "created" } | { type: "exists"; head: RunHead }>;

  /**
   * Registers a worker or extends its lease, never shortening it (also a repetition). False: the lease has ended, by
   * `retire` or because it had run out and at least one of its runs was taken over. That is final for this id: the worker
   * must stop driving, and go on only under a fresh one.
   */
  renew(worker: WorkerId, now: number, until: number): Promise<boolean>;

  /**
   * Ends a worker's lease for good: its unreleased runs lose their owner, are due at once (`wakeAt = 0`), not as
   * suspects, and commits under their leases are fenced. Idempotent.
   */
  retire(worker: WorkerId): Promise<void>;

  /**
   * Claims due runs: neither ended nor dormant, all `codes` linked, and
   * - without an owner and due (`wakeAt <= now` or `inboxSeq > consumed`); or
   * - owned by another worker whose lease has ended or ran out (`until < now`): a takeover. The run becomes a suspect;
   *   if it was one already (so it was driven in isolation) it gets a strike. The first takeover ends that whole lease.
   *
   * Each claim gives the run an epoch greater than any before, also of earlier incarnations, also after a `sweep`.
   * Suspects come first, at most `suspects` of them; then the others, the longest due first. A worker without a running
   * lease (never renewed, ended, `until < now`) claims nothing: nobody could tell when it died.
   * It may pass over a run that is being written at that instant, which the next claim then finds.
   * A repetition after "unknown" may leave runs owned by this worker that it does not know of; `owned` tells them.
   */
  claim(request: ClaimRequest): Promise<readonly Claim[]>;

  /** What this worker owns, with `inboxSeq` to see mail in resident runs; also heals an unknown `claim`. */
  owned(worker: WorkerId): Promise<readonly { lease: Lease; inboxSeq: number; consumed: number }[]>;

  /** The whole saved run, read at one instant; `fenced` when the lease is not valid. */
  load(lease: Lease): Promise<LoadedRun | "fenced">;

  /**
   * Unconsumed messages with `seq > after` of the lease's incarnation, in order; none when it is gone. Reading needs no
   * valid lease: what is done with the messages does.
   */
  inbox(lease: Lease, after: number): Promise<readonly InboxEntry[]>;

  /**
   * Applies commits, each on its own all or nothing; one run's refusal does not touch the others. Outcomes in the order
   * given. A group never holds two commits of one run. Runs are locked in id order.
   *
   * A commit whose id is that of the run's last applied commit (same incarnation) is a repetition: it answers `ok` and
   * writes nothing, also when the run has been released, claimed by another or ended since. Otherwise the lease must be
   * valid and the commit must follow from the saved run; see {@link CommitOutcome}. An ended run keeps its head, its
   * message keys and its outbox; its segments are deleted.
   */
  commit(group: readonly Commit[]): Promise<readonly CommitOutcome[]>;

  /**
   * Replaces the segments up to `position` by one base holding the same state: content does not change, so it needs
   * no turn. `fenced` when the lease is not valid. A position at or before the last base is `ok` and changes nothing (so
   * a repetition is); one beyond the head's is refused (PD3001).
   */
  compact(lease: Lease, position: number, base: Segment): Promise<"ok" | "fenced">;

  /** Removes outgoing entries that have been delivered, by sequence number; unknown numbers and runs are ignored. Idempotent. */
  acknowledge(run: RunId, incarnation: Incarnation, seqs: readonly number[]): Promise<void>;

  /** Outgoing entries of any run, ended ones too, oldest first, so that a crashed sender's mail still leaves. */
  pendingOutbox(limit: number): Promise<readonly { run: RunId; incarnation: Incarnation; entry: Outgoing }[]>;

  /**
   * Appends a message to a run's inbox, which makes the run due; a *stuck* run goes back to `waiting` (`finishing` when
   * it has a result), a blocked or quarantined one keeps the message for its revival. A conditional create by
   * `message.key`: `duplicate` when that key was delivered before, consumed or not, the run ended or not, with the body
   * that won (so the repetition of an unknown `deliver` finds its own). `gone`: no such incarnation, or it has ended.
   * `incarnation` null addresses whichever is current.
   */
  deliver(
    run: RunId,
    incarnation: Incarnation | null,
    message: Message,
  ): Promise<{ type: DeliverOutcome; body?: string }>;

  /**
   * Makes a dormant run due again (a blocked run whose cause is mended, a quarantined one by an operator): `waiting`
   * (`finishing` when it has a result), no reason, no strikes, still a suspect if it was. False when it is not dormant
   * (so a repetition answers false).
   */
  revive(run: RunId, now: number): Promise<boolean>;

  /**
   * Ends a run without its lease: for one that nobody drives any more, or whose code does not stop. It is as after a commit that ends it, without a
   * reason, and what its owner had a lease for is fenced. `moved` when `position` is another, or an outgoing number is still pending. A commit id that is that
   * of the run's last applied commit is a repetition: `ended`.
   */
  end(ending: Ending): Promise<EndingOutcome>;

  /**
   * What `load` gives, of the current incarnation and without a lease: for people (`stack()`), never to drive the run.
   * Null: no such run. An ended one has no segments.
   */
  inspect(run: RunId): Promise<LoadedRun | null>;

  /** The head of the current incarnation, tombstones included. */
  read(run: RunId): Promise<RunHead | null>;

  /** Heads in the order of ids, tombstones included. */
  list(query: RunQuery): Promise<readonly RunHead[]>;

  /**
   * Earliest instant at which a run without an owner is due, so that a worker may sleep until then: 0 when one has mail,
   * null when none waits for time. Only of runs whose `codes` are all here. A hint: takeovers are not in it.
   */
  nextWake(codes: ReadonlySet<CodeDigest>): Promise<number | null>;

  /**
   * Optional: runs that wait for a worker, by time or mail, and that no claim with these codes takes, since they need others: one for each set of codes that
   * is not linked, a long due one where the index gives it. A hint for people, from a look that costs little: any may be left out.
   */
  readonly unlinked?: (codes: ReadonlySet<CodeDigest>) => Promise<readonly RunHead[]>;

  /**
   * Deletes ended runs whose `updatedAt` is before the instant and whose outbox is empty: tombstones, message keys, all.
   * At most `limit`; returns how many. Also forgets workers that own nothing and whose lease ran out before the instant.
   * After that the id may be used again, and a lease of the old incarnation is still fenced.
   */
  sweep(before: number, limit: number): Promise<number>;

  /** Optional: counts the runs, for people; those that are due apart from those that need other codes than these. It may look at every one of them. */
  readonly census?: (now: number, codes: ReadonlySet<CodeDigest>) => Promise<Census>;

  /**
   * Optional: tells of wake-ups from other processes until the returned function is called. `due`: a run may be there for a worker of this
   * process, or has mail; `known`: its result, or why it stopped, may be. The store itself tells the others, after the
   * transition. Hints: each may be lost, late, repeated or wrong.
   */
  readonly listen?: (wakeup: "due" | "known", listener: (run: RunId) => void) => () => void;

  /**
   * Optional, for stores that live in an SQL database: runs `work` in a transaction of that database, on a connection of its own, and
   * delivers the text that it gives to the lease's run as the message `key`, in the same transaction: what `work` has written and the
   * message are committed together, or neither is. See {@link TransactionOutcome}. `work` may be called again after a conflict of the
   * database, never after its message was delivered. An error of its own is thrown as it is. What it gives passes through `seal`, which has
   * no part in the transaction but is awaited inside it, whatever the store demands of `work`: an encrypted store's message is written sealed.
   */
  readonly transaction?: (
    lease: Lease,
    key: string,
    work: (client: unknown) => Promise<string | null>,
    isolation?: Isolation,
    seal?: (body: string) => Promise<string>,
  ) => Promise<TransactionOutcome>;

  /** Lets go of what the store holds open; calls under way finish first. Later calls are refused (PD3002). Idempotent. */
  close(): Promise<void>;
}

/** An error of a store. `unknown`: it may have happened; `refused`: it did not. */
export interface StoreFailure extends Error {
  readonly outcome: "unknown" | "refused";
  /** True: the call will fail again until somebody mends the cause (a wrong path, a file that was replaced). */
  readonly lasting?: boolean;
  /** True: an argument is not acceptable, or larger than this store can hold. A commit with it will never be taken. */
  readonly unacceptable?: boolean;
  /** True: what is saved of one run cannot be read here, whatever is tried. That run is blocked; others go on. */
  readonly unreadable?: boolean;
  /**
   * Of `transaction`, refused: what the database threw when it was to commit what `work` had written (a deferred constraint). It is for whoever wrote `work`,
   * as if that had thrown it.
   */
  readonly thrown?: unknown;
  /** With `unreadable`, of `load`: the run's head, as far as it can be read. */
  readonly head?: RunHead;
}
