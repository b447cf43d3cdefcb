/** The protocol of the DynamoDB store, wrong on purpose. */
import type { Expressions, Item } from "./conditions.ts";
import type { ProtocolMutation } from "./installation.ts";
import type { Request, TableModel } from "./table-model.ts";

type Change = Expressions & { readonly Item?: Item; readonly Key?: Item };
interface Transaction {
  readonly TransactItems: readonly Record<string, Change>[];
}

const isSlot = (key: Item | undefined): boolean => /\/s\/\d+$/.test(key?.["sk"]?.S ?? "");

/** Rewrites single writes and those of transactions; undefined leaves one out of a transaction. */
const rewriting =
  (rewrite: (verb: string, change: Change) => Change | undefined) =>
  (request: Request): Request => {
    const alone = /^(Put|Update)Item$/.exec(request.name);
    if (alone) return { ...request, input: rewrite(alone[1]!, request.input as Change) ?? request.input };
    if (request.name !== "TransactWriteItems") return request;
    const { TransactItems, ...rest } = request.input as Transaction;
    const kept = TransactItems.flatMap((one) => {
      const [verb, change] = Object.entries(one)[0]!;
      const rewritten = rewrite(verb, change);
      return rewritten === undefined ? [] : [{ [verb]: rewritten }];
    });
    return { ...request, input: { ...rest, TransactItems: kept } };
  };

const unconditional = ({ ConditionExpression: _, ...change }: Change): Change => change;

interface Covering {
  readonly base: { readonly at: number };
  readonly chunks: readonly { readonly to: number }[];
}
const coveredBy = (head: Item | undefined): number => {
  const { base, chunks } = JSON.parse(head?.["head"]?.S ?? '{"base":{"at":0},"chunks":[]}') as Covering;
  return chunks.at(-1)?.to ?? base.at;
};

/** What a base or a chunk covers is taken away, as one would think that it may be. */
function deleteCoveredSlots(table: TableModel, after: Item, before: Item | undefined): void {
  if (after["head"] === undefined || coveredBy(after) === coveredBy(before)) return;
  for (const item of table.under(`run/${after["sk"]!.S}`)) {
    if (isSlot(item) && item["seq"] !== undefined && Number(item["seq"].N) <= coveredBy(after))
      table.remove(item["pk"]!.S!, item["sk"]!.S!);
  }
}

/** Each lap is as the first: nothing there, nothing against it. */
const NOTHING_THERE = "attribute_not_exists(#pk) OR (attribute_not_exists(#seq) AND #epoch <= :epoch)";
const asIfEmpty = (change: Change): Change => ({
  ...change,
  ConditionExpression: NOTHING_THERE,
  ExpressionAttributeNames: { ...change.ExpressionAttributeNames, "#pk": "pk", "#seq": "seq", "#epoch": "epoch" },
});

const withoutFences = rewriting((verb, change) => (verb === "Update" && isSlot(change.Key) ? undefined : change));

const isEnd = ({ TransactItems }: Transaction): boolean =>
  TransactItems.some(({ Put }) => /"status":"(?:done|failed|cancelled)"/.test(Put?.Item?.["head"]?.S ?? ""));

export const PROTOCOL_MUTATIONS = {
  "slots deleted at compaction": {
    request: rewriting((_, change) => (isSlot(change.Item ?? change.Key) ? asIfEmpty(change) : change)),
    wrote: deleteCoveredSlots,
  },
  "takeover without a fence": {
    request: withoutFences,
  },
  "an end without a fence": {
    request: (request) =>
      request.name === "TransactWriteItems" && isEnd(request.input as Transaction) ? withoutFences(request) : request,
  },
  "heads replaced without their revision": {
    request: rewriting((_, change) => (change.Item?.["head"] === undefined ? change : unconditional(change))),
  },
  "slots written without their condition": {
    request: rewriting((verb, change) => (verb === "Put" && isSlot(change.Item) ? unconditional(change) : change)),
  },
} as const satisfies Record<string, ProtocolMutation>;
export type ProtocolMutationName = keyof typeof PROTOCOL_MUTATIONS;
