/** Load and first turn of a run after ten and after a hundred thousand steps, from each store that lasts. */
import type { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { dynamodb, ensureTable } from "perdure/dynamodb";
import { needsBase } from "perdure/internal/engine/compaction";
import { workSettings } from "perdure/internal/engine/options";
import { Vat } from "perdure/internal/machine/vat";
import type { Lease, Segment, Store } from "perdure/internal/store/store";
import { postgres } from "perdure/postgres";
import { sqlite } from "perdure/sqlite";
import { startServer } from "../../dynamodb/server.ts";
import { startPostgres } from "../../postgres-server.ts";
import { withFile } from "../engines.ts";
import { type Figure, mean, median, roundsOf, scaled } from "../figure.ts";
import { small } from "../programs/orders.ts";
import { bareHost, turnsOf } from "../vats.ts";

const AFTER = [10, 1000, 5000, 100_000] as const;
/** Points of a cycle of compaction at which it is measured, and how often. */
const POINTS = 12;
const SAMPLES = 7;
const INCARNATION = "0".repeat(32);

interface Turn {
  readonly delta: string;
  readonly base: string | undefined;
}

/** What an engine would hand to its store, turn by turn. */
async function* history(): AsyncGenerator<Turn> {
  const settings = workSettings({});
  let length = 0;
  let first = true;
  for await (const vat of turnsOf(small, 1e9)) {
    if (first) {
      const { text } = vat.save("base");
      length = text.length;
      yield { delta: text, base: undefined };
      first = false;
      continue;
    }
    const delta = vat.save("delta").text;
    const base = needsBase(settings, vat.sinceBase, length) ? vat.save("base").text : undefined;
    if (base !== undefined) length = base.length;
    yield { delta, base };
  }
}

const HEAD = { status: "waiting", reason: null, result: null, codes: ["a"], consumed: 0, outbox: [] } as const;

/** A run in a store, brought on turn by turn. */
class Saved {
  readonly #store: Store;
  readonly #turns: readonly Turn[];
  /** Turn of the history that the store's first segment holds. */
  readonly #from: number;
  #lease: Lease;
  #position = 0;
  #resting = 0;

  private constructor(store: Store, turns: readonly Turn[], lease: Lease, from: number) {
    this.#store = store;
    this.#turns = turns;
    this.#lease = lease;
    this.#from = from;
  }

  get lease(): Lease {
    return this.#lease;
  }

  static async create(store: Store, turns: readonly Turn[], run: string, base: string, from: number): Promise<Saved> {
    const worker = `worker-${run}`;
    const now = Date.now();
    const segment = { kind: "base" as const, text: base };
    const rest = { fn: "small", argsDigest: "0".repeat(64), codes: ["a"], parent: null, now };
    await store.create({ run, incarnation: INCARNATION, segment, ...rest });
    await store.renew(worker, now, now + 3_600_000);
    return new Saved(store, turns, await claim(store, worker), from);
  }

  async advance(turn: number): Promise<void> {
    for (; this.#from + this.#position < turn; this.#position++) {
      const { delta, base } = this.#turns[this.#from + this.#position + 1]!;
      await this.#commit(`turn.${this.#position}`, { kind: "delta", text: delta });
      if (base !== undefined) await this.#store.compact(this.#lease, this.#position + 1, { kind: "base", text: base });
    }
  }

  /** Given back and claimed anew, as before every load. */
  async rest(): Promise<void> {
    await this.#commit(`rest.${this.#resting++}`, null);
    this.#lease = await claim(this.#store, this.#lease.worker);
  }

  async #commit(name: string, segment: Segment | null): Promise<void> {
    const { run } = this.#lease;
    const now = Date.now();
    const release = segment === null;
    const [outcome] = await this.#store.commit([
      {
        ...HEAD,
        lease: this.#lease,
        commitId: `${run}.${name}`,
        position: this.#position,
        segment,
        now,
        release,
        wakeAt: release ? now : null,
      },
    ]);
    if (outcome!.type !== "ok") throw new Error(`${run} is fenced`);
  }
}

/** The only run that is due. */
async function claim(store: Store, worker: string): Promise<Lease> {
  for (let n = 0; n < 1000; n++) {
    const [found] = await store.claim({ worker, limit: 1, suspects: 0, codes: new Set(["a"]), now: Date.now() + 1 });
    if (found !== undefined) return found.lease;
  }
  throw new Error(`${worker} finds no run`);
}

/** Milliseconds from the store's answer asked for to the end of the next turn, saved. */
async function resumeOnce(reader: Store, lease: Lease): Promise<number> {
  const start = performance.now();
  const loaded = await reader.load(lease);
  if (loaded === "fenced") throw new Error(`${lease.run} is fenced`);
  const vat = Vat.load(bareHost(), { run: "bench", incarnation: INCARNATION, segments: loaded.segments });
  const [number] = vat.operations.keys();
  const { settled } = vat.attempt(number!);
  vat.deliver({ type: "step", operation: number!, settlement: await settled });
  vat.turn();
  vat.save("delta");
  return performance.now() - start;
}

interface Place {
  readonly name: string;
  readonly writer: Store;
  /** One that has seen nothing of the run. */
  reader(): Store;
  /** How many of the hundred thousand turns go through the store; the base of what was before them is what it begins with. */
  readonly through: number;
}

async function withPlaces<T>(body: (places: readonly Place[]) => Promise<T>): Promise<T> {
  const database = await startPostgres();
  const server = await startServer();
  const client: DynamoDBClient = server.client;
  const table = "bench";
  await ensureTable({ table, client });
  const open: Store[] = [];
  const opened = (store: Store): Store => {
    open.push(store);
    return store;
  };
  try {
    return await withFile(async (path) => {
      try {
        const reader = opened(sqlite(path));
        const other = opened(postgres(database.url));
        return await body([
          {
            name: "SQLite",
            writer: opened(sqlite(path, { synchronous: "normal" })),
            reader: () => reader,
            through: 100_000,
          },
          { name: "Postgres", writer: opened(postgres(database.url)), reader: () => other, through: 50_000 },
          {
            name: "DynamoDB",
            writer: opened(dynamodb({ table, client })),
            reader: () => dynamodb({ table, client }),
            through: 10_000,
          },
        ]);
      } finally {
        for (const store of open) await store.close();
      }
    });
  } finally {
    await server.stop();
    await database.stop();
  }
}

export const resumeStores: Figure = {
  name: "resume-100000",
  reach: { at: "most", ratio: 1.2 },
  measure: () =>
    withPlaces(async (places) => {
      const ends = AFTER.map(scaled);
      const end = ends.at(-1)!;
      const turns: Turn[] = [];
      const bases: number[] = [];
      let until = Infinity;
      let cycle = 0;
      for await (const turn of history()) {
        const n = turns.length;
        turns.push(turn);
        if (turn.base !== undefined) {
          bases.push(n);
          if (bases.length === 4) {
            cycle = bases[3]! - bases[2]!;
            until = end + cycle;
          }
        }
        if (n >= until) break;
      }
      const begins = (place: Place): number => {
        const wanted = end - Math.min(end, scaled(place.through));
        return bases.findLast((n) => n <= wanted) ?? 0;
      };
      const baseOf = (n: number): string => (n === 0 ? turns[0]!.delta : turns[n]!.base!);

      const runs = await Promise.all(
        places.map(async (place) => {
          const saved: Saved[] = [];
          for (const [n, after] of ends.entries()) {
            const from = n === ends.length - 1 ? begins(place) : 0;
            const one = await Saved.create(place.writer, turns, `after-${n}`, baseOf(from), from);
            await one.advance(after);
            saved.push(one);
          }
          return { place, saved };
        }),
      );
      const beside: Record<string, number> = {};
      let worst = { ratio: 0, ms: 0 };
      const points = Array.from({ length: POINTS }, (_, i) => Math.round((i * cycle) / POINTS));
      const medians = runs.map(() => ends.map((): number[] => []));
      for (const offset of points) {
        for (const [p, { place, saved }] of runs.entries()) {
          const samples = ends.map((): number[] => []);
          for (const [n, one] of saved.entries()) {
            await one.advance(ends[n]! + offset);
            await one.rest();
          }
          for (let i = 0; i <= roundsOf(SAMPLES); i++) {
            for (const [n, one] of saved.entries()) {
              const ms = await resumeOnce(place.reader(), one.lease);
              if (i > 0) samples[n]!.push(ms);
            }
          }
          for (const [n, some] of samples.entries()) medians[p]![n]!.push(median(some));
        }
      }
      for (const [p, { place }] of runs.entries()) {
        const times = medians[p]!.map(mean);
        for (const [n, ms] of times.entries()) beside[`${place.name}, ${AFTER[n]}`] = ms;
        const ratio = times.at(-1)! / times[0]!;
        if (ratio > worst.ratio) worst = { ratio, ms: times.at(-1)! };
      }
      return {
        ratio: worst.ratio,
        value: worst.ms,
        unit: "ms after 100,000 steps",
        against:
          "load and first turn after 10 steps, averaged over a cycle of compaction, worst of the stores (all 100,000 turns through SQLite, the last 50,000 through Postgres and 10,000 through DynamoDB)",
        beside,
      };
    }),
};
