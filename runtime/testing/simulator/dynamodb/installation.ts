/**
 * The DynamoDB store itself, one object for each process, over a model of the table. Between them every request takes its time, may be lost, may
 * lose its answer or arrive twice; so each interleaving of the protocol's single writes can happen, which `throughNetwork` over a whole
 * store would hide.
 */
import { open } from "../../../store/dynamodb/index.ts";
import type { Sdk } from "../../../store/dynamodb/wire.ts";
import { Authors } from "../authors.ts";
import type { History } from "../history.ts";
import type { Installation } from "../installation.ts";
import type { Network } from "../network.ts";
import type { SimulatedProcess } from "../process.ts";
import type { Random } from "../random.ts";
import type { Timeline } from "../timeline.ts";
import type { Item } from "./conditions.ts";
import { type Request, TableModel } from "./table-model.ts";

const TABLE = "simulated";

/** A store that is wrong on purpose, by what it sends or by what else it does to the table. */
export interface ProtocolMutation {
  /** Changes a request before it is applied. */
  readonly request?: (request: Request) => Request;
  /** Called after each write. */
  readonly wrote?: (table: TableModel, after: Item, before: Item | undefined) => void;
}

export interface DynamoDBWorld {
  readonly timeline: Timeline;
  readonly random: Random;
  readonly history: History;
  readonly mutation: ProtocolMutation;
}

/** Commands that carry their name and input, and nothing else. */
const commandNamed = (name: string) =>
  class {
    readonly name = name;
    readonly input: object;
    constructor(input: object) {
      this.input = input;
    }
  };
const COMMANDS = [
  ...["GetItem", "BatchGetItem", "Query", "PutItem", "UpdateItem", "DeleteItem", "BatchWriteItem"],
  "TransactWriteItems",
] as const;
export const SDK = Object.fromEntries(COMMANDS.map((name) => [`${name}Command`, commandNamed(name)])) as unknown as Sdk;

const LAYOUT = { version: { N: "1" }, shards: { N: "2" } };

export function simulatedDynamoDB({ timeline, random, history, mutation }: DynamoDBWorld): Installation {
  const authors = new Authors();
  /** Commits and claims that the table has seen, however often they are written again. */
  const seen = new Set<string>();

  const wrote = (after: Item, before: Item | undefined): void => {
    mutation.wrote?.(table, after, before);
    if (after["inc"] !== undefined) claimed(after);
    const id = after["commit"]?.S ?? (JSON.parse(after["head"]?.S ?? "{}") as { commit?: string | null }).commit;
    const applied = id === undefined || id === null ? undefined : authors.applied(id);
    if (applied === undefined || seen.has(id!)) return;
    seen.add(id!);
    history.add(applied);
  };
  /** An ownership was written: a claim, unless it is only mail that it tells of. */
  const claimed = ({ pk, sk, inc, epoch }: Item): void => {
    const name = `${inc!.S} ${epoch!.N}`;
    if (seen.has(name)) return;
    seen.add(name);
    const worker = pk!.S!.slice("owner/".length);
    const process = authors.process(worker);
    history.add({ type: "claim", run: sk!.S!, incarnation: inc!.S!, epoch: Number(epoch!.N), worker, process });
  };

  const table = new TableModel({ now: () => timeline.now, lag: () => random.between(0, 1_500), wrote });
  table.apply({
    name: "PutItem",
    input: {
      Item: { pk: { S: "meta" }, sk: { S: "table" }, slots: { N: String(random.pick([4, 8, 1024])) }, ...LAYOUT },
    },
  });
  const apply = (request: Request): object => table.apply(mutation.request?.(request) ?? request);

  const openOn = (
    send: (request: Request) => Promise<object>,
    pause: (ms: number) => Promise<void>,
    chance: () => number,
  ) =>
    open(
      { table: TABLE, client: { send: send as never } },
      {
        now: () => timeline.now,
        monotonic: () => timeline.now,
        patience: { pause, random: chance },
        sdk: async () => SDK,
      },
    );

  return {
    store: openOn(
      async (request) => apply(request),
      async () => {},
      () => 0,
    ),
    open(process, network) {
      const store = openOn(
        sender(process, network, apply),
        (ms) => new Promise((resolve) => void process.later(ms, resolve)),
        () => network.random.next(),
      );
      return authors.noting(store, process);
    },
  };
}

/** The way from one process to the table. */
function sender(process: SimulatedProcess, network: Network, apply: (request: Request) => object) {
  const { timeline, random } = network;
  const latency = (): number => (random.chance(0.05) ? random.between(20, 200) : random.between(1, 4));
  const silence = (): Error => Object.assign(new Error("no answer"), { name: "TimeoutError" });
  return (request: Request): Promise<object> =>
    new Promise((resolve, reject) => {
      if (!process.alive) return;
      network.calling(process, request.name);
      const answer = (settle: () => void): void => void timeline.at(latency(), process, settle);
      timeline.at(latency(), null, () => {
        const fate = network.fate(process, request.name);
        if (fate === "refused") {
          const busy = Object.assign(new Error("throttled"), { name: "ThrottlingException", $fault: "client" });
          return answer(() => reject(busy));
        }
        if (fate === "request-lost") return answer(() => reject(silence()));
        if (fate === "repeated") {
          timeline.at(random.between(1, 3_000), null, () => {
            try {
              apply(request);
            } catch {
              // Refused; nobody hears it.
            }
          });
        }
        let settle: () => void;
        try {
          const value = apply(request);
          settle = () => resolve(value);
        } catch (error) {
          settle = () => reject(error);
        }
        answer(fate === "answer-lost" ? () => reject(silence()) : settle);
      });
    });
}
