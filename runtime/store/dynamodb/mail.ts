/** Messages to runs, and dormant runs that are to go on. */
import { livelyStatus } from "../judgements.ts";
import { checkedEntry, Damaged, unreadable } from "../saved.ts";
import type { DeliverOutcome, InboxEntry, Incarnation, Lease, Message, RunId } from "../store.ts";
import { DORMANT, ENDED } from "../store.ts";
import type { Context } from "./context.ts";
import { changeHead, type Decision, readHead } from "./heads.ts";
import { ABSENT, type Item, item, requiredCount, textOf, type Write } from "./items.ts";
import { dedupKey, END, messageKey } from "./keys.ts";
import { dynamodbError } from "./messages.ts";
import type { HeadRecord } from "./record.ts";
import { locate } from "./ring.ts";
import { readText, type Stored, store, storedIn } from "./texts.ts";
import { ownerItem } from "./workers.ts";

/** Bytes of a body that stand in the message's own item. */
const BODY = 200_000;

type Delivered = { type: DeliverOutcome; body?: string };

/** The body that a key was delivered with; undefined when it never was. */
async function wonBy(
  { wire }: Context,
  run: RunId,
  incarnation: Incarnation,
  key: string,
): Promise<string | undefined> {
  const found = await wire.get(dedupKey(run, incarnation, key));
  const message = found && (await wire.get(messageKey(run, incarnation, requiredCount(found, "seq"))));
  return message && readText(wire, run, incarnation, bodyOf(message));
}
const bodyOf = (message: Item): Stored => storedIn(message, "body");

export function deliver(
  context: Context,
  run: RunId,
  incarnation: Incarnation | null,
  message: Message,
): Promise<Delivered> {
  const { wire } = context;
  let stored: { incarnation: Incarnation; body: Stored } | undefined;
  return changeHead<Delivered>(context, "deliver", run, async (head): Promise<Decision<Delivered>> => {
    if (head === undefined || (incarnation !== null && head.record.incarnation !== incarnation))
      return { answer: { type: "gone" } };
    const { record } = head;
    const won = await wonBy(context, run, record.incarnation, message.key);
    if (won !== undefined) return { answer: { type: "duplicate", body: won } };
    if (ENDED.has(record.status)) return { answer: { type: "gone" } };
    if (stored?.incarnation !== record.incarnation) {
      const body = await store(wire, run, record.incarnation, message.body, BODY);
      stored = { incarnation: record.incarnation, body };
    }
    const seq = record.inboxSeq + 1;
    const revived = record.status === "stuck" ? { status: livelyStatus(record.result), reason: null } : {};
    const after: HeadRecord = { ...record, inboxSeq: seq, ...revived };
    const { body } = stored;
    const beside: Write[] = [
      { type: "put", item: item({ ...dedupKey(run, record.incarnation, message.key), seq }), condition: ABSENT },
      {
        type: "put",
        item: item({
          ...messageKey(run, record.incarnation, seq),
          key: message.key,
          ...(typeof body === "string" ? { body } : { parts: JSON.stringify(body) }),
        }),
      },
    ];
    if (record.owner !== null) beside.push(ownerItem(record.owner, run, after));
    return { record: after, beside, done: () => ({ type: "accepted" }) };
  });
}

/** Delivered after `after`, in order. Undefined: swept meanwhile. */
export async function messagesAfter(
  { wire }: Context,
  run: RunId,
  incarnation: Incarnation,
  after: number,
): Promise<InboxEntry[] | undefined> {
  const { pk, sk } = messageKey(run, incarnation, after + 1);
  const entries: InboxEntry[] = [];
  for (const found of await wire.all({ pk, from: sk, to: sk.slice(0, sk.lastIndexOf("/") + 1) + END })) {
    const body = await readText(wire, run, incarnation, bodyOf(found));
    if (body === undefined) return undefined;
    entries.push(checkedEntry({ seq: Number(textOf(found, "sk")!.slice(-16)), key: textOf(found, "key"), body }));
  }
  return entries;
}

export async function inbox(context: Context, lease: Lease, after: number): Promise<readonly InboxEntry[]> {
  const { run, incarnation } = lease;
  const head = await readHead(context, run);
  if (head?.record.incarnation !== incarnation || head.record.inboxSeq <= after) return [];
  const { hot } = await locate(context, head);
  try {
    return (await messagesAfter(context, run, incarnation, Math.max(after, hot.consumed))) ?? [];
  } catch (error) {
    if (!(error instanceof Damaged)) throw error;
    throw unreadable(dynamodbError("PD3308", "refused", { table: context.wire.table, why: error.message }, error));
  }
}

export const revive = (context: Context, run: RunId, now: number): Promise<boolean> =>
  changeHead<boolean>(context, "revive", run, (head) => {
    if (head === undefined || !DORMANT.has(head.record.status)) return { answer: false };
    const { record } = head;
    const after: HeadRecord = {
      ...record,
      status: livelyStatus(record.result),
      reason: null,
      wakeAt: now,
      strikes: 0,
      updatedAt: now,
    };
    return { record: after, done: () => true };
  });
