/** Outgoing entries: made by commits, listed for whoever finds a sender gone, taken away when they have been delivered. */
import { checkedOutgoing, Damaged, damaged, parsed } from "../saved.ts";
import type { Incarnation, Outgoing, RunId } from "../store.ts";
import type { Context } from "./context.ts";
import { ABSENT, atRevision, type Item, item, type Key, keyOf, keyText, requiredText, type Write } from "./items.ts";
import { END, outgoing as listed, outgoingKey, runPk, shardOf } from "./keys.ts";
import { readText, type Stored, store, storedIn } from "./texts.ts";
import { nonce } from "./wire.ts";

/** A transaction takes a hundred items and 4 MB; a thousand child runs started at once share items. */
const ITEMS = 40;
const INLINE = 60_000;

const itemOf = (key: Key, stored: Stored, dk: string, da: string): Item =>
  item({
    ...key,
    rev: nonce(),
    ...(typeof stored === "string" ? { entries: stored } : { parts: JSON.stringify(stored) }),
    dk,
    da,
  });

export async function outgoingWrites(
  { wire, layout, tick }: Context,
  run: RunId,
  incarnation: Incarnation,
  sent: number,
  entries: readonly Outgoing[],
): Promise<Write[]> {
  const together = Math.ceil(entries.length / ITEMS);
  const writes: Write[] = [];
  for (let at = 0; at < entries.length; at += together) {
    const text = JSON.stringify(entries.slice(at, at + together));
    const stored = await store(wire, run, incarnation, text, INLINE);
    const key = outgoingKey(run, incarnation, sent + writes.length + 1);
    const made = itemOf(key, stored, listed(shardOf(run, layout.shards)), tick());
    writes.push({ type: "put", item: made, condition: ABSENT });
  }
  return writes;
}

interface Pending {
  readonly item: Item;
  readonly entries: readonly Outgoing[];
}

async function entriesOf({ wire }: Context, found: Item): Promise<readonly Outgoing[] | undefined> {
  const { pk, sk } = keyOf(found);
  const stored = storedIn(found, "entries");
  const text = await readText(wire, runOf(pk), incarnationOf(sk), stored);
  return text === undefined ? undefined : entriesIn(text);
}
const entriesIn = (text: string): Outgoing[] => {
  const entries = parsed(text, "outgoing entries");
  return Array.isArray(entries) ? entries.map(checkedOutgoing) : damaged("outgoing entries are no list");
};
const runOf = (pk: string): RunId => pk.slice(runPk("").length);
const incarnationOf = (sk: string): Incarnation => decodeURIComponent(sk.slice(0, sk.indexOf("/")));

/** In the order of commits. Undefined: swept while it was read. */
export async function pending(
  context: Context,
  run: RunId,
  incarnation: Incarnation,
): Promise<readonly Pending[] | undefined> {
  const { pk, sk } = outgoingKey(run, incarnation, 0);
  const prefix = sk.slice(0, sk.lastIndexOf("/") + 1);
  const found: Pending[] = [];
  for (const one of await context.wire.all({ pk, from: prefix, to: prefix + END })) {
    const entries = await entriesOf(context, one);
    if (entries === undefined) return undefined;
    found.push({ item: one, entries });
  }
  return found;
}

export async function pendingSeqs(context: Context, run: RunId, incarnation: Incarnation): Promise<Set<number>> {
  const found = (await pending(context, run, incarnation)) ?? [];
  return new Set(found.flatMap(({ entries }) => entries.map(({ seq }) => seq)));
}

export async function acknowledge(
  context: Context,
  run: RunId,
  incarnation: Incarnation,
  seqs: readonly number[],
): Promise<void> {
  const { wire, recent } = context;
  for (let n = 1; ; n++) {
    let again = false;
    for (const one of (await pending(context, run, incarnation)) ?? []) {
      const left = one.entries.filter(({ seq }) => !seqs.includes(seq));
      if (left.length === one.entries.length) continue;
      const key = keyOf(one.item);
      const condition = atRevision(requiredText(one.item, "rev"));
      if (left.length === 0) {
        const written = await wire.write({ type: "delete", key, condition });
        if (written.ok || written.old === undefined) recent.deleted(key);
        else again = true;
        continue;
      }
      const stored = await store(wire, run, incarnation, JSON.stringify(left), INLINE);
      const less = itemOf(key, stored, requiredText(one.item, "dk"), requiredText(one.item, "da"));
      again = !(await wire.write({ type: "put", item: less, condition })).ok || again;
    }
    if (!again) return;
    await wire.pause(Math.min(n, 3));
  }
}

export async function pendingOutbox(
  context: Context,
  limit: number,
): Promise<{ run: RunId; incarnation: Incarnation; entry: Outgoing }[]> {
  const { wire, layout, recent } = context;
  const candidates: { key: Key; da: string }[] = [];
  await Promise.all(
    Array.from({ length: layout.shards }, async (_, shard) => {
      let seen = 0;
      if (limit === 0) return;
      for await (const one of recent.listed(listed(shard), " ", END, limit)) {
        candidates.push(one);
        if (++seen >= limit) break;
      }
    }),
  );
  candidates.sort((a, b) => (a.da < b.da ? -1 : a.da > b.da ? 1 : 0));
  const found = await wire.getMany(candidates.map(({ key }) => key));
  const all: { run: RunId; incarnation: Incarnation; entry: Outgoing }[] = [];
  let first: Damaged | undefined;
  for (const { key } of candidates) {
    const one = found.get(keyText(key));
    if (one === undefined) continue;
    const [run, incarnation] = [runOf(key.pk), incarnationOf(key.sk)];
    // A sweep may have begun with a run that had nothing to send any more.
    try {
      for (const entry of (await entriesOf(context, one)) ?? []) {
        if (all.length < limit) all.push({ run, incarnation, entry });
      }
    } catch (error) {
      if (!(error instanceof Damaged)) throw error;
      first ??= error;
    }
  }
  // It holds nothing up, and is told when there is nothing else to tell.
  if (all.length === 0 && first !== undefined) throw first;
  return all;
}

/** True when the run has nothing left to send. */
export const nothingPending = async (context: Context, run: RunId, incarnation: Incarnation): Promise<boolean> =>
  (await pending(context, run, incarnation))?.length === 0;
