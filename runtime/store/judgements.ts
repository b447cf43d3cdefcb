/** What follows from the head of a run alone. The stores that judge in JavaScript share it, so that they agree; those that judge in SQL repeat it there. */
import { type Commit, DORMANT, ENDED, type Lease, type NewRun, type RunHead, type StoredStatus } from "./store.ts";

/** The head as `create` makes it, but for what each store keeps in its own form. */
export const newHead = (run: NewRun): Omit<RunHead, "run" | "codes" | "parent"> => ({
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
  suspect: false,
  strikes: 0,
  result: null,
});

/** Is the lease valid? The whole of fencing. */
export const holds = (head: Pick<RunHead, "incarnation" | "epoch" | "owner">, lease: Lease): boolean =>
  head.incarnation === lease.incarnation && head.epoch === lease.epoch && head.owner === lease.worker;

/** Does the commit follow from what is saved? Its outgoing entries are judged on their own. */
export const follows = (head: Pick<RunHead, "position" | "consumed" | "inboxSeq">, commit: Commit): boolean =>
  commit.position === head.position && commit.consumed >= head.consumed && commit.consumed <= head.inboxSeq;

/** When the run is due while nobody owns it: mail makes it due at once. Null: not by itself. */
export function dueAt(head: Pick<RunHead, "status" | "inboxSeq" | "consumed" | "wakeAt">): number | null {
  if (ENDED.has(head.status) || DORMANT.has(head.status)) return null;
  return head.inboxSeq > head.consumed ? 0 : head.wakeAt;
}

/** What a dormant run is again once something revives it. `result`: null while it has none. */
export const livelyStatus = (result: unknown): StoredStatus => (result === null ? "waiting" : "finishing");
