import type { DynamoDBClient, DynamoDBClientConfig } from "@aws-sdk/client-dynamodb";
import { checkOptions } from "../../options/check.ts";
import { checkCount, checkEnding, checkGroup, checkMessage, checkName, checkNewRun, checkTime } from "../arguments.ts";
import { storeError } from "../messages.ts";
import type { Patience } from "../patience.ts";
import { Damaged } from "../saved.ts";
import type { Store } from "../store.ts";
import * as claims from "./claim.ts";
import { CodeSets } from "./code-sets.ts";
import * as commits from "./commit.ts";
import type { Context } from "./context.ts";
import { end } from "./endings.ts";
import { checkCommitId, checkIncarnation, checkMessageKey, checkRunId, checkWorkerId } from "./keys.ts";
import * as mail from "./mail.ts";
import { dynamodbError } from "./messages.ts";
import * as outbox from "./outgoing.ts";
import * as reading from "./reading.ts";
import { Recent } from "./recent.ts";
import * as sweeping from "./sweep.ts";
import { isClient, readLayout, TABLE_OPTIONS } from "./table.ts";
import { type Client, loadSdk, makeClient, type Sdk, Wire } from "./wire.ts";
import * as workers from "./workers.ts";

export { type EnsureTableOptions, ensureTable } from "./table.ts";
export type { Client } from "./wire.ts";

export interface DynamoDBOptions {
  readonly table: string;
  /**
   * The SDK's client, or what one is made of (region, endpoint, credentials …). Default: made of the environment. A client of your own should have
   * `maxAttempts: 1`, since the store repeats by itself; it is not destroyed by `close`. From plain data (region, endpoint, keys; not functions), and from
   * the environment, a thread of its own can make one too, so that leases are renewed while a long computation keeps the event loop.
   */
  readonly client?: Client | DynamoDBClientConfig;
}

/** @internal What a simulation puts its own in place of. */
export interface Surroundings {
  /** Wall clock, for what is kept for a time and for the order of outgoing entries. */
  readonly now: () => number;
  /** Monotonic clock, for what is observed. */
  readonly monotonic: () => number;
  readonly patience?: Patience;
  readonly sdk?: () => Promise<Sdk>;
}
const PLATFORM: Surroundings = { now: () => Date.now(), monotonic: () => performance.now() };

/**
 * A store in one DynamoDB table, shared by any number of processes. Needs the package `@aws-sdk/client-dynamodb`, and a table that
 * {@link ensureTable} has made ready. `docs/dynamodb.md` says what is kept in it and what each operation costs.
 *
 * Guarantees: as every store's; an acknowledged call is durable as DynamoDB's writes are. A turn that touches only its own run is one conditional
 * put. What is due is found through an index that is late by nature, at the latest at the next poll.
 *
 * Errors, all of them {@link StoreFailure}s: PD3301 the SDK is missing, PD3302 the table is not ready, PD3303 written by a newer version, PD3304
 * throttled or contended for long, PD3305 no answer, PD3306 too large, PD3307 refused, PD3308 damaged.
 *
 * @throws PD2516 and PD2517 for options that cannot be meant.
 * @example
 * await ensureTable({ table: "perdure", client: { region: "eu-central-1" } });
 * const engine = createEngine({ store: dynamodb({ table: "perdure", client: { region: "eu-central-1" } }) });
 */
export function dynamodb(options: DynamoDBOptions): Store {
  checkOptions("dynamodb", options, TABLE_OPTIONS);
  const thread = threadOf(options);
  return { ...open(options, PLATFORM), ...(thread && { thread }) };
}

/** How a thread opens the same table: where what the client is made of can be posted to it. Otherwise renewals are made here. */
function threadOf({ table, client }: DynamoDBOptions): Store["thread"] {
  // A bundle in CommonJS format has no URL of its own, and nothing beside it that a thread could load.
  const here: string | undefined = import.meta.url;
  if (!here || isClient(client)) return undefined;
  try {
    return { module: new URL("./thread.js", here).href, options: structuredClone({ table, client }) };
  } catch {
    // Functions in it: credentials that are fetched, handlers, loggers.
    return undefined;
  }
}

/** @internal The store in given surroundings. */
export function open({ table, client }: DynamoDBOptions, surroundings: Surroundings): Store {
  const { patience, sdk: load = loadSdk } = surroundings;
  let own: DynamoDBClient | undefined;
  const wire = new Wire(
    table,
    async () => {
      const sdk = await load();
      if (isClient(client)) return { sdk, client };
      own = makeClient(sdk, client ?? {});
      return { sdk, client: own };
    },
    patience,
  );
  const calls = new Set<Promise<unknown>>();
  let context: Promise<Context> | undefined;
  let closed = false;

  /** The first call reads how the table is laid out; a failure is not remembered. */
  const ready = (): Promise<Context> => {
    context ??= makeContext(wire, surroundings, (work) => track(work)).catch((error: unknown) => {
      context = undefined;
      throw error;
    });
    return context;
  };
  const track = <T>(work: Promise<T>): Promise<T> => {
    calls.add(work);
    const done = () => void calls.delete(work);
    work.then(done, done);
    return work;
  };
  const call = <T>(method: string, work: (context: Context) => Promise<T>): Promise<T> => {
    if (closed) throw storeError("PD3002", "refused", { method, store: "dynamodb" });
    return track(
      ready()
        .then(work)
        .catch((error: unknown) => {
          // Found while reading; what the call has written by then nobody knows.
          if (error instanceof Damaged) throw dynamodbError("PD3308", "unknown", { table, why: error.message }, error);
          throw error;
        }),
    );
  };

  return {
    name: "dynamodb",
    async create(run) {
      checkNewRun("create", run);
      checkRunId(run.run);
      checkIncarnation(run.incarnation);
      return call("create", (made) => sweeping.create(made, run));
    },
    async renew(worker, now, until) {
      checkName("renew", "worker", worker);
      checkWorkerId(worker);
      checkTime("renew", "now", now);
      checkTime("renew", "until", until);
      return call("renew", (made) => workers.renew(made, worker, now, until));
    },
    async retire(worker) {
      return call("retire", (made) => workers.retire(made, worker));
    },
    async claim(request) {
      checkCount("claim", "limit", request.limit);
      checkCount("claim", "suspects", request.suspects);
      checkTime("claim", "now", request.now);
      return call("claim", (made) => claims.claim(made, request));
    },
    async owned(worker) {
      return call("owned", (made) => workers.owned(made, worker));
    },
    async load(lease) {
      return call("load", (made) => reading.load(made, lease));
    },
    async inbox(lease, after) {
      return call("inbox", (made) => mail.inbox(made, lease, after));
    },
    async commit(group) {
      checkGroup(group);
      for (const { commitId } of group) checkCommitId(commitId);
      return call("commit", (made) => commits.commitGroup(made, group));
    },
    async compact(lease, position, base) {
      checkCount("compact", "position", position);
      return call("compact", (made) => commits.compact(made, lease, position, base));
    },
    async acknowledge(run, incarnation, seqs) {
      return call("acknowledge", (made) => outbox.acknowledge(made, run, incarnation, seqs));
    },
    async pendingOutbox(limit) {
      checkCount("pendingOutbox", "limit", limit);
      return call("pendingOutbox", (made) => outbox.pendingOutbox(made, limit));
    },
    async deliver(run, incarnation, message) {
      checkMessage("deliver", message);
      checkMessageKey(message.key);
      return call("deliver", (made) => mail.deliver(made, run, incarnation, message));
    },
    async revive(run, now) {
      checkTime("revive", "now", now);
      return call("revive", (made) => mail.revive(made, run, now));
    },
    async end(ending) {
      checkEnding(ending);
      checkCommitId(ending.commitId);
      return call("end", (made) => end(made, ending));
    },
    async inspect(run) {
      return call("inspect", (made) => reading.inspect(made, run));
    },
    async read(run) {
      return call("read", (made) => reading.read(made, run));
    },
    async list(query) {
      checkCount("list", "limit", query.limit ?? 100);
      return call("list", (made) => reading.list(made, query));
    },
    async nextWake(codes) {
      return call("nextWake", (made) => claims.nextWake(made, codes));
    },
    async unlinked(codes) {
      return call("unlinked", (made) => reading.unlinked(made, codes));
    },
    async sweep(before, limit) {
      checkTime("sweep", "before", before);
      checkCount("sweep", "limit", limit);
      return call("sweep", (made) => sweeping.sweep(made, before, limit, surroundings.now()));
    },
    async close() {
      closed = true;
      while (calls.size > 0) await Promise.allSettled(calls);
      own?.destroy();
    },
  };
}

async function makeContext(
  wire: Wire,
  { now, monotonic }: Surroundings,
  aside: (work: Promise<unknown>) => void,
): Promise<Context> {
  const layout = await readLayout(wire);
  const lanes = new Map<string, Promise<unknown>>();
  let last = 0;
  return {
    wire,
    layout,
    recent: new Recent(wire, monotonic),
    codes: new CodeSets(wire),
    held: new Map(),
    places: new Map(),
    unresolved: new Set(),
    beats: new Map(),
    clock: monotonic,
    aside,
    tick() {
      last = Math.max(last + 1, Math.floor(now()) * 1000);
      return String(last).padStart(17, "0");
    },
    async inTurn(run, work) {
      const before = lanes.get(run);
      const mine = before === undefined ? work() : before.then(work, work);
      lanes.set(run, mine);
      try {
        return await mine;
      } finally {
        if (lanes.get(run) === mine) lanes.delete(run);
      }
    },
  };
}
