/** Two processes over one table, or over the reference: a store in memory, of which every call is one instant. */

import { open, type Surroundings } from "perdure/internal/store/dynamodb/index";
import type { Store } from "perdure/internal/store/store";
import { SDK } from "perdure/internal/testing/simulator/dynamodb/installation";
import { type Request, TableModel } from "perdure/internal/testing/simulator/dynamodb/table-model";
import { memory } from "perdure/memory";

/** The process that drives the run, and another. */
export interface World {
  readonly driver: Store;
  readonly other: Store;
  /** ms, on every clock. */
  now: number;
}

export function reference(): World {
  const store = memory();
  return { driver: store, other: store, now: 0 };
}

/** What happens to one request of the driver. */
export interface Preemption {
  /** Which one, counted from 1. */
  readonly at: number;
  /** `answer-lost`: it is applied, and the driver hears of a broken connection after the other call. */
  readonly when: "before" | "answer-lost";
  readonly work: () => Promise<void>;
}

export interface TableWorld extends World {
  preempt(preemption: Preemption): void;
  /** The next of its requests go through. True: it was preempted. */
  release(): boolean;
}

const TABLE = "table";
/** A ring of four, so that laps end and chunks are written. */
const LAYOUT = { version: { N: "1" }, shards: { N: "1" }, slots: { N: "4" } };

export function table(): TableWorld {
  let preemption: Preemption | undefined;
  let requests = 0;
  let happened = false;
  const model = new TableModel({ now: () => world.now, lag: () => 0, wrote: () => {} });
  model.apply({
    name: "PutItem",
    input: { Item: { pk: { S: "meta" }, sk: { S: "table" }, ...LAYOUT } },
  });
  const openWith = (send: (request: Request) => Promise<object>): Store => {
    const surroundings: Surroundings = {
      now: () => world.now,
      monotonic: () => world.now,
      patience: { pause: async () => {}, random: () => 0 },
      sdk: async () => SDK,
    };
    return open({ table: TABLE, client: { send: send as never } }, surroundings);
  };
  const apply = async (request: Request): Promise<object> => model.apply(request);
  const world: TableWorld = {
    now: 0,
    driver: openWith(async (request) => {
      if (preemption === undefined || ++requests !== preemption.at) return apply(request);
      happened = true;
      const { when, work } = preemption;
      if (when === "before") {
        await work();
        return apply(request);
      }
      await apply(request).catch(() => {});
      await work();
      throw Object.assign(new Error("socket hang up"), { name: "TimeoutError" });
    }),
    other: openWith(apply),
    preempt(next) {
      requests = 0;
      happened = false;
      preemption = next;
    },
    release() {
      preemption = undefined;
      return happened;
    },
  };
  return world;
}
