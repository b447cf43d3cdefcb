/** Workers: heartbeats, who has run out, what each owns. */
import { readable } from "../saved.ts";
import type { Lease, RunId, WorkerId } from "../store.ts";
import type { Context } from "./context.ts";
import { busy, noteWrite, replaceHead } from "./heads.ts";
import {
  type Condition,
  type Item,
  item,
  requiredCount,
  requiredNumber,
  requiredText,
  textOf,
  type Write,
} from "./items.ts";
import { END, ownerKey, workerKey } from "./keys.ts";
import { type HeadRecord, marksWith } from "./record.ts";
import { fenceWrite, find } from "./ring.ts";
import { nonce } from "./wire.ts";

const TRIES = 10;

export async function renew(context: Context, worker: WorkerId, now: number, until: number): Promise<boolean> {
  const { wire, beats } = context;
  const key = workerKey(worker);
  for (let n = 1; n <= TRIES; n++) {
    const beat = nonce();
    const span = Math.max(0, until - now);
    const values = { until, span, beat };
    const written = await wire.write({
      type: "update",
      key,
      change: { test: "SET #until = :until, #span = :span, #beat = :beat", values },
      condition: "attribute_not_exists(#ended) AND (attribute_not_exists(#until) OR #until <= :until)",
    });
    if (written.ok) {
      beats.set(worker, { beat, seen: null });
      return true;
    }
    const { old } = written;
    if (old === undefined) continue;
    if (textOf(old, "ended") !== undefined) return false;
    // A longer lease stands. It is a sign of life all the same.
    const sign = await wire.write({
      type: "update",
      key,
      change: { test: "SET #beat = :beat", values: { beat, until } },
      condition: "attribute_not_exists(#ended) AND #until > :until",
    });
    if (sign.ok) {
      beats.set(worker, { beat, seen: null });
      return true;
    }
  }
  throw busy(context, "renew");
}

/** The worker itself asks, with its own clock. */
export const isRunning = (worker: Item | undefined, now: number): boolean =>
  worker !== undefined && textOf(worker, "ended") === undefined && requiredNumber(worker, "until") >= now;

/**
 * Another asks. It has run out when its heartbeat has not moved for its span on our monotonic clock, since we first saw it: clocks that
 * differ do no harm. Heartbeats that went through this store object are judged by the clock of the caller, who then is the worker's neighbour.
 */
export function hasEnded({ beats, clock }: Context, worker: Item, now: number): boolean {
  if (textOf(worker, "ended") !== undefined) return true;
  const id = textOf(worker, "sk")!;
  const beat = requiredText(worker, "beat");
  const known = beats.get(id);
  if (known?.beat !== beat) {
    beats.set(id, { beat, seen: clock() });
    return false;
  }
  if (known.seen === null) return requiredNumber(worker, "until") < now;
  return clock() - known.seen > requiredNumber(worker, "span");
}

export const allWorkers = ({ wire }: Context): Promise<Item[]> =>
  wire.all({ pk: workerKey("").pk, from: " ", to: END });

/** Ends the lease of one whose heart has stopped. It may beat again at any time until then. */
export const lost = (worker: Item, condition = "#beat = :beat"): Exclude<Write, { type: "check" }> => {
  const values = { ended: "lost", beat: requiredText(worker, "beat") };
  return {
    type: "update",
    key: workerKey(textOf(worker, "sk")!),
    change: { test: "SET #ended = :ended", values },
    condition,
  };
};

/** For a transaction: the worker's lease has not ended. */
export const isAlive = (worker: WorkerId): Write => {
  const condition: Condition = { test: "attribute_exists(#pk) AND attribute_not_exists(#ended)" };
  return { type: "check", key: workerKey(worker), condition };
};

export const ownerItem = (worker: WorkerId, run: RunId, record: HeadRecord): Write => ({
  type: "put",
  item: item({
    ...ownerKey(worker, run),
    inc: record.incarnation,
    epoch: record.epoch,
    inbox: record.inboxSeq,
    consumed: record.consumed,
  }),
});

/** The runs that a worker owns, in the order of ids. */
export const ownerItems = ({ wire }: Context, worker: WorkerId): Promise<Item[]> =>
  wire.all({ pk: ownerKey(worker, "").pk, from: " ", to: END });

export async function owned(
  context: Context,
  worker: WorkerId,
): Promise<{ lease: Lease; inboxSeq: number; consumed: number }[]> {
  return readable(await ownerItems(context, worker), (one) => {
    const run = textOf(one, "sk")!;
    const lease = { run, incarnation: requiredText(one, "inc"), worker, epoch: requiredCount(one, "epoch") };
    const held = context.held.get(run);
    // Turns move it on; the item has it as of the claim or the last message.
    const consumed = held?.lease.epoch === lease.epoch ? held.hot.consumed : requiredCount(one, "consumed");
    return { lease, inboxSeq: requiredCount(one, "inbox"), consumed };
  });
}

export async function retire(context: Context, worker: WorkerId): Promise<void> {
  const { wire, beats } = context;
  const key = workerKey(worker);
  beats.delete(worker);
  await wire.write({
    type: "update",
    key,
    change: { test: "SET #ended = :ended", values: { ended: "retired" } },
    condition: "attribute_exists(#pk) AND attribute_not_exists(#ended)",
  });
  const runs = (await ownerItems(context, worker)).map((one) => textOf(one, "sk")!);
  for (let at = 0; at < runs.length; at += 8) {
    await Promise.all(runs.slice(at, at + 8).map((run) => context.inTurn(run, () => giveBack(context, worker, run))));
  }
  await drained(context, worker);
}

/** Ended, and owns nothing any more: nobody need look again. Nothing is added, since a claim wants a worker that has not ended. */
export const drained = ({ wire }: Context, worker: WorkerId): Promise<unknown> =>
  wire.write({
    type: "update",
    key: workerKey(worker),
    change: { test: "SET #drained = :drained", values: { drained: 1 } },
    condition: "attribute_exists(#ended)",
  });

/** As `retire` leaves a run: without owner, due at once, no suspect. Ends the lease at the slot unless this process knows that nothing is on its way. */
async function giveBack(context: Context, worker: WorkerId, run: RunId): Promise<void> {
  const { wire, layout } = context;
  for (let n = 1; n <= TRIES; n++) {
    const found = await find(context, run);
    if (found === undefined || found.head.record.owner !== worker) return;
    const { head, hot } = found;
    const held = context.held.get(run);
    const known = held?.rev === head.rev && held.hot.position === hot.position && !context.unresolved.has(run);
    const next = hot.position + 1;
    const record: HeadRecord = { ...head.record, ...hot, owner: null, wakeAt: 0 };
    const fenced = known ? record : { ...record, marks: marksWith(record, next, layout.slots) };
    const { write } = replaceHead(context, run, head.rev, fenced);
    const writes: Write[] = [write, { type: "delete", key: ownerKey(worker, run) }];
    if (!known) writes.push(fenceWrite(context, run, record.incarnation, next, record.epoch + 1));
    if ((await wire.transact(writes)).ok) {
      noteWrite(context, write);
      context.held.delete(run);
      context.unresolved.delete(run);
      return;
    }
    await wire.pause(n);
  }
  throw busy(context, "retire");
}
