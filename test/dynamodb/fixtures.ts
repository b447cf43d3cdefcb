import type { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import type { Claim, Commit, CommitOutcome, Lease, Store } from "perdure/internal/store/store";
import { newRun } from "../store/fixtures.ts";

export { commitOf, failure, newRun } from "../store/fixtures.ts";

export type Sender = Pick<DynamoDBClient, "send">;
/** What a test looks at in a command of the SDK. */
export interface Command {
  readonly input: {
    readonly Item?: Record<string, { S?: string; N?: string }>;
    readonly Key?: Record<string, { S?: string }>;
    readonly TransactItems?: readonly Record<string, Command["input"]>[];
    readonly IndexName?: string;
    ReturnConsumedCapacity?: string;
  };
  readonly constructor: { readonly name: string };
}

/** A client with something in between. */
export const through = (
  client: Sender,
  between: (command: Command, send: () => Promise<unknown>) => Promise<unknown>,
): Sender => ({
  send: ((command: Command) =>
    between(command, () => client.send(command as never) as Promise<unknown>)) as Sender["send"],
});

export interface Ledger {
  readonly client: Sender;
  /** Names of the commands sent, and the write units of the table (not of its index) that they consumed, since the last call of `take`. */
  take(): { readonly commands: readonly string[]; readonly written: number };
}

interface Units {
  readonly Table?: { readonly CapacityUnits: number };
}

const WRITES = new Set(["PutItem", "UpdateItem", "DeleteItem", "TransactWriteItems", "BatchWriteItem"]);

export function metered(client: Sender): Ledger {
  let commands: string[] = [];
  let written = 0;
  return {
    client: through(client, async (command, send) => {
      const name = command.constructor.name.replace(/Command$/, "");
      commands.push(name);
      command.input.ReturnConsumedCapacity = "INDEXES";
      const answer = (await send()) as { ConsumedCapacity?: Units | Units[] };
      if (WRITES.has(name))
        for (const { Table } of [answer.ConsumedCapacity ?? []].flat()) written += Table!.CapacityUnits;
      return answer;
    }),
    take() {
      const taken = { commands, written };
      commands = [];
      written = 0;
      return taken;
    },
  };
}

export const CODES = new Set(["code"]);
export const pause = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));

/** Registers the worker with a lease of `span` ms by its own clock, and claims what is due. */
export async function register(store: Store, worker: string, span = 60_000, now = 0): Promise<readonly Claim[]> {
  await store.renew(worker, now, now + span);
  return claim(store, worker, now);
}
export const claim = (store: Store, worker: string, now = 0): Promise<readonly Claim[]> =>
  store.claim({ worker, limit: 100, suspects: 100, codes: CODES, now });

/** A run that this store's worker drives. */
export async function driven(store: Store, run: string, span?: number): Promise<Lease> {
  await store.create(newRun(run));
  const claims = await register(store, `worker of ${run}`, span);
  return claims.find(({ lease }) => lease.run === run)!.lease;
}

/** Takes over what is silent: looks, waits for longer than the lease, looks again. */
export async function takeOver(store: Store, worker: string, run: string, span: number): Promise<Claim> {
  await register(store, worker);
  await pause(span + 20);
  const found = (await claim(store, worker)).find(({ lease }) => lease.run === run);
  if (found === undefined) throw new Error(`${worker} did not get ${run}`);
  return found;
}

export const one = async (store: Store, commit: Commit): Promise<CommitOutcome> => (await store.commit([commit]))[0]!;
