/** What the cases of the suite have in common: one empty store, and short ways to say what they do to it. */
import type {
  Claim,
  ClaimRequest,
  Commit,
  CommitOutcome,
  Lease,
  NewRun,
  RunHead,
  Segment,
  Store,
} from "../../store/store.ts";
import { ok } from "./expect.ts";

export const CODE = "orders.ts#checkout@1";
export const OTHER_CODE = "orders.ts#checkout@2";
/** The instant at which cases begin, and the end of the leases they take unless they say otherwise. */
export const NOW = 1_000_000;
export const LATER = NOW + 60_000;

export interface World {
  readonly store: Store;
  create(run: string, change?: Partial<NewRun>): Promise<NewRun>;
  /** Registers a worker. */
  worker(id: string, until?: number): Promise<string>;
  claim(worker: string, change?: Partial<ClaimRequest>): Promise<readonly Claim[]>;
  /** Claims exactly this run (others may come along). */
  take(worker: string, run: string, change?: Partial<ClaimRequest>): Promise<Claim>;
  /** A fresh run, claimed by a fresh worker. */
  driven(run: string, change?: Partial<NewRun>): Promise<Claim>;
  /** A turn's commit with a delta; `change` makes it something else. */
  commitOf(lease: Lease, position: number, change?: Partial<Commit>): Commit;
  commit(lease: Lease, position: number, change?: Partial<Commit>): Promise<CommitOutcome>;
  head(run: string): Promise<RunHead>;
  texts(lease: Lease): Promise<readonly string[]>;
}

/** One test of the suite. */
export interface StoreCase {
  /** What the contract promises, as a sentence. */
  readonly name: string;
  run(world: World): Promise<void>;
}

export const base = (text: string): Segment => ({ kind: "base", text });
export const delta = (text: string): Segment => ({ kind: "delta", text });

/** What a commit says that parks its run. */
export const PARK = { status: "waiting", release: true, wakeAt: null } as const;
export const END = { status: "done", result: '{"status":"fulfilled"}', release: true, segment: null } as const;

export function makeWorld(store: Store): World {
  let serial = 0;
  const fresh = (what: string): string => `${what}-${++serial}`;

  const world: World = {
    store,

    async create(run, change = {}) {
      const newRun: NewRun = {
        run,
        incarnation: fresh("incarnation"),
        fn: "orders.ts#checkout",
        argsDigest: "args",
        segment: base("0"),
        codes: [CODE],
        parent: null,
        now: NOW,
        ...change,
      };
      await store.create(newRun);
      return newRun;
    },

    async worker(id, until = LATER) {
      ok(await store.renew(id, NOW, until), `a fresh worker registers: ${id}`);
      return id;
    },

    claim: (worker, change = {}) =>
      store.claim({ worker, limit: 100, suspects: 100, codes: new Set([CODE]), now: NOW, ...change }),

    async take(worker, run, change) {
      const claims = await world.claim(worker, change);
      const claim = claims.find((one) => one.lease.run === run);
      ok(claim !== undefined, `${worker} claims ${run}; it got [${claims.map((one) => one.lease.run).join(", ")}]`);
      return claim;
    },

    async driven(run, change) {
      await world.create(run, change);
      return world.take(await world.worker(fresh("worker")), run);
    },

    commitOf: (lease, position, change = {}) => ({
      lease,
      commitId: fresh("commit"),
      position,
      segment: delta(String(position + 1)),
      status: "waiting",
      reason: null,
      result: null,
      codes: [CODE],
      consumed: 0,
      wakeAt: null,
      outbox: [],
      release: false,
      now: NOW,
      ...change,
    }),

    async commit(lease, position, change) {
      const [outcome] = await store.commit([world.commitOf(lease, position, change)]);
      ok(outcome !== undefined, "a group of one commit has one outcome");
      return outcome;
    },

    async head(run) {
      const head = await store.read(run);
      ok(head !== null, `${run} can be read`);
      return head;
    },

    async texts(lease) {
      const loaded = await store.load(lease);
      ok(loaded !== "fenced", `${lease.run} can be loaded under its lease`);
      return loaded.segments.map(({ text }) => text);
    },
  };
  return world;
}
