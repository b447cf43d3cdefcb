/** The ring of slots: where a run is, what its last turns wrote, and who may write the next. */
import { damaged, isText, parsed } from "../saved.ts";
import type { Incarnation, Lease, RunId, Segment } from "../store.ts";
import type { Context, Held } from "./context.ts";
import { busy, readHead } from "./heads.ts";
import { type Condition, type Item, item, numberOf, requiredCount, requiredText, type Write } from "./items.ts";
import { slotKey } from "./keys.ts";
import { dynamodbError } from "./messages.ts";
import { type Chunk, covered, type Head, type HeadRecord, type Hot, hotIn, hotPart } from "./record.ts";
import { readText, type Stored, storedIn } from "./texts.ts";

/** Bytes of text that a slot takes; longer ones are stored in parts. */
export const SLOT_TEXT = 300_000;
/** A stub of a fence is of no use to a process that has been frozen for longer. */
const STUB_LIFE = 365 * 86_400;

/** Places remembered at most. */
const MANY = 10_000;

const keyAt = ({ layout }: Context, run: RunId, incarnation: Incarnation, position: number) =>
  slotKey(run, incarnation, position % layout.slots);

/** Under what the slot of `position` may be written, by a lease with this epoch. See `docs/dynamodb.md`, "One turn". */
export function slotCondition({ layout: { slots } }: Context, position: number, epoch: number): Condition {
  if (position <= slots) {
    const test = "attribute_not_exists(#pk) OR (attribute_not_exists(#seq) AND #epoch <= :epoch)";
    return { test, values: { epoch } };
  }
  return { test: "#seq = :old AND #epoch <= :epoch", values: { old: position - slots, epoch } };
}

export interface SlotContent {
  readonly position: number;
  readonly epoch: number;
  readonly hot: Hot;
  readonly text: Stored;
}

/** The one write of a turn. */
export function slotWrite(context: Context, run: RunId, incarnation: Incarnation, slot: SlotContent): Write {
  const { position, epoch, hot, text } = slot;
  // The position is `seq` and the commit id is `commit`; the rest of the hot part is written as it is.
  const { commit, position: _, ...rest } = hot;
  return {
    type: "put",
    item: item({
      ...keyAt(context, run, incarnation, position),
      seq: position,
      epoch,
      commit: commit!,
      hot: JSON.stringify(rest),
      ...(typeof text === "string" ? { text } : { parts: JSON.stringify(text) }),
    }),
    condition: slotCondition(context, position, epoch),
  };
}

/** Ends whatever lease could write `position`, if that is still the next. */
export function fenceWrite(
  context: Context,
  run: RunId,
  incarnation: Incarnation,
  position: number,
  epoch: number,
): Write {
  const { test: condition, values } = slotCondition(context, position, epoch);
  const key = keyAt(context, run, incarnation, position);
  return { type: "update", key, change: { test: "SET #epoch = :epoch", ...(values && { values }) }, condition };
}

/** What `sweep` leaves where a lease was ended in the first lap: enough to refuse whoever wakes up late. */
export const stubs = (context: Context, run: RunId, { incarnation, marks }: HeadRecord, now: number): Item[] =>
  marks.map((position) => {
    const ttl = Math.floor(now / 1000) + STUB_LIFE;
    return item({ ...keyAt(context, run, incarnation, position), seq: -1, epoch: 0, ttl });
  });

const hotOf = (slot: Item): Hot =>
  hotIn(requiredText(slot, "hot"), requiredCount(slot, "seq"), requiredText(slot, "commit"));
const storedText = (slot: Item): Stored => storedIn(slot, "text");

/** A run and where it is. */
export interface Located {
  readonly head: Head;
  readonly hot: Hot;
  /** Slot after the last, as it is. */
  readonly next: Item | undefined;
}

/**
 * The last position of a run without owner is the head's. One at work may be any number of slots further: slots up to the last hold their
 * own position (or a later one), those after it an earlier one, so the last is found by doubling and halving.
 */
export async function locate(context: Context, head: Head): Promise<Located> {
  const { wire } = context;
  const { run, record } = head;
  if (record.owner === null) return { head, hot: hotPart(record), next: undefined };
  const at = (position: number) => wire.get(keyAt(context, run, record.incarnation, position));
  const reached = (slot: Item | undefined, position: number): boolean =>
    (numberOf(slot ?? {}, "seq") ?? -1) >= position;
  for (let n = 1; n < 10; n++) {
    const known = newestKnown(context, head);
    let low = known.position;
    let last: Item | undefined;
    let high = low + 1;
    let next = await at(high);
    for (let step = 1; reached(next, high); step *= 2) {
      low = high;
      last = next;
      high = low + step;
      next = await at(high);
    }
    if (last === undefined) return { head, hot: known, next };
    while (high - low > 1) {
      const middle = Math.floor((low + high) / 2);
      const slot = await at(middle);
      if (reached(slot, middle)) {
        low = middle;
        last = slot;
      } else {
        high = middle;
        next = slot;
      }
    }
    // Overtaken while looking, when it holds a later lap by now.
    if (numberOf(last!, "seq") === low) {
      const hot = hotOf(last!);
      if (context.places.size >= MANY) context.places.clear();
      context.places.set(run, { incarnation: record.incarnation, hot });
      return { head, hot, next };
    }
    await wire.pause(n);
  }
  throw busy(context, "locate");
}

/** The newest place that this process knows of: what it committed itself, what it found last, or the head's. */
function newestKnown({ held, places }: Context, { run, record }: Head): Hot {
  const own = held.get(run);
  const found = places.get(run);
  let newest = hotPart(record);
  if (own?.lease.incarnation === record.incarnation && own.hot.position > newest.position) newest = own.hot;
  if (found?.incarnation === record.incarnation && found.hot.position > newest.position) newest = found.hot;
  return newest;
}

/** Reads the head and finds the place. Undefined: no such run. */
export async function find(context: Context, run: RunId): Promise<Located | undefined> {
  const head = await readHead(context, run);
  return head === undefined ? undefined : locate(context, head);
}

/** A run as found, for the holder of its lease to go on with. */
export function heldAs({ head, hot, next }: Located, lease: Lease): Held {
  const { rev, record } = head;
  const epoch = numberOf(next ?? {}, "epoch") ?? 0;
  return {
    lease,
    rev,
    record,
    hot,
    fence: epoch > lease.epoch && epoch < lease.epoch + 1 ? epoch : lease.epoch,
  };
}

/** Slots of positions `from` to `to`, in order; undefined when one is missing or has been overwritten. */
async function readSlots(
  context: Context,
  run: RunId,
  incarnation: Incarnation,
  from: number,
  to: number,
): Promise<Item[] | undefined> {
  const { slots } = context.layout;
  const read: Item[] = [];
  for (let first = from; first <= to; ) {
    const last = Math.min(to, first + slots - 1 - (first % slots));
    const { pk, sk } = keyAt(context, run, incarnation, first);
    read.push(...(await context.wire.all({ pk, from: sk, to: keyAt(context, run, incarnation, last).sk })));
    first = last + 1;
  }
  const whole = read.length === to - from + 1 && read.every((slot, n) => numberOf(slot, "seq") === from + n);
  return whole ? read : undefined;
}

function deltasIn(text: string): string[] {
  const deltas = parsed(text, "moved deltas");
  return Array.isArray(deltas) && deltas.every(isText) ? deltas : damaged("moved deltas are no texts");
}

/** The last base and the deltas after it, up to `position`; undefined when something of it has been replaced meanwhile. */
export async function readSegments(
  context: Context,
  run: RunId,
  { incarnation, base, chunks }: HeadRecord,
  position: number,
): Promise<Segment[] | undefined> {
  const { wire } = context;
  const first = await readText(wire, run, incarnation, base);
  if (first === undefined) return undefined;
  const segments: Segment[] = [{ kind: "base", text: first }];
  let next = base.at + 1;
  for (const chunk of chunks) {
    const text = await readText(wire, run, incarnation, chunk);
    if (text === undefined) return undefined;
    const deltas = deltasIn(text).slice(next - chunk.from);
    for (const delta of deltas) segments.push({ kind: "delta", text: delta });
    next = chunk.to + 1;
  }
  // What the ring cannot hold was found while the run went on, or never written.
  if (position - next >= context.layout.slots) return undefined;
  const slots = await readSlots(context, run, incarnation, next, position);
  if (slots === undefined) return undefined;
  for (const slot of slots) {
    const text = await readText(wire, run, incarnation, storedText(slot));
    if (text === undefined) return undefined;
    segments.push({ kind: "delta", text });
  }
  return segments;
}

/**
 * The older half of the ring as a chunk, so that it may be overwritten. What was committed never changes: whoever copies it copies the
 * truth.
 */
export async function readChunk(
  context: Context,
  run: RunId,
  record: HeadRecord,
): Promise<{ from: number; to: number; text: string }> {
  const from = covered(record) + 1;
  const to = from + Math.ceil(context.layout.slots / 2) - 1;
  const slots = await readSlots(context, run, record.incarnation, from, to);
  const missing = (): never => {
    const why = `slots ${from} to ${to} of the run ${run} are not what they should be`;
    throw dynamodbError("PD3308", "refused", { table: context.wire.table, why });
  };
  const texts: string[] = [];
  for (const slot of slots ?? missing())
    texts.push((await readText(context.wire, run, record.incarnation, storedText(slot))) ?? missing());
  return { from, to, text: JSON.stringify(texts) };
}

/** Chunks that are still needed above a base. */
export const chunksAbove = (chunks: readonly Chunk[], base: number): Chunk[] => chunks.filter(({ to }) => to > base);
