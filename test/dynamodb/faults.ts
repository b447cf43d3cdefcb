/**
 * What DynamoDB does and no emulator shows, between the SDK and the server: throttling, conflicts of transactions, errors of the service before
 * and after the write, answers that are lost, an index that is late.
 */
import type { DynamoDBClient } from "@aws-sdk/client-dynamodb";

export interface FaultRates {
  /** Throttled: nothing happened. */
  readonly throttled?: number;
  /** Another transaction is at the same items: nothing happened. */
  readonly conflict?: number;
  /** The service fails before it has done anything. */
  readonly failed?: number;
  /** It is done, and the answer is lost. */
  readonly lost?: number;
  /** The index answers as it did to the last same question, or as if it were empty. */
  readonly stale?: number;
}

export type Fault = keyof FaultRates;

interface Sent {
  readonly input: {
    readonly IndexName?: string;
    readonly ExpressionAttributeValues?: unknown;
    readonly ExclusiveStartKey?: unknown;
    readonly TransactItems?: readonly unknown[];
  };
  readonly constructor: { readonly name: string };
}

/** A linear congruential generator: the same seed, the same faults (Knuth, TAOCP vol. 2, 3.3.4). */
const generator = (seed: number) => () => {
  seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
  return seed / 2 ** 32;
};

const fail = (name: string, more: object): never => {
  throw Object.assign(new Error(`${name} (injected)`), { name, ...more });
};
const CLIENT = { $fault: "client", $metadata: { httpStatusCode: 400 } };
const SERVER = { $fault: "server", $metadata: { httpStatusCode: 500 } };

export interface FaultyClient {
  readonly client: Pick<DynamoDBClient, "send">;
  /** How often each fault was injected. */
  readonly counts: Record<Fault, number>;
}

export function faulty(client: Pick<DynamoDBClient, "send">, seed: number, rates: FaultRates): FaultyClient {
  const random = generator(seed);
  const counts: Record<Fault, number> = { throttled: 0, conflict: 0, failed: 0, lost: 0, stale: 0 };
  const strikes = (fault: Fault): boolean => {
    if (random() >= (rates[fault] ?? 0)) return false;
    counts[fault]++;
    return true;
  };
  const answers = new Map<string, unknown>();

  const send = async (command: Sent): Promise<unknown> => {
    const { input } = command;
    if (strikes("throttled")) fail("ProvisionedThroughputExceededException", CLIENT);
    if (strikes("failed")) fail("InternalServerError", SERVER);
    if (input.TransactItems !== undefined && strikes("conflict")) {
      const CancellationReasons = input.TransactItems.map((_, index) => ({
        Code: index === 0 ? "TransactionConflict" : "None",
      }));
      fail("TransactionCanceledException", { ...CLIENT, CancellationReasons });
    }
    const question =
      input.IndexName && JSON.stringify([input.ExpressionAttributeValues, input.ExclusiveStartKey ?? null]);
    if (question !== undefined && strikes("stale")) return answers.get(question) ?? { Items: [] };
    const answer = await client.send(command as never);
    if (question !== undefined) answers.set(question, answer);
    if (strikes("lost")) fail("TimeoutError", {});
    return answer;
  };
  return { client: { send: send as DynamoDBClient["send"] }, counts };
}
