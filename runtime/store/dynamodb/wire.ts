/**
 * The seam to the SDK: few operations, with the store's own repetitions. The SDK's are off, since they repeat without telling;
 * these send the same bytes again, and a transaction under the same token.
 */
import { randomBytes } from "node:crypto";
import type {
  AttributeValue,
  DynamoDBClient,
  DynamoDBClientConfig,
  TransactWriteItem,
  WriteRequest,
} from "@aws-sdk/client-dynamodb";
import { PATIENCE, type Patience } from "../patience.ts";
import {
  ABSENT,
  expression,
  type Item,
  item,
  type Key,
  keyOf,
  keyText,
  requiredCount,
  textOf,
  type Write,
} from "./items.ts";
import { dynamodbError } from "./messages.ts";

export type Sdk = typeof import("@aws-sdk/client-dynamodb");

/** A `DynamoDBClient`, or what stands for one: whatever sends its commands. */
export type Client = Pick<DynamoDBClient, "send">;

/** Loads the SDK when it is first needed, so that `perdure/dynamodb` can be imported where it is not installed. */
export async function loadSdk(): Promise<Sdk> {
  try {
    return await import("@aws-sdk/client-dynamodb");
  } catch (cause) {
    throw dynamodbError("PD3301", "refused", {}, cause);
  }
}

export const makeClient = (sdk: Sdk, options: DynamoDBClientConfig): DynamoDBClient =>
  new sdk.DynamoDBClient({ ...options, maxAttempts: 1 });

/** Random and unique: revisions, ids of texts. */
export const nonce = (): string => randomBytes(12).toString("base64url");

/** `unsure`: an earlier attempt was not answered; if it was applied, it has been overwritten since. */
export type Written =
  | { readonly ok: true }
  | { readonly ok: false; readonly old: Item | undefined; readonly unsure: boolean };
/**
 * Which conditions failed, with the items that they met. That is certain, whatever became of earlier attempts: had one been applied, the token
 * would have told, and none can be any more, since the revisions that it names do not come back.
 */
export type Transacted =
  | { readonly ok: true }
  | { readonly ok: false; readonly failed: ReadonlyMap<number, Item | undefined>; readonly unsure: false };

export interface Range {
  readonly pk: string;
  readonly from: string;
  readonly to: string;
  readonly backwards?: boolean;
  readonly limit?: number;
}

const ATTEMPTS = 8;
/** For so long an answer is waited for, ms: the SDK itself waits for ever for one that gets lost without a word, and with it all runs of a worker would. */
const ANSWER_WITHIN = 10_000;
/** Requests under way. The SDK's own handler opens 50 sockets. */
const AT_ONCE = 50;
const FIRST_PAUSE = 20;
const LONGEST_PAUSE = 500;

/** Nothing happened, and it may go better soon. */
const BUSY = new Set([
  "ProvisionedThroughputExceededException",
  "ThrottlingException",
  "Throttling",
  "RequestLimitExceeded",
  "TransactionConflictException",
  "LimitExceededException",
]);
/** Reasons for which a transaction was cancelled that say nothing about its conditions. */
const BUSY_REASONS = new Set(["TransactionConflict", "ProvisionedThroughputExceeded", "ThrottlingError"]);

interface Failed {
  readonly name?: string;
  readonly message?: string;
  readonly $fault?: "client" | "server";
  readonly $metadata?: { readonly httpStatusCode?: number };
  readonly CancellationReasons?: readonly { Code?: string; Message?: string; Item?: Item }[];
  readonly Item?: Item;
}

export class Wire {
  readonly table: string;
  readonly #open: () => Promise<{ sdk: Sdk; client: Client }>;
  readonly #patience: Patience;
  #opened: Promise<{ sdk: Sdk; client: Client }> | undefined;
  #underWay = 0;
  readonly #queue: (() => void)[] = [];

  constructor(table: string, open: () => Promise<{ sdk: Sdk; client: Client }>, patience: Patience = PATIENCE) {
    this.table = table;
    this.#open = open;
    this.#patience = patience;
  }

  /**
   * Sends a command until it is answered. `settle` turns the refusals that the caller wants to know of into values; it is told
   * whether an earlier attempt went unanswered.
   */
  async #send<T>(
    call: string,
    make: (sdk: Sdk) => object,
    settle?: (error: Failed, unsure: boolean) => T | undefined,
  ): Promise<T> {
    const { sdk, client } = await (this.#opened ??= this.#open());
    const command = make(sdk);
    let unsure = false;
    for (let n = 1; ; n++) {
      try {
        const abortSignal = AbortSignal.timeout(ANSWER_WITHIN);
        return (await this.#inTurn(() => client.send(command as never, { abortSignal }))) as T;
      } catch (thrown) {
        const error = thrown as Failed;
        const settled = settle?.(error, unsure);
        if (settled !== undefined) return settled;
        const fate = fateOf(error);
        if (fate === "unknown") unsure = true;
        if (fate === "refused" || n === ATTEMPTS) throw this.#error(call, error, unsure, fate, n);
        await this.pause(n);
      }
    }
  }

  /** As many at once as there are sockets: more would wait in the SDK, which thinks that they hang and says so. */
  async #inTurn<T>(send: () => Promise<T>): Promise<T> {
    if (this.#underWay >= AT_ONCE) await new Promise<void>((resolve) => void this.#queue.push(resolve));
    else this.#underWay++;
    try {
      return await send();
    } finally {
      const next = this.#queue.shift();
      // Its place is handed on, so nobody can slip in between.
      if (next === undefined) this.#underWay--;
      else next();
    }
  }

  /** Exponential with full jitter, so that those who collided do not meet again. */
  pause(n: number): Promise<void> {
    const { pause, random } = this.#patience;
    return pause(random() * Math.min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** n));
  }

  #error(call: string, error: Failed, unsure: boolean, fate: Fate, attempts: number): Error {
    const { table } = this;
    const why = `${error.name ?? "Error"}: ${error.message ?? String(error)}`;
    if (unsure) return dynamodbError("PD3305", "unknown", { table, call, why }, error);
    if (fate === "busy")
      return dynamodbError("PD3304", "refused", { table, call, why, attempts: String(attempts) }, error);
    if (error.name === "ResourceNotFoundException")
      return dynamodbError("PD3302", "refused", { table, why: "there is no such table, or it has no index" }, error);
    return dynamodbError("PD3307", "refused", { table, call, why }, error);
  }

  async get({ pk, sk }: Key): Promise<Item | undefined> {
    const input = { TableName: this.table, Key: item({ pk, sk }), ConsistentRead: true };
    const answer = await this.#send<{ Item?: Item }>("GetItem", (sdk) => new sdk.GetItemCommand(input));
    return answer.Item;
  }

  /** Any number of items, each once; those that do not exist are missing. */
  async getMany(keys: readonly Key[]): Promise<Map<string, Item>> {
    const found = new Map<string, Item>();
    const distinct = [...new Map(keys.map((key) => [keyText(key), key])).values()];
    for (let at = 0; at < distinct.length; at += 100) {
      let wanted: Item[] = distinct.slice(at, at + 100).map(({ pk, sk }) => item({ pk, sk }));
      for (let n = 1; wanted.length > 0; n++) {
        const request = { RequestItems: { [this.table]: { Keys: wanted, ConsistentRead: true } } };
        const answer = await this.#send<{
          Responses?: Record<string, Item[]>;
          UnprocessedKeys?: Record<string, { Keys?: Item[] }>;
        }>("BatchGetItem", (sdk) => new sdk.BatchGetItemCommand(request));
        for (const one of answer.Responses?.[this.table] ?? []) found.set(keyText(keyOf(one)), one);
        wanted = answer.UnprocessedKeys?.[this.table]?.Keys ?? [];
        if (wanted.length > 0) await this.pause(n);
      }
    }
    return found;
  }

  /** Items of one partition in the order of `sk`, page by page. */
  async *query({ pk, from, to, backwards = false, limit }: Range): AsyncGenerator<Item[], void> {
    yield* this.#pages({
      KeyConditionExpression: "pk = :pk AND sk BETWEEN :from AND :to",
      ExpressionAttributeValues: item({ ":pk": pk, ":from": from, ":to": to }),
      ConsistentRead: true,
      ScanIndexForward: !backwards,
      ...(limit !== undefined && { Limit: limit }),
    });
  }

  async all(range: Range): Promise<Item[]> {
    const found: Item[] = [];
    for await (const page of this.query(range)) found.push(...page);
    return found;
  }

  /** What the index lists under `dk` from `from` (excluded) to `to`, in order: late, and without promise. */
  async *listed(dk: string, from: string, to: string, limit: number): AsyncGenerator<Item[], void> {
    yield* this.#pages({
      IndexName: INDEX,
      KeyConditionExpression: "dk = :dk AND da BETWEEN :from AND :to",
      ExpressionAttributeValues: item({ ":dk": dk, ":from": from, ":to": to }),
      Limit: limit,
    });
  }

  async *#pages(query: object): AsyncGenerator<Item[], void> {
    let start: Record<string, AttributeValue> | undefined;
    do {
      const input = { TableName: this.table, ...query, ...(start && { ExclusiveStartKey: start }) };
      const page = await this.#send<{ Items?: Item[]; LastEvaluatedKey?: Item }>(
        "Query",
        (sdk) => new sdk.QueryCommand(input),
      );
      yield page.Items ?? [];
      start = page.LastEvaluatedKey;
    } while (start !== undefined);
  }

  /** One write. The item that a failed condition met comes back; when it is what this call wrote, that was us. */
  async write(write: Exclude<Write, { type: "check" }>): Promise<Written> {
    const input = { ...this.#input(write), ReturnValuesOnConditionCheckFailure: "ALL_OLD" as const };
    const rev = write.type === "put" ? textOf(write.item, "rev") : undefined;
    const answer = await this.#send<Written | object>(
      NAMES[write.type],
      (sdk) => {
        if (write.type === "put") return new sdk.PutItemCommand(input as never);
        if (write.type === "delete") return new sdk.DeleteItemCommand(input as never);
        return new sdk.UpdateItemCommand(input as never);
      },
      (error, unsure) => {
        if (error.name !== "ConditionalCheckFailedException") return undefined;
        const old = error.Item;
        if (rev !== undefined && old !== undefined && textOf(old, "rev") === rev) return { ok: true };
        return { ok: false, old, unsure };
      },
    );
    return "ok" in answer ? answer : { ok: true };
  }

  /** Adds to a counter and gives what it is then. An answer that was lost leaves a gap. */
  async add(key: Key, attribute: string, amount: number): Promise<number> {
    const input = {
      ...this.#input({ type: "update", key, change: { test: `ADD #${attribute} :amount`, values: { amount } } }),
      ReturnValues: "UPDATED_NEW" as const,
    };
    const answer = await this.#send<{ Attributes?: Item }>(
      "UpdateItem",
      (sdk) => new sdk.UpdateItemCommand(input as never),
    );
    return requiredCount(answer.Attributes ?? {}, attribute);
  }

  /** All or nothing, under one token for all attempts. */
  async transact(writes: readonly Write[]): Promise<Transacted> {
    const input = {
      ClientRequestToken: nonce(),
      TransactItems: writes.map((write): TransactWriteItem => {
        const one = { ...this.#input(write), ReturnValuesOnConditionCheckFailure: "ALL_OLD" };
        return { [MEMBERS[write.type]]: one } as TransactWriteItem;
      }),
    };
    const answer = await this.#send<Transacted | object>(
      "TransactWriteItems",
      (sdk) => new sdk.TransactWriteItemsCommand(input),
      (error) => {
        if (error.name !== "TransactionCanceledException") return undefined;
        const failed = new Map<number, Item | undefined>();
        for (const [index, reason] of (error.CancellationReasons ?? []).entries()) {
          if (reason.Code === "ConditionalCheckFailed") failed.set(index, reason.Item);
        }
        return failed.size === 0 ? undefined : { ok: false, failed, unsure: false };
      },
    );
    return "ok" in answer ? answer : { ok: true };
  }

  /** Deletes without condition, as a sweep does. */
  async deleteAll(keys: readonly Key[]): Promise<void> {
    for (let at = 0; at < keys.length; at += 25) {
      let wanted: WriteRequest[] = keys
        .slice(at, at + 25)
        .map(({ pk, sk }) => ({ DeleteRequest: { Key: item({ pk, sk }) } }));
      for (let n = 1; wanted.length > 0; n++) {
        const request = { RequestItems: { [this.table]: wanted } };
        const answer = await this.#send<{ UnprocessedItems?: Record<string, WriteRequest[]> }>(
          "BatchWriteItem",
          (sdk) => new sdk.BatchWriteItemCommand(request),
        );
        wanted = answer.UnprocessedItems?.[this.table] ?? [];
        if (wanted.length > 0) await this.pause(n);
      }
    }
  }

  #input(write: Write): object {
    const TableName = this.table;
    if (write.type === "update") {
      const { names, values } = expression(
        write.condition === undefined
          ? write.change
          : { ...write.change, test: `${write.change.test} ${write.condition}` },
      );
      return {
        TableName,
        Key: item({ ...write.key }),
        UpdateExpression: write.change.test,
        ConditionExpression: write.condition,
        ExpressionAttributeNames: names,
        ExpressionAttributeValues: values,
      };
    }
    const what = write.type === "put" ? { Item: write.item } : { Key: item({ ...write.key }) };
    if (write.condition === undefined) return { TableName, ...what };
    const { names, values } = expression(write.condition);
    return {
      TableName,
      ...what,
      ConditionExpression: write.condition.test,
      ExpressionAttributeNames: names,
      ExpressionAttributeValues: values,
    };
  }

  /** Puts items that do not exist yet under names that are never used again. */
  async putFresh(items: readonly Item[]): Promise<void> {
    for (let at = 0; at < items.length; at += 8) {
      await Promise.all(
        items.slice(at, at + 8).map((one) => this.write({ type: "put", item: one, condition: ABSENT })),
      );
    }
  }
}

/** Name of the table's index. */
export const INDEX = "due";

const NAMES = { put: "PutItem", delete: "DeleteItem", update: "UpdateItem" } as const;
const MEMBERS = { put: "Put", delete: "Delete", update: "Update", check: "ConditionCheck" } as const;

type Fate = "busy" | "unknown" | "refused";

function fateOf(error: Failed): Fate {
  const { name = "" } = error;
  if (BUSY.has(name)) return "busy";
  if (name === "TransactionCanceledException") {
    const reasons = (error.CancellationReasons ?? [])
      .map(({ Code }) => Code ?? "None")
      .filter((code) => code !== "None");
    return reasons.length > 0 && reasons.every((code) => BUSY_REASONS.has(code)) ? "busy" : "refused";
  }
  if (name === "TransactionInProgressException") return "unknown";
  // Temporary credentials are renewed by their provider.
  if (name === "ExpiredTokenException" || name === "RequestTimeTooSkewed") return "busy";
  const status = error.$metadata?.httpStatusCode;
  if (error.$fault === "client" && status !== undefined && status < 500) return "refused";
  if (status !== undefined && status >= 400 && status < 500) return "refused";
  // What the SDK throws before it has sent anything: no region, no credentials.
  if (["CredentialsProviderError", "TypeError", "ValidationException"].includes(name)) return "refused";
  if (name === "Error" && /region is missing/i.test(String(error.message))) return "refused";
  return "unknown";
}
