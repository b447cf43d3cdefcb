/** Reading without writing: whole runs, heads, lists. */

import { compareIds } from "../arguments.ts";
import { dueAt, holds } from "../judgements.ts";
import { Damaged, unreadable } from "../saved.ts";
import type { Lease, LoadedRun, Outgoing, RunHead, RunId, RunQuery } from "../store.ts";
import { DORMANT, ENDED } from "../store.ts";
import type { Context } from "./context.ts";
import { busy, headOf, publicHead, readAnyItem, readHead, restOfHead } from "./heads.ts";
import { type Item, textOf } from "./items.ts";
import { dormant, dueLists, END, timeText } from "./keys.ts";
import { messagesAfter } from "./mail.ts";
import { dynamodbError } from "./messages.ts";
import { pending } from "./outgoing.ts";
import { byRun, type Head, type HeadRecord, restOf } from "./record.ts";
import { find, heldAs, type Located, locate, readSegments } from "./ring.ts";

const TRIES = 20;

async function readWhole(context: Context, { head, hot }: Located): Promise<LoadedRun | undefined> {
  const { run, record } = head;
  const { incarnation } = record;
  const ended = ENDED.has(record.status);
  // One after the other, round trips were most of a load.
  const [segments, inbox, sending, shown] = await Promise.all([
    ended ? [] : readSegments(context, run, record, hot.position),
    messagesAfter(context, run, incarnation, hot.consumed),
    pending(context, run, incarnation),
    publicHead(context, run, record, hot),
  ]);
  if (segments === undefined || inbox === undefined || sending === undefined || shown === undefined) return undefined;
  const outbox: Outgoing[] = sending.flatMap(({ entries }) => [...entries]);
  return { head: shown, segments, inbox, outbox };
}

/** What of this one run is damaged blocks that run alone. */
function damageOf(context: Context, { head: { run, record }, hot }: Located, why: Damaged): Error {
  const { table } = context.wire;
  const error = dynamodbError("PD3308", "refused", { table, why: why.message }, why);
  return unreadable(error, restOfHead(context, run, { ...record, ...hot }, why));
}

/**
 * The whole run as it was at one instant: the last slot that was found is what the run was then, what lies before it does not change, and the
 * head was the same before and after. Acknowledgements alone may come in between; they change nothing for who drives the run.
 */
async function whole<T>(
  context: Context,
  run: RunId,
  refuse: (record: HeadRecord) => T | undefined,
): Promise<{ found: Located; loaded: LoadedRun } | { refused: T } | null> {
  for (let n = 1; n <= TRIES; n++) {
    const found = await find(context, run);
    if (found === undefined) return null;
    const refused = refuse(found.head.record);
    if (refused !== undefined) return { refused };
    const loaded = await readWhole(context, found).catch((error: unknown) => {
      throw error instanceof Damaged ? damageOf(context, found, error) : error;
    });
    if (loaded !== undefined && (await readHead(context, run))?.rev === found.head.rev) return { found, loaded };
    await context.wire.pause(Math.min(n, 4));
  }
  throw busy(context, "load");
}

export async function load(context: Context, lease: Lease): Promise<LoadedRun | "fenced"> {
  const read = await whole(context, lease.run, (record) => (holds(record, lease) ? undefined : ("fenced" as const)));
  if (read === null) return "fenced";
  if ("refused" in read) return read.refused;
  if (!context.held.has(lease.run)) context.held.set(lease.run, heldAs(read.found, lease));
  return read.loaded;
}

export async function inspect(context: Context, run: RunId): Promise<LoadedRun | null> {
  const read = await whole(context, run, () => undefined);
  return read === null || "refused" in read ? null : read.loaded;
}

/** Undefined: it has changed under our hands. */
async function show(context: Context, head: Head): Promise<RunHead | undefined> {
  const { hot } = await locate(context, head);
  return publicHead(context, head.run, head.record, hot);
}

export async function read(context: Context, run: RunId): Promise<RunHead | null> {
  for (let n = 1; n <= TRIES; n++) {
    const head = await readHead(context, run);
    if (head === undefined) return null;
    const shown = await show(context, head);
    // An owner may have written a later slot and given the run away since; then the head says so.
    if (shown !== undefined && (head.record.owner === null || (await readHead(context, run))?.rev === head.rev))
      return shown;
    await context.wire.pause(Math.min(n, 4));
  }
  throw busy(context, "read");
}

/** A head, or what is left of a damaged one. */
type Shown = { readonly run: RunId } & ({ readonly head: Head } | { readonly rest: RunHead });

function shownOf(context: Context, found: Item): Shown {
  const run = textOf(found, "sk")!;
  try {
    return { run, head: headOf(found) };
  } catch (error) {
    if (!(error instanceof Damaged)) throw error;
    return { run, rest: restOfHead(context, run, restOf(textOf(found, "head")), error) };
  }
}

/** All heads in the order of ids: the shards merged. */
async function* inOrder(context: Context, after: RunId | undefined, page: number): AsyncGenerator<Shown, void> {
  const { wire, layout } = context;
  const shards = await Promise.all(
    Array.from({ length: layout.shards }, async (_, shard) => {
      const pages = wire.query({ pk: `heads/${shard}`, from: after ?? " ", to: END, limit: page });
      const heads = (async function* () {
        for await (const items of pages) yield* items.map((found) => shownOf(context, found));
      })();
      return { heads, next: await heads.next() };
    }),
  );
  for (;;) {
    const least = shards
      .filter(({ next }) => next.done !== true)
      .reduce<(typeof shards)[number] | undefined>(
        (best, one) =>
          best === undefined || byRun(one.next.value as Shown, best.next.value as Shown) < 0 ? one : best,
        undefined,
      );
    if (least === undefined) return;
    const found = least.next.value as Shown;
    least.next = await least.heads.next();
    const isSwept = "head" in found && found.head.record.swept;
    if (!isSwept && (after === undefined || compareIds(found.run, after) > 0)) yield found;
  }
}

/** Dormant runs are in the index under their status. */
async function* dormantHeads(context: Context, status: string, after: RunId | undefined): AsyncGenerator<Shown, void> {
  for await (const { key } of context.recent.listed(dormant(status), after ?? " ", END, 100)) {
    if (key.sk === after) continue;
    const found = await readAnyItem(context, key.sk);
    const shown = found && shownOf(context, found);
    if (shown !== undefined && !("head" in shown && shown.head.record.swept)) yield shown;
  }
}

/** Undefined: it is not there any more. */
async function showWhatCanBe(context: Context, head: Head): Promise<RunHead | undefined> {
  try {
    return (await show(context, head)) ?? (await read(context, head.run)) ?? undefined;
  } catch (error) {
    if (!(error instanceof Damaged)) throw error;
    return restOfHead(context, head.run, head.record, error);
  }
}

export async function list(context: Context, query: RunQuery): Promise<readonly RunHead[]> {
  const { status, fn, after, limit = 100 } = query;
  const found: RunHead[] = [];
  if (limit === 0) return found;
  const listed = status !== undefined && DORMANT.has(status);
  const heads = listed ? dormantHeads(context, status, after) : inOrder(context, after, Math.min(limit, 200));
  for await (const one of heads) {
    if ("rest" in one) {
      // Those that are blocked were listed as such; of others nobody knows better what they are.
      if ((fn === undefined || one.rest.fn === fn) && (status === undefined || listed || one.rest.status === status))
        found.push(listed ? { ...one.rest, status } : one.rest);
      if (found.length >= limit) break;
      continue;
    }
    const { head } = one;
    if (fn !== undefined && head.record.fn !== fn) continue;
    // The head of a run at work is behind, but such a run is lively.
    if (status !== undefined && head.record.owner === null && head.record.status !== status) continue;
    const shown = await showWhatCanBe(context, head);
    if (shown === undefined || (status !== undefined && shown.status !== status)) continue;
    found.push(shown);
    if (found.length >= limit) break;
  }
  return found;
}

/** What the index names first, of each of its lists: a page that a poll reads too. */
const LOOK = 100;

export async function unlinked(context: Context, codes: ReadonlySet<string>): Promise<RunHead[]> {
  const waits = (head: RunHead): boolean =>
    head.owner === null && dueAt(head) !== null && !head.codes.every((code) => codes.has(code));
  const bySet = new Map<string, RunHead>();
  const look = async (dk: string): Promise<void> => {
    let seen = 0;
    for await (const { key, cs } of context.recent.listed(dk, " ", timeText(9e15), LOOK)) {
      if (++seen > LOOK) return;
      if (cs === undefined || bySet.has(cs)) continue;
      await context.codes.learn([cs]);
      if (context.codes.linked(cs, codes)) continue;
      // The index is late: one that it names may wait no more, and the next of the same set may.
      const head = await readable(context, key.sk);
      if (head !== null && waits(head)) bySet.set(cs, head);
    }
  };
  await Promise.all(dueLists(context.layout.shards).map(look));
  return [...bySet.values()];
}

/** Null too: it is damaged, which the claim deals with. */
const readable = (context: Context, run: RunId): Promise<RunHead | null> =>
  read(context, run).catch((error: unknown) => {
    if (error instanceof Damaged) return null;
    throw error;
  });
