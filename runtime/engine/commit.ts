/**
 * From a vat to a commit: pure, apart from the turn itself. Whatever leaves the run (child runs, their cancellation, word to
 * the parent) stands in the commit's outbox, so that it leaves if and only if the turn did.
 */
import type { CodeDigest } from "../abi/index.ts";
import type { ChildOperation, EncodedOutcome, Operation, Parent, VatLike } from "../machine/contract.ts";
import {
  type Commit,
  ENDED,
  type Lease,
  type NewRun,
  type Outgoing,
  type RunHead,
  type Segment,
  type StoredStatus,
} from "../store/store.ts";
import { digest } from "./digest.ts";
import { cancelMessage, childMessage } from "./mail.ts";
import { reasonText } from "./reason.ts";

/** What the store holds of a run, as far as its worker knows. */
export interface Committed {
  readonly fn: string;
  readonly position: number;
  readonly consumed: number;
  readonly status: StoredStatus;
  readonly reason: string | null;
  readonly result: string | null;
  readonly codes: readonly CodeDigest[];
}

export const committedOf = (head: RunHead): Committed => ({
  fn: head.fn,
  position: head.position,
  consumed: head.consumed,
  status: head.status,
  reason: head.reason,
  result: head.result,
  codes: head.codes,
});

/** When an unowned run is next due by itself: at once while it has jobs or steps, else at its earliest timer; null: by mail alone. */
export function wakeAt(status: StoredStatus, operations: Iterable<Operation>, now: number): number | null {
  if (ENDED.has(status) || status === "stuck" || status === "blocked" || status === "quarantined") return null;
  if (status === "running") return now;
  let earliest: number | null = null;
  for (const operation of operations) {
    if (operation.type === "step") return now;
    if (operation.type === "timer" && (earliest === null || operation.at < earliest)) earliest = operation.at;
  }
  return earliest;
}

/** A commit that changes only the head and gives the run back: parked, blocked, quarantined. */
export function headCommit(
  lease: Lease,
  commitId: string,
  before: Committed,
  now: number,
  changes: { readonly status: StoredStatus; readonly reason: string | null; readonly wakeAt: number | null },
): Commit {
  return {
    lease,
    commitId,
    position: before.position,
    segment: null,
    status: changes.status,
    reason: changes.reason,
    result: before.result,
    codes: before.codes,
    consumed: before.consumed,
    wakeAt: changes.wakeAt,
    outbox: [],
    now,
    release: true,
  };
}

/** Child runs as of the last commit: what each of them was sent has left, or will, with that commit's outbox. */
export interface Children {
  readonly started: ReadonlyMap<number, ChildOperation>;
  readonly create: (operation: ChildOperation) => NewRun;
}

/** The commit of one turn. Throws the PerdureError that blocks the run, before anything has changed in the store. */
export function turnCommit(
  vat: VatLike,
  lease: Lease,
  commitId: string,
  before: Committed,
  turn: {
    readonly consumed: number;
    readonly parent: Parent | null;
    readonly children: Children;
    readonly now: number;
    /** Kept as the reason of a run that goes on. */
    readonly remark: string | null;
    readonly release: (status: StoredStatus) => boolean;
  },
): Commit {
  const saved = vat.save("delta");
  const status = vat.status();
  const outcome = vat.outcome();
  const stuck = status === "stuck" ? vat.stuck() : null;
  const position = before.position + 1;
  return {
    lease,
    commitId,
    position: before.position,
    segment: { kind: saved.kind, text: saved.text },
    status,
    reason: stuck === null ? turn.remark : reasonText(stuck),
    result: before.result ?? (outcome === null ? null : JSON.stringify(outcome)),
    codes: saved.codes,
    consumed: turn.consumed,
    wakeAt: wakeAt(status, vat.operations.values(), turn.now),
    outbox: outgoing(vat, position, turn.children, before.result === null ? outcome : null, turn.parent),
    now: turn.now,
    release: ENDED.has(status) || status === "stuck" || turn.release(status),
  };
}

/** Sequence numbers of one commit's outgoing entries start here: unique in the incarnation, and growing. */
export const firstSeq = (position: number): number => position * 2 ** 20;

function outgoing(
  vat: VatLike,
  position: number,
  children: Children,
  outcome: EncodedOutcome | null,
  parent: Parent | null,
): readonly Outgoing[] {
  const entries: Outgoing[] = [];
  const seq = () => firstSeq(position) + entries.length;
  for (const operation of vat.operations.values()) {
    if (operation.type !== "child") continue;
    const before = children.started.get(operation.number);
    const { run, incarnation, cancelling } = operation;
    if (before === undefined) entries.push({ type: "start", seq: seq(), create: children.create(operation) });
    if (cancelling !== undefined && before?.cancelling === undefined) {
      entries.push({ type: "message", seq: seq(), to: run, incarnation, message: cancelMessage(cancelling.reason) });
    }
  }
  if (outcome !== null && parent !== null) {
    const message = childMessage(parent.operation, outcome);
    entries.push({ type: "message", seq: seq(), to: parent.run, incarnation: parent.incarnation, message });
  }
  return entries;
}

/** The record of a run that is about to exist. */
export function newRun(
  vat: VatLike,
  facts: { readonly fn: string; readonly argumentText: string; readonly parent: Parent | null; readonly now: number },
): NewRun {
  const saved = vat.save("base");
  const segment: Segment = { kind: "base", text: saved.text };
  return {
    run: vat.run,
    incarnation: vat.incarnation,
    fn: facts.fn,
    argsDigest: digest(facts.argumentText),
    segment,
    codes: saved.codes,
    parent: facts.parent === null ? null : JSON.stringify(facts.parent),
    now: facts.now,
  };
}
