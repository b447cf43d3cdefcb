/** Creating runs, and deleting them when their time is over. */
import type { NewRun, RunHead } from "../store.ts";
import { ENDED } from "../store.ts";
import type { Context } from "./context.ts";
import { busy, headOf, noteWrite, replaceHead } from "./heads.ts";
import { atRevision, keyOf, keyText, requiredNumber, textOf } from "./items.ts";
import { ended, headKey, timeText, wholeRun, workerKey } from "./keys.ts";
import { nothingPending } from "./outgoing.ts";
import { read } from "./reading.ts";
import { type Head, newRecord } from "./record.ts";
import { stubs } from "./ring.ts";
import { partKeys, store, writeText } from "./texts.ts";
import { allWorkers, lost, ownerItems } from "./workers.ts";

const TRIES = 10;
const LONG = 4_000;

export async function create(
  context: Context,
  run: NewRun,
): Promise<{ type: "created" } | { type: "exists"; head: RunHead }> {
  const { wire } = context;
  const { incarnation } = run;
  const [codes, base, parent] = await Promise.all([
    context.codes.name(run.codes),
    writeText(wire, run.run, incarnation, run.segment.text),
    run.parent === null ? null : store(wire, run.run, incarnation, run.parent, LONG),
  ]);
  const { write } = replaceHead(context, run.run, null, newRecord(run, codes, base, parent));
  for (let n = 1; n <= TRIES; n++) {
    const written = await wire.write(write);
    if (written.ok) {
      noteWrite(context, write);
      return { type: "created" };
    }
    const taken = written.old && headOf(written.old);
    if (taken === undefined) continue;
    if (taken.record.swept) {
      // Somebody began to delete it; nothing of it may be left when the next one begins.
      await purge(context, taken);
      continue;
    }
    const mine = taken.record.incarnation === incarnation;
    if (!mine || taken.record.base.id !== base.id) context.aside(wire.deleteAll(partKeys(run.run, incarnation, base)));
    if (mine) return { type: "created" };
    const head = await read(context, run.run);
    if (head !== null) return { type: "exists", head };
    await wire.pause(n);
  }
  throw busy(context, "create");
}

export async function sweep(context: Context, before: number, limit: number, now: number): Promise<number> {
  let swept = 0;
  for (let shard = 0; shard < context.layout.shards && swept < limit; shard++) {
    for await (const { key } of context.recent.listed(ended(shard), " ", timeText(before), 100)) {
      if (swept >= limit) break;
      if (await sweepRun(context, key.sk, before, now)) swept++;
    }
  }
  await forgetWorkers(context, before);
  return swept;
}

async function sweepRun(context: Context, run: string, before: number, now: number): Promise<boolean> {
  const { wire, layout } = context;
  const found = await wire.get(headKey(run, layout.shards));
  if (found === undefined) {
    context.recent.deleted(headKey(run, layout.shards));
    return false;
  }
  const head = headOf(found);
  const { record } = head;
  // Somebody began, and did not finish: the run is gone already, and counted.
  if (record.swept) {
    await purge(context, head, now);
    return false;
  }
  if (!ENDED.has(record.status) || record.updatedAt >= before) return false;
  if (!(await nothingPending(context, run, record.incarnation))) return false;
  const { write, head: marked } = replaceHead(context, run, head.rev, { ...record, swept: true });
  if (!(await wire.write(write)).ok) return false;
  await purge(context, marked, now);
  return true;
}

/** Deletes all that a run has, its head last, so that what is left can be found again. Slots that fence somebody are cut down to stubs. */
async function purge(context: Context, { run, rev, record }: Head, now = Date.now()): Promise<void> {
  const { wire, layout } = context;
  const kept = stubs(context, run, record, now);
  const names = new Set(kept.map((one) => keyText(keyOf(one))));
  // Written over what is there, so that there is no moment without them.
  for (const stub of kept) await wire.write({ type: "put", item: stub });
  for await (const page of wire.query(wholeRun(run, record.incarnation))) {
    await wire.deleteAll(page.map(keyOf).filter((key) => !names.has(keyText(key))));
  }
  const key = headKey(run, layout.shards);
  await wire.write({ type: "delete", key, condition: atRevision(rev) });
  context.recent.deleted(key);
  context.held.delete(run);
}

async function forgetWorkers(context: Context, before: number): Promise<void> {
  const { wire, beats } = context;
  const ownsNothing = async (id: string) => (await ownerItems(context, id)).length === 0;
  for (const worker of await allWorkers(context)) {
    const id = textOf(worker, "sk")!;
    if (requiredNumber(worker, "until") >= before || !(await ownsNothing(id))) continue;
    const key = workerKey(id);
    // One that wakes up may claim at any time until its lease has ended; what it owns after that, others take over as long as it is known.
    if (worker["ended"] === undefined && (!(await wire.write(lost(worker))).ok || !(await ownsNothing(id)))) continue;
    const forgotten = await wire.write({ type: "delete", key, condition: { test: "attribute_exists(#ended)" } });
    if (forgotten.ok) beats.delete(id);
  }
}
