/**
 * A model of one DynamoDB table: items, conditions, transactions with their tokens, and an index that follows the table late. Each request takes
 * effect at one instant, wholly or not at all.
 */
import { type Attribute, type Expressions, holds, type Item, updated } from "./conditions.ts";

interface Keyed {
  readonly Key: Item;
}
interface PutInput extends Expressions {
  readonly Item: Item;
}
type ChangeInput = Expressions & Partial<Keyed> & { readonly Item?: Item };
interface QueryInput {
  readonly IndexName?: string;
  readonly ExpressionAttributeValues: Readonly<Record<":pk" | ":dk" | ":from" | ":to", Attribute>>;
  readonly ScanIndexForward?: boolean;
  readonly Limit?: number;
  readonly ExclusiveStartKey?: Item;
}

/** A request as the SDK would send it. */
export interface Request {
  readonly name: string;
  readonly input: object;
}

const failure = (name: string, more: object): Error =>
  Object.assign(new Error(name), { name, $fault: "client", ...more });
const nameOf = (pk: string, sk: string): string => `${pk}\n${sk}`;
const keyOf = (item: Item): string => nameOf(item["pk"]!.S!, item["sk"]!.S!);
/** By code point, as UTF-8 sorts; all names here are ASCII. */
const bySort = (a: Item, b: Item, attribute: string): number => (a[attribute]!.S! < b[attribute]!.S! ? -1 : 1);

export interface TableModelParts {
  readonly now: () => number;
  /** How long the index takes to follow a write, ms. */
  readonly lag: () => number;
  /** Told of each item that was put or updated, and of what it replaces. */
  readonly wrote: (after: Item, before: Item | undefined) => void;
}

export class TableModel {
  readonly #parts: TableModelParts;
  readonly #items = new Map<string, Item>();
  /** The same, by `pk`. */
  readonly #partitions = new Map<string, Map<string, Item>>();
  /** What the index lists by now, and what is still on its way, in order. */
  readonly #listed = new Map<string, Item>();
  #late: { at: number; key: string; item: Item | undefined }[] = [];
  readonly #tokens = new Set<string>();

  constructor(parts: TableModelParts) {
    this.#parts = parts;
  }

  /** Applies a request now, and gives the answer or throws the refusal. */
  apply({ name, input }: Request): object {
    switch (name) {
      case "GetItem":
        return { Item: this.#items.get(keyOf((input as Keyed).Key)) };
      case "BatchGetItem": {
        const [table, { Keys }] = Object.entries(
          (input as { RequestItems: Record<string, { Keys: Item[] }> }).RequestItems,
        )[0]!;
        const found = Keys.flatMap((key) => this.#items.get(keyOf(key)) ?? []);
        return { Responses: { [table]: found } };
      }
      case "Query":
        return this.#query(input as QueryInput);
      case "PutItem":
      case "UpdateItem":
      case "DeleteItem":
        return this.#change(input as ChangeInput);
      case "BatchWriteItem": {
        const requests = Object.values(
          (input as { RequestItems: Record<string, { DeleteRequest: Keyed }[]> }).RequestItems,
        )[0]!;
        for (const { DeleteRequest } of requests) this.#set(keyOf(DeleteRequest.Key), undefined);
        return {};
      }
      case "TransactWriteItems":
        return this.#transact(input as { ClientRequestToken: string; TransactItems: Record<string, ChangeInput>[] });
      default:
        throw new Error(`the model of DynamoDB knows no ${name}`);
    }
  }

  /** Takes an item away, as a store that is wrong on purpose would. */
  remove(pk: string, sk: string): void {
    this.#set(nameOf(pk, sk), undefined);
  }

  under(pk: string): Item[] {
    return [...this.#partition(pk).values()];
  }

  #partition(pk: string): Map<string, Item> {
    let partition = this.#partitions.get(pk);
    if (partition === undefined) {
      partition = new Map();
      this.#partitions.set(pk, partition);
    }
    return partition;
  }

  #change(input: ChangeInput): object {
    const key = keyOf(input.Item ?? input.Key!);
    const before = this.#items.get(key);
    if (!holds(before, input)) throw failure("ConditionalCheckFailedException", { Item: before });
    this.#write(key, input, before);
    return { Attributes: this.#items.get(key) };
  }

  #write(key: string, input: ChangeInput, before: Item | undefined): void {
    if (input.UpdateExpression !== undefined) this.#set(key, updated(before ?? input.Key!, input));
    else this.#set(key, (input as Partial<PutInput>).Item);
    const after = this.#items.get(key);
    if (after !== undefined) this.#parts.wrote(after, before);
  }

  #transact({
    ClientRequestToken: token,
    TransactItems,
  }: {
    ClientRequestToken: string;
    TransactItems: Record<string, ChangeInput>[];
  }): object {
    if (this.#tokens.has(token)) return {};
    const changes = TransactItems.map((one) => {
      const [verb, input] = Object.entries(one)[0]!;
      const key = keyOf(input.Item ?? input.Key!);
      return { verb, input, key, before: this.#items.get(key) };
    });
    const reasons = changes.map(({ input, before }) =>
      holds(before, input) ? { Code: "None" } : { Code: "ConditionalCheckFailed", Item: before },
    );
    if (reasons.some(({ Code }) => Code !== "None"))
      throw failure("TransactionCanceledException", { CancellationReasons: reasons });
    this.#tokens.add(token);
    for (const { verb, input, key, before } of changes) if (verb !== "ConditionCheck") this.#write(key, input, before);
    return {};
  }

  #query({
    IndexName,
    ExpressionAttributeValues,
    ScanIndexForward = true,
    Limit,
    ExclusiveStartKey,
  }: QueryInput): object {
    if (IndexName !== undefined) this.#follow();
    const { ":pk": pk, ":dk": dk, ":from": from, ":to": to } = ExpressionAttributeValues;
    const [hash, range, value] = IndexName === undefined ? (["pk", "sk", pk] as const) : (["dk", "da", dk] as const);
    const source = IndexName === undefined ? this.#partition(pk.S!) : this.#listed;
    let items = [...source.values()].filter((item) => {
      const at = item[range]?.S;
      return item[hash]?.S === value!.S && at !== undefined && at >= from.S! && at <= to.S!;
    });
    const order = (a: Item, b: Item): number =>
      a[range]!.S === b[range]!.S ? bySort(a, b, "sk") : bySort(a, b, range);
    items.sort(ScanIndexForward ? order : (a, b) => order(b, a));
    if (ExclusiveStartKey !== undefined)
      items = items.filter(
        (item) => keyOf(item) !== keyOf(ExclusiveStartKey) && order(ExclusiveStartKey, item) < 0 === ScanIndexForward,
      );
    const page = Limit === undefined ? items : items.slice(0, Limit);
    return { Items: page, LastEvaluatedKey: page.length < items.length ? page.at(-1) : undefined };
  }

  #set(key: string, item: Item | undefined): void {
    const before = this.#items.get(key);
    const partition = this.#partition(key.slice(0, key.indexOf("\n")));
    if (item === undefined) {
      this.#items.delete(key);
      partition.delete(key);
    } else {
      this.#items.set(key, item);
      partition.set(key, item);
    }
    if (item?.["dk"] === undefined && before?.["dk"] === undefined) return;
    const last = this.#late.findLast((one) => one.key === key);
    const at = Math.max(this.#parts.now() + this.#parts.lag(), last?.at ?? 0);
    this.#late.push({ at, key, item: item?.["dk"] === undefined ? undefined : item });
  }

  #follow(): void {
    const now = this.#parts.now();
    for (const { at, key, item } of this.#late) {
      if (at > now) continue;
      if (item === undefined) this.#listed.delete(key);
      else this.#listed.set(key, item);
    }
    this.#late = this.#late.filter(({ at }) => at > now);
  }
}
