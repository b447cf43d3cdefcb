/** Claims: what is due and nobody's, and what a worker that has ended has left behind. */
import { dueAt } from "../judgements.ts";
import { Damaged } from "../saved.ts";
import type { Claim, ClaimRequest, Lease, RunId } from "../store.ts";
import { DORMANT, ENDED } from "../store.ts";
import type { Context } from "./context.ts";
import { noteWrite, publicHead, readAnyItem, readHeads, replaceHead, setAside } from "./heads.ts";
import { type Item, requiredText, textOf, type Write } from "./items.ts";
import { DUE_SUSPECTS, due, dueLists, EPOCH, ownerKey, timeText, workerKey } from "./keys.ts";
import type { Listed } from "./recent.ts";
import { byRun, type Head, type HeadRecord, hotPart, marksWith } from "./record.ts";
import { fenceWrite, find, type Located } from "./ring.ts";
import { allWorkers, drained, hasEnded, isAlive, isRunning, lost, ownerItem, ownerItems } from "./workers.ts";

/** Runs in one transaction: three writes for each at most, of a hundred. */
const TOGETHER = 30;
const ROUNDS = 12;
const PAGE = 100;

export async function claim(context: Context, request: ClaimRequest): Promise<readonly Claim[]> {
  const { wire } = context;
  if (!isRunning(await wire.get(workerKey(request.worker)), request.now)) return [];
  const claims: Claim[] = [];
  const suspects = Math.min(request.suspects, request.limit);
  let damage: Damaged | undefined;
  if (suspects > 0) {
    damage = await takeOver(context, request, suspects, claims);
    await takeDue(context, request, [DUE_SUSPECTS], suspects, claims);
  }
  const lists = Array.from({ length: context.layout.shards }, (_, shard) => due(shard));
  await takeDue(context, request, lists, request.limit, claims);
  // A worker of whom nobody can tell whether it lives holds nothing up, and is told of when there is nothing else to do.
  if (claims.length === 0 && damage !== undefined) throw damage;
  return claims;
}

/** What the lists name up to now, of which all codes are linked: up to `limit` of each list, the longest due first. */
async function candidates(
  context: Context,
  lists: readonly string[],
  { now, codes }: ClaimRequest,
  limit: number,
  passed: ReadonlySet<string>,
): Promise<Listed[]> {
  const found = await Promise.all(
    lists.map(async (dk) => {
      const some: Listed[] = [];
      for await (const one of linkedIn(context, dk, timeText(now), codes, limit)) {
        if (passed.has(one.key.sk)) continue;
        some.push(one);
        if (some.length >= limit) break;
      }
      return some;
    }),
  );
  const all = found.flat();
  return all.sort((a, b) => (a.da < b.da ? -1 : a.da > b.da ? 1 : 0)).slice(0, limit);
}

/** Sets of codes are few, and known after they were met once: runs whose code is not linked cost no more than their line in the index. */
export async function* linkedIn(
  { recent, codes: sets }: Context,
  dk: string,
  to: string,
  codes: ReadonlySet<string>,
  limit: number,
): AsyncGenerator<Listed, void> {
  for await (const one of recent.listed(dk, " ", to, Math.max(limit, PAGE))) {
    if (one.cs === undefined) continue;
    await sets.learn([one.cs]);
    if (sets.linked(one.cs, codes)) yield one;
  }
}

const isDue = (record: HeadRecord, now: number): boolean => {
  const at = dueAt(record);
  return record.owner === null && at !== null && at <= now;
};

async function takeDue(
  context: Context,
  request: ClaimRequest,
  lists: readonly string[],
  limit: number,
  claims: Claim[],
): Promise<void> {
  const suspects = lists[0] === DUE_SUSPECTS;
  /** Not to be had, or had: the index may name them a while longer. */
  const passed = new Set<RunId>();
  for (let round = 0; round < ROUNDS && claims.length < limit; round++) {
    const wanted = Math.min(limit - claims.length, TOGETHER);
    const named = await candidates(context, lists, request, wanted, passed);
    if (named.length === 0) return;
    for (const { key } of named) passed.add(key.sk);
    const damaged: Item[] = [];
    const heads = await readHeads(
      context,
      named.map(({ key }) => key.sk),
      (found) => void damaged.push(found),
    );
    await Promise.all(damaged.map((found) => setAside(context, found)));
    await context.codes.learn([...heads.values()].map(({ record }) => record.codes));
    const chosen = [...heads.values()].filter(
      ({ record }) =>
        isDue(record, request.now) && record.suspect === suspects && context.codes.linked(record.codes, request.codes),
    );
    if (chosen.length > 0 && !(await takeAll(context, request, chosen, claims))) return;
    if (chosen.length === 0 || claims.length >= limit) continue;
    round = Math.min(round, ROUNDS - 2);
    if (named.length < wanted) return;
  }
}

/** One transaction for all of them; without those that somebody else was quicker to write, again. False: this worker's lease has ended. */
async function takeAll(
  context: Context,
  { worker }: ClaimRequest,
  heads: readonly Head[],
  claims: Claim[],
): Promise<boolean> {
  const { wire } = context;
  let left = heads.toSorted((a, b) => (dueAt(a.record) ?? 0) - (dueAt(b.record) ?? 0) || byRun(a, b));
  const last = await wire.add(EPOCH, "value", left.length);
  let epoch = last - left.length;
  while (left.length > 0) {
    const taken = left.map((before) => {
      const record: HeadRecord = { ...before.record, owner: worker, epoch: ++epoch };
      return replaceHead(context, before.run, before.rev, record);
    });
    const writes: Write[] = [isAlive(worker)];
    for (const { write } of taken) writes.push(write);
    for (const { head } of taken) writes.push(ownerItem(worker, head.run, head.record));
    const written = await wire.transact(writes);
    if (written.ok) {
      for (const { write, head } of taken) {
        noteWrite(context, write);
        const one = await claimed(context, worker, { head, hot: hotPart(head.record), next: undefined }, false);
        if (one !== undefined) claims.push(one);
      }
      return true;
    }
    if (written.failed.has(0)) return false;
    epoch -= left.length;
    left = left.filter((_, index) => !written.failed.has(index + 1));
  }
  return true;
}

/** The claim that was made, and what this process may go on from. */
async function claimed(
  context: Context,
  worker: string,
  { head, hot }: Located,
  takenOver: boolean,
): Promise<Claim | undefined> {
  const { run, rev, record } = head;
  const lease: Lease = { run, incarnation: record.incarnation, worker, epoch: record.epoch };
  context.held.set(run, { lease, rev, record, hot, fence: lease.epoch });
  context.unresolved.delete(run);
  const shown = await publicHead(context, run, record, hot);
  // A text of it is gone: the run has ended and been swept since. `owned` would tell of it otherwise.
  return shown && { lease, head: shown, takenOver };
}

/** Gives what is damaged of the workers; one that lives mends its own item with its next heartbeat. */
async function takeOver(
  context: Context,
  request: ClaimRequest,
  limit: number,
  claims: Claim[],
): Promise<Damaged | undefined> {
  let damage: Damaged | undefined;
  const workers = await allWorkers(context);
  const alive = new Set(workers.map((one) => textOf(one, "sk")!));
  for (const id of context.beats.keys()) if (!alive.has(id)) context.beats.delete(id);
  for (const dead of workers) {
    if (claims.length >= limit) break;
    const id = textOf(dead, "sk")!;
    if (id === request.worker || dead["drained"] !== undefined) continue;
    try {
      if (!hasEnded(context, dead, request.now)) continue;
      if (dead["ended"] === undefined) requiredText(dead, "beat");
    } catch (error) {
      if (!(error instanceof Damaged)) throw error;
      damage ??= error;
      continue;
    }
    const runs = await ownerItems(context, id);
    if (runs.length === 0 && dead["ended"] !== undefined) context.aside(drained(context, id));
    for (const one of runs) {
      if (claims.length >= limit) break;
      const run = textOf(one, "sk")!;
      const taken = await takeOverRun(context, request, dead, run).catch(async (error: unknown) => {
        if (!(error instanceof Damaged)) throw error;
        const found = await readAnyItem(context, run);
        if (found !== undefined) await setAside(context, found, id);
        return undefined;
      });
      if (taken === "renewed") break;
      if (taken !== undefined) claims.push(taken);
    }
  }
  return damage;
}

/** One run of a worker that has ended. The first ends its lease for good, unless its heart beats just now. */
async function takeOverRun(
  context: Context,
  request: ClaimRequest,
  dead: Item,
  run: RunId,
): Promise<Claim | "renewed" | undefined> {
  // A worker that is late commits until it is fenced: each of its turns moves the place of the fence.
  for (let n = 1; n <= ROUNDS; n++) {
    const taken = await tryToTakeOver(context, request, dead, run);
    if (taken !== "moved") return taken;
    await context.wire.pause(Math.min(n, 3));
  }
  return undefined;
}

async function tryToTakeOver(
  context: Context,
  request: ClaimRequest,
  dead: Item,
  run: RunId,
): Promise<Claim | "renewed" | "moved" | undefined> {
  const { wire, layout } = context;
  const owner = textOf(dead, "sk")!;
  const found = await find(context, run);
  if (found === undefined || found.head.record.owner !== owner) return undefined;
  const { head, hot } = found;
  const before: HeadRecord = { ...head.record, ...hot };
  await context.codes.learn([hot.codes]);
  if (!context.codes.linked(hot.codes, request.codes)) return undefined;
  if (ENDED.has(before.status) || DORMANT.has(before.status)) return undefined;

  const retired = textOf(dead, "ended") === "retired";
  const epoch = await wire.add(EPOCH, "value", 1);
  const next = hot.position + 1;
  const record: HeadRecord = {
    ...before,
    owner: request.worker,
    epoch,
    // It retired and died before it had given everything back: then nothing was resident any more.
    suspect: before.suspect || !retired,
    wakeAt: retired ? 0 : before.wakeAt,
    strikes: before.strikes + (before.suspect && !retired ? 1 : 0),
    marks: marksWith(before, next, layout.slots),
  };
  const { write, head: after } = replaceHead(context, run, head.rev, record);
  const writes: Write[] = [
    isAlive(request.worker),
    write,
    fenceWrite(context, run, record.incarnation, next, epoch),
    { type: "delete", key: ownerKey(owner, run) },
    ownerItem(request.worker, run, record),
  ];
  if (dead["ended"] === undefined) writes.push(lost(dead, "#beat = :beat OR attribute_exists(#ended)"));
  const written = await wire.transact(writes);
  if (!written.ok) {
    if (written.failed.has(0)) return undefined;
    return written.failed.has(5) ? "renewed" : "moved";
  }
  noteWrite(context, write);
  return claimed(context, request.worker, { head: after, hot, next: undefined }, !retired);
}

/** Earliest instant at which a run of this code is due; the heads decide. */
export async function nextWake(context: Context, codes: ReadonlySet<string>): Promise<number | null> {
  const earliest = await Promise.all(
    dueLists(context.layout.shards).map(async (dk) => {
      for await (const { key } of linkedIn(context, dk, timeText(9e15), codes, 1)) {
        // What is damaged is dealt with by the claim.
        const head = (await readHeads(context, [key.sk], () => {})).get(key.sk);
        const at = head === undefined || head.record.owner !== null ? null : dueAt(head.record);
        if (at === null) continue;
        await context.codes.learn([head!.record.codes]);
        if (context.codes.linked(head!.record.codes, codes)) return at;
      }
      return null;
    }),
  );
  return earliest.reduce((least, at) => (least === null || (at !== null && at < least) ? at : least), null);
}
