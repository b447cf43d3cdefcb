/** Reading and replacing heads. */
import { holds } from "../judgements.ts";
import { Damaged, salvaged } from "../saved.ts";
import type { RunHead, RunId, WorkerId } from "../store.ts";
import type { Context } from "./context.ts";
import { ABSENT, atRevision, type Item, item, keyOf, keyText, requiredText, textOf, type Write } from "./items.ts";
import { bytes, dormant, headKey, ownerKey } from "./keys.ts";
import { dynamodbError } from "./messages.ts";
import { type Head, type HeadRecord, type Hot, listing, recordOf } from "./record.ts";
import { readText } from "./texts.ts";
import { nonce } from "./wire.ts";

/** Of the 400 KB of an item; long texts are not in it. */
const LIMIT = 300_000;

export const headOf = (found: Item): Head => ({
  run: textOf(found, "sk")!,
  rev: requiredText(found, "rev"),
  record: recordOf(requiredText(found, "head")),
});

export const readAnyItem = ({ wire, layout }: Context, run: RunId): Promise<Item | undefined> =>
  wire.get(headKey(run, layout.shards));

/** With those that a sweep is deleting. */
export async function readAnyHead(context: Context, run: RunId): Promise<Head | undefined> {
  const found = await readAnyItem(context, run);
  return found === undefined ? undefined : headOf(found);
}

export async function readHead(context: Context, run: RunId): Promise<Head | undefined> {
  const head = await readAnyHead(context, run);
  return head?.record.swept === true ? undefined : head;
}

/** `damaged` is told of those that cannot be read: the others are there all the same. */
export async function readHeads(
  { wire, layout }: Context,
  runs: readonly RunId[],
  damaged: (found: Item, why: Damaged) => void,
): Promise<Map<RunId, Head>> {
  const keys = runs.map((run) => headKey(run, layout.shards));
  const found = await wire.getMany(keys);
  const heads = new Map<RunId, Head>();
  for (const key of keys) {
    const one = found.get(keyText(key));
    if (one === undefined) continue;
    try {
      const head = headOf(one);
      if (!head.record.swept) heads.set(head.run, head);
    } catch (error) {
      if (!(error instanceof Damaged)) throw error;
      damaged(one, error);
    }
  }
  return heads;
}

/**
 * Nobody can drive the run: instead of being due, it is listed with those that are blocked, until somebody has put back the item as it was. What
 * it holds is left as it is. `owner`: a worker that has ended, which does not own it any more.
 */
export async function setAside({ wire, recent }: Context, found: Item, owner?: WorkerId): Promise<void> {
  const key = keyOf(found);
  const [dk, da] = [textOf(found, "dk"), textOf(found, "da")];
  const same = (name: string, value: string | undefined): string =>
    value === undefined ? `attribute_not_exists(#${name})` : `#${name} = :was_${name}`;
  const values = {
    dk: dormant("blocked"),
    da: key.sk,
    ...(dk !== undefined && { was_dk: dk }),
    ...(da !== undefined && { was_da: da }),
  };
  const relist: Write = {
    type: "update",
    key,
    change: { test: "SET #dk = :dk, #da = :da", values },
    condition: `${same("dk", dk)} AND ${same("da", da)}`,
  };
  const written =
    owner === undefined
      ? await wire.write(relist)
      : await wire.transact([relist, { type: "delete", key: ownerKey(owner, key.sk) }]);
  if (written.ok) recent.deleted(key);
}

/** What is left of a damaged head, and why. */
export const restOfHead = (
  { wire: { table } }: Context,
  run: RunId,
  record: Partial<HeadRecord>,
  why: Damaged,
): RunHead => {
  const damage = dynamodbError("PD3308", "refused", { table, why: why.message }, why);
  // Its set of codes may be what is damaged; long texts stand elsewhere.
  return salvaged({ ...(record as object), run, codes: [] }, damage);
};

/** The write that replaces the head `before` (null: there is none yet), and the head that there is then. */
export function replaceHead(
  { layout }: Context,
  run: RunId,
  before: string | null,
  record: HeadRecord,
): { write: Write & { type: "put" }; head: Head } {
  const rev = nonce();
  const text = JSON.stringify(record);
  if (text.length * 3 > LIMIT && bytes(text) > LIMIT) {
    const details = { what: `the head of the run ${run}`, bytes: String(bytes(text)), limit: String(LIMIT) };
    throw dynamodbError("PD3306", "refused", details);
  }
  const found = listing(run, record, layout.shards);
  const attributes = { ...headKey(run, layout.shards), rev, head: text, ...found, ...(found && { cs: record.codes }) };
  return {
    write: { type: "put", item: item(attributes), condition: before === null ? ABSENT : atRevision(before) },
    head: { run, rev, record },
  };
}

/** What a change of a head wants to write, or what it answers without. */
export type Decision<T> =
  | { readonly answer: T }
  | {
      readonly record: HeadRecord;
      readonly beside?: readonly Write[];
      readonly done: (head: Head) => T;
      /** One of `beside` was refused (by its place there), with what it met; undefined: try again. */
      readonly refused?: (failed: ReadonlyMap<number, Item | undefined>) => T | undefined;
    };

const TRIES = 25;

/** Reads, decides, and replaces the head under the `rev` that was read, with what belongs to it; again when somebody was quicker. */
export async function changeHead<T>(
  context: Context,
  call: string,
  run: RunId,
  decide: (head: Head | undefined) => Promise<Decision<T>> | Decision<T>,
): Promise<T> {
  const { wire } = context;
  for (let n = 1; n <= TRIES; n++) {
    const before = await readHead(context, run);
    const decision = await decide(before);
    if ("answer" in decision) return decision.answer;
    const { record, beside = [], done, refused } = decision;
    const { write, head } = replaceHead(context, run, before?.rev ?? null, record);
    const written = beside.length === 0 ? await wire.write(write) : await wire.transact([write, ...beside]);
    if (written.ok) {
      for (const one of [write, ...beside]) noteWrite(context, one);
      const held = context.held.get(run);
      if (held !== undefined && !holds(record, held.lease)) context.held.delete(run);
      else if (held !== undefined && held.rev === before?.rev)
        context.held.set(run, { ...held, rev: head.rev, record });
      return done(head);
    }
    if ("failed" in written && !written.failed.has(0)) {
      const answer = refused?.(new Map([...written.failed].map(([index, old]) => [index - 1, old])));
      if (answer !== undefined) return answer;
    }
    // Somebody has written since, and it may have been over what an earlier attempt of ours wrote.
    if (written.unsure) throw overtaken(context, call);
    await wire.pause(Math.min(n, 3));
  }
  throw busy(context, call);
}

export const noAnswer = ({ wire: { table } }: Context, call: string, why: string, cause?: unknown): Error =>
  dynamodbError("PD3305", "unknown", { table, call, why }, cause);
/** An earlier attempt got no answer, and others have gone on from where it may have left the run. */
export const overtaken = (context: Context, call: string): Error =>
  noAnswer(context, call, "an answer was lost, and others have written since");
export const busy = ({ wire: { table } }: Context, call: string): Error =>
  dynamodbError("PD3304", "refused", {
    table,
    call,
    attempts: String(TRIES),
    why: "others change the same run all the time",
  });

/** For the index's sake. */
export function noteWrite({ recent }: Context, write: Write): void {
  if (write.type === "put" && write.item["rev"] !== undefined) {
    const replaced = write.condition?.values?.["rev"];
    recent.wrote(write.item, typeof replaced === "string" ? replaced : undefined);
  }
}

/** The head as the contract has it; undefined when a text of it is gone, because the run has been replaced since. */
export async function publicHead(
  { wire, codes }: Context,
  run: RunId,
  record: HeadRecord,
  hot: Hot = record,
): Promise<RunHead | undefined> {
  const { incarnation } = record;
  const texts: (string | null)[] = [];
  for (const stored of [hot.reason, record.result, record.parent]) {
    const text = stored === null ? null : await readText(wire, run, incarnation, stored);
    if (text === undefined) return undefined;
    texts.push(text);
  }
  const [reason, result, parent] = texts as [string | null, string | null, string | null];
  return {
    run,
    incarnation,
    fn: record.fn,
    status: hot.status,
    reason,
    createdAt: record.createdAt,
    updatedAt: hot.updatedAt,
    argsDigest: record.argsDigest,
    position: hot.position,
    inboxSeq: record.inboxSeq,
    consumed: hot.consumed,
    wakeAt: hot.wakeAt,
    owner: record.owner,
    epoch: record.epoch,
    codes: await codes.get(hot.codes),
    suspect: record.suspect,
    strikes: record.strikes,
    result,
    parent,
  };
}
