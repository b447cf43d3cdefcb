/** Commits: a turn that touches only its own run is one put; everything else is a transaction around the head. */

import { checkCompaction } from "../arguments.ts";
import { follows, holds, livelyStatus } from "../judgements.ts";
import { isStoreFailure } from "../messages.ts";
import type { Commit, CommitOutcome, Lease, Segment } from "../store.ts";
import { DORMANT, ENDED } from "../store.ts";
import type { Context, Held } from "./context.ts";
import { busy, noAnswer, noteWrite, overtaken, replaceHead } from "./heads.ts";
import type { Write } from "./items.ts";
import { ownerKey } from "./keys.ts";
import { outgoingWrites, pendingSeqs } from "./outgoing.ts";
import { covered, type HeadRecord, type Hot, marksWith } from "./record.ts";
import { chunksAbove, fenceWrite, find, heldAs, readChunk, SLOT_TEXT, slotWrite } from "./ring.ts";
import { partKeys, type Stored, store, type TextName, writeText } from "./texts.ts";

const TRIES = 10;
/** Reasons and results longer than this stand apart, so that heads and slots stay small. */
export const LONG = 4_000;

const sameLease = (a: Lease, b: Lease): boolean =>
  a.epoch === b.epoch && a.worker === b.worker && a.incarnation === b.incarnation;

export const commit = (context: Context, one: Commit): Promise<CommitOutcome> =>
  context.inTurn(one.lease.run, async () => {
    const { run } = one.lease;
    try {
      return await attempt(context, one);
    } catch (error) {
      if (isStoreFailure(error) && error.outcome === "unknown") context.unresolved.add(run);
      throw error;
    }
  });

/** The run is no longer as it was thought to be. `unsure`: the write may have been applied all the same, before others went on from it. */
interface Missed {
  readonly type: "missed";
  readonly unsure: boolean;
}
const MISSED: Missed = { type: "missed", unsure: false };

async function attempt(context: Context, one: Commit): Promise<CommitOutcome> {
  const { run } = one.lease;
  let unsure = false;
  for (let n = 1; n <= TRIES; n++) {
    const codes = await context.codes.name(one.codes);
    let held = context.held.get(run);
    if (held === undefined || !builds(held, one)) {
      const judged = await judge(context, one);
      if ("type" in judged) {
        // Only who goes on from what is saved could tell whether this commit is part of it.
        if (judged.type === "fenced" && unsure) throw overtaken(context, "commit");
        return judged;
      }
      held = judged;
      context.held.set(run, held);
    }
    const outcome = isTurn(context, held, one)
      ? await turn(context, held, one, codes)
      : await transition(context, held, one, codes);
    if (outcome.type !== "missed") return outcome;
    unsure ||= outcome.unsure;
    context.held.delete(run);
    if (n > 1) await context.wire.pause(n);
  }
  throw busy(context, "commit");
}

/** As far as this process knows, the commit is the next. If that is no longer so, its write will fail. */
const builds = (held: Held, one: Commit): boolean =>
  sameLease(held.lease, one.lease) &&
  held.hot.commit !== one.commitId &&
  follows({ ...held.hot, inboxSeq: held.record.inboxSeq }, one);

/** Reads how the run stands, and answers for all commits that may not be applied. */
async function judge(context: Context, one: Commit): Promise<CommitOutcome | Held> {
  const { lease } = one;
  const found = await find(context, lease.run);
  if (found === undefined) return { type: "fenced", epoch: null };
  const { record } = found.head;
  if (record.incarnation === lease.incarnation && found.hot.commit === one.commitId) {
    // Applied; and so whatever else of ours may be on its way comes too late.
    context.unresolved.delete(lease.run);
    return { type: "ok", position: found.hot.position, inboxSeq: record.inboxSeq };
  }
  if (!holds(record, lease) || !follows({ ...found.hot, inboxSeq: record.inboxSeq }, one))
    return { type: "fenced", epoch: record.epoch };
  return heldAs(found, lease);
}

const isTurn = ({ unresolved }: Context, { record }: Held, one: Commit): boolean =>
  one.segment?.kind === "delta" &&
  !one.release &&
  !ENDED.has(one.status) &&
  !DORMANT.has(one.status) &&
  one.outbox.length === 0 &&
  (one.result === null || record.result !== null) &&
  (one.reason === null || one.reason.length <= LONG) &&
  !record.suspect &&
  record.strikes === 0 &&
  !unresolved.has(one.lease.run);

const hotAfter = (one: Commit, codes: string): Hot => ({
  position: one.position + (one.segment === null ? 0 : 1),
  status: one.status,
  reason: one.reason,
  updatedAt: one.now,
  consumed: one.consumed,
  wakeAt: one.wakeAt,
  codes,
  commit: one.commitId,
});

async function turn(context: Context, held: Held, one: Commit, codes: string): Promise<CommitOutcome | Missed> {
  const { run, incarnation } = one.lease;
  if ((await makeRoom(context, held)) === undefined) return MISSED;
  const hot = hotAfter(one, codes);
  const text = await store(context.wire, run, incarnation, one.segment!.text, SLOT_TEXT);
  const slot = { position: hot.position, epoch: held.fence, hot, text };
  const written = await context.wire.write(slotWrite(context, run, incarnation, slot) as Write & { type: "put" });
  if (!written.ok) return { type: "missed", unsure: written.unsure };
  // Mail may have come meanwhile.
  const now = context.held.get(run) ?? held;
  context.held.set(run, { ...now, hot });
  return { type: "ok", position: hot.position, inboxSeq: now.record.inboxSeq };
}

/** Before a slot is overwritten whose delta is still needed, the older half of the ring is copied. Undefined: somebody was quicker. */
async function makeRoom(context: Context, held: Held): Promise<Held | undefined> {
  const { run, incarnation } = held.lease;
  if (held.hot.position + 1 - context.layout.slots <= covered(held.record)) return held;
  const { from, to, text } = await readChunk(context, run, held.record);
  const name = await writeText(context.wire, run, incarnation, text);
  const chunks = [...held.record.chunks, { ...name, from, to }];
  return replaceHeld(context, held, { ...held.record, ...held.hot, chunks });
}

async function replaceHeld(context: Context, held: Held, record: HeadRecord): Promise<Held | undefined> {
  const { run } = held.lease;
  const { write, head } = replaceHead(context, run, held.rev, record);
  if (!(await context.wire.write(write)).ok) return undefined;
  noteWrite(context, write);
  const after = { ...held, rev: head.rev, record };
  context.held.set(run, after);
  return after;
}

async function transition(context: Context, before: Held, one: Commit, codes: string): Promise<CommitOutcome | Missed> {
  const { wire } = context;
  const { lease, segment } = one;
  const { run, incarnation } = lease;
  if (one.outbox.length > 0) {
    const pending = await pendingSeqs(context, run, incarnation);
    if (one.outbox.some(({ seq }) => pending.has(seq))) return { type: "fenced", epoch: lease.epoch };
  }
  const ended = ENDED.has(one.status);
  const held = segment !== null && !ended ? await makeRoom(context, before) : before;
  if (held === undefined) return MISSED;
  const { record } = held;

  const released = one.release || ended || DORMANT.has(one.status);
  const result = record.result ?? (one.result === null ? null : await store(wire, run, incarnation, one.result, LONG));
  const awoken = one.status === "stuck" && record.inboxSeq > one.consumed;
  const status = awoken ? livelyStatus(result) : one.status;
  const reason = awoken || one.reason === null ? null : await store(wire, run, incarnation, one.reason, LONG);
  const wakeAt = ended || DORMANT.has(status) ? null : one.wakeAt;
  const hot: Hot = { ...hotAfter(one, codes), status, reason, wakeAt };
  const progress = segment !== null || ended;

  let { base, chunks } = record;
  let text: Stored = "";
  if (segment !== null && !ended) {
    if (segment.kind === "base") {
      base = { ...(await writeText(wire, run, incarnation, segment.text)), at: hot.position };
      chunks = [];
    } else text = await store(wire, run, incarnation, segment.text, SLOT_TEXT);
  }
  const outgoing = await outgoingWrites(context, run, incarnation, record.sent, one.outbox);
  const beside: Write[] = [];
  let { fence } = held;
  let { marks } = record;
  if (segment !== null && !ended) {
    const slot = { position: hot.position, epoch: fence, hot, text };
    beside.push(slotWrite(context, run, incarnation, slot));
  } else if (context.unresolved.has(run)) {
    // A put of ours may still be on its way to the next slot.
    fence = (fence + lease.epoch + 1) / 2;
    const next = held.hot.position + 1;
    marks = marksWith(record, next, context.layout.slots);
    beside.push(fenceWrite(context, run, incarnation, next, fence));
  }
  if (released) beside.push({ type: "delete", key: ownerKey(lease.worker, run) });
  beside.push(...outgoing);

  const after: HeadRecord = {
    ...record,
    ...hot,
    result,
    owner: released ? null : lease.worker,
    suspect: record.suspect && !progress,
    strikes: progress ? 0 : record.strikes,
    base,
    chunks,
    marks,
    sent: record.sent + outgoing.length,
  };
  const { write, head } = replaceHead(context, run, held.rev, after);
  const written = beside.length === 0 ? await wire.write(write) : await wire.transact([write, ...beside]);
  if (!written.ok) return { type: "missed", unsure: written.unsure };
  for (const each of [write, ...beside]) noteWrite(context, each);
  context.unresolved.delete(run);
  if (base.id !== record.base.id) dropBase(context, lease, record, after);
  if (released) context.held.delete(run);
  else context.held.set(run, { ...held, rev: head.rev, record: after, hot, fence });
  return { type: "ok", position: hot.position, inboxSeq: after.inboxSeq };
}

/** What a new base has made superfluous. Readers that were about to read it read the head again. */
function dropBase({ wire, aside }: Context, { run, incarnation }: Lease, before: HeadRecord, after: HeadRecord): void {
  const kept = new Set([after.base.id, ...after.chunks.map(({ id }) => id)]);
  const dropped: TextName[] = [before.base, ...before.chunks].filter(({ id }) => !kept.has(id));
  aside(wire.deleteAll(dropped.flatMap((name) => partKeys(run, incarnation, name))));
}

export const compact = (context: Context, lease: Lease, position: number, segment: Segment): Promise<"ok" | "fenced"> =>
  context.inTurn(lease.run, async () => {
    const { wire } = context;
    const { run, incarnation } = lease;
    let name: TextName | undefined;
    for (let n = 1; n <= TRIES; n++) {
      let held = context.held.get(run);
      if (held === undefined || !sameLease(held.lease, lease)) {
        const found = await find(context, run);
        if (found === undefined || !holds(found.head.record, lease)) {
          // Unless it was applied, unheard, before others went on from it.
          const orphan = name !== undefined && found?.head.record.base.id !== name.id;
          if (orphan) context.aside(wire.deleteAll(partKeys(run, incarnation, name!)));
          return "fenced";
        }
        held = heldAs(found, lease);
        context.held.set(run, held);
      }
      checkCompaction(position, held.hot.position);
      const { record } = held;
      if (position <= record.base.at) return "ok";
      if (name === undefined) {
        name = await writeText(wire, run, incarnation, segment.text);
        // There may be another head by now.
        continue;
      }
      const chunks = chunksAbove(record.chunks, position);
      const after = { ...record, ...held.hot, base: { ...name, at: position }, chunks };
      if ((await replaceHeld(context, held, after)) !== undefined) {
        dropBase(context, lease, record, after);
        return "ok";
      }
      context.held.delete(run);
      await wire.pause(n);
    }
    throw busy(context, "compact");
  });

/** How many runs are committed at once: the SDK has as many connections. */
const ABREAST = 50;

/**
 * Each run is its own partition, so there is no lock order, and one that is refused or fails touches no other. When some got no answer the
 * call says so; the caller repeats it, and those that were applied are recognized.
 */
export async function commitGroup(context: Context, group: readonly Commit[]): Promise<CommitOutcome[]> {
  if (group.length === 1) return [await commit(context, group[0]!)];
  const outcomes: PromiseSettledResult<CommitOutcome>[] = [];
  for (let at = 0; at < group.length; at += ABREAST) {
    const some = group.slice(at, at + ABREAST).map((one) => commit(context, one));
    outcomes.push(...(await Promise.allSettled(some)));
  }
  const failures = outcomes.flatMap((outcome) => (outcome.status === "rejected" ? [outcome.reason as unknown] : []));
  if (failures.length === 0) return outcomes.map((outcome) => (outcome as PromiseFulfilledResult<CommitOutcome>).value);
  const unknown = failures.find((error) => isStoreFailure(error) && error.outcome === "unknown");
  // A refusal of one is "refused" for the call only when nothing of it was applied.
  if (unknown !== undefined || outcomes.every(({ status }) => status === "rejected")) throw unknown ?? failures[0];
  throw noAnswer(context, "commit", `of ${group.length} runs ${failures.length} could not be written`, failures[0]);
}
