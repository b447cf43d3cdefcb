/** Engines and stores that are wrong on purpose: an oracle that does not tell them from right ones is blind. */
import type { Json } from "../../codec/contract.ts";
import type { Part } from "../../codec/part.ts";
import { Snapshot } from "../../codec/snapshot.ts";
import { Resident } from "../../engine/resident.ts";
import type { ResidentMaker } from "../../engine/worker.ts";
import type { Commit, RunHead, Store } from "../../store/store.ts";

export interface Mutation {
  readonly store?: (store: Store) => Store;
  readonly makeResident?: ResidentMaker;
  /** Changes the runtime itself; returns what undoes it. */
  readonly install?: () => () => void;
}

/** Steps are issued when their turn has been encoded, before its commit is acknowledged. */
class Hasty extends Resident {
  override takeTurn(): Commit | null {
    const commit = super.takeTurn();
    if (commit !== null && !commit.release) this.issueSteps();
    return commit;
  }
}

/** The epoch is not compared: whoever commits has the lease. */
function withoutFence(store: Store): Store {
  return {
    ...store,
    commit: async (group) => {
      const forged: Commit[] = [];
      for (const commit of group) {
        const head = await store.read(commit.lease.run);
        if (head === null) forged.push(commit);
        else {
          const lease = { ...commit.lease, epoch: head.epoch, worker: head.owner ?? commit.lease.worker };
          forged.push({
            ...commit,
            lease,
            position: head.position,
            consumed: Math.max(head.consumed, commit.consumed),
          });
        }
      }
      return store.commit(forged);
    },
  };
}

/** A run is put to sleep although mail has come since its turn: what the turn saw decides, not the head. */
function parkingBlindly(store: Store): Store {
  const asleep = new Set<string>();
  return {
    ...store,
    commit: async (group) => {
      const outcomes = await store.commit(group);
      for (const [index, commit] of group.entries()) {
        const outcome = outcomes[index]!;
        if (commit.release && commit.wakeAt === null && outcome.type === "ok" && outcome.inboxSeq > commit.consumed) {
          asleep.add(commit.lease.run);
        }
      }
      return outcomes;
    },
    deliver: async (run, incarnation, message) => {
      const answer = await store.deliver(run, incarnation, message);
      if (answer.type === "accepted") asleep.delete(run);
      return answer;
    },
    claim: async (request) => {
      const claims = await store.claim(request);
      const woken = claims.filter(({ lease }) => !asleep.has(lease.run));
      // What sleeps is given back as it was.
      for (const { lease, head } of claims) {
        if (!asleep.has(lease.run)) continue;
        const { position, status, reason, result, codes, consumed } = head;
        const commitId = `asleep ${lease.epoch}`;
        const common = { lease, commitId, position, status, reason, result, codes, consumed };
        await store.commit([{ ...common, segment: null, wakeAt: null, outbox: [], now: request.now, release: true }]);
      }
      return woken;
    },
  };
}

/** Attempts work on the run's own objects, not on a copy decoded from the snapshot. */
function sharingArguments(): () => void {
  const { hold, open } = Snapshot.prototype;
  const held = new WeakMap<Snapshot, { values: readonly Json[]; parts: ReadonlyMap<number, Part> }>();
  Snapshot.prototype.hold = function (this: Snapshot, values, parts, shared, opening) {
    held.set(this, { values, parts });
    return hold.call(this, values, parts, shared, opening);
  };
  Snapshot.prototype.open = function (this: Snapshot, kinds) {
    const copy = open.call(this, kinds);
    const { values, parts } = held.get(this)!;
    const own = values.map((json, index) => {
      const entry = Array.isArray(json) && typeof json[0] === "number" ? parts.get(json[0])?.entry : undefined;
      return entry === undefined ? copy.values[index] : entry.value;
    });
    return Object.assign(copy, { values: own });
  };
  return () => {
    Object.assign(Snapshot.prototype, { hold, open });
  };
}

/** Heads are read from a replica that is one change behind: no other guarantee shows it, since nobody is driven by what is read. */
function readingBehind(store: Store): Store {
  const read = new Map<string, Promise<RunHead | null>>();
  return {
    ...store,
    read: async (run) => {
      const before = read.get(run);
      read.set(run, store.read(run));
      return before ?? store.read(run);
    },
  };
}

/** Whoever was on board when a worker died is blamed, alone or not. */
function blamingEverybody(store: Store): Store {
  const strikes = new Map<string, number>();
  return {
    ...store,
    claim: async (request) =>
      (await store.claim(request)).map((claim) => {
        const { run } = claim.lease;
        if (claim.takenOver) strikes.set(run, (strikes.get(run) ?? 0) + 1);
        return { ...claim, head: { ...claim.head, strikes: strikes.get(run) ?? 0 } };
      }),
    load: async (lease) => {
      const loaded = await store.load(lease);
      if (loaded === "fenced") return loaded;
      return { ...loaded, head: { ...loaded.head, strikes: strikes.get(lease.run) ?? 0 } };
    },
  };
}

/** A commit takes all mail as read that there is, whatever its turn has seen. */
function readingUnseen(store: Store): Store {
  return {
    ...store,
    commit: async (group) => {
      const heads = await Promise.all(group.map(({ lease }) => store.read(lease.run)));
      return store.commit(
        group.map((commit, index) => ({ ...commit, consumed: heads[index]?.inboxSeq ?? commit.consumed })),
      );
    },
  };
}

/** Whoever renews its lease is told that it has it. */
const renewingBlindly = (store: Store): Store => ({
  ...store,
  renew: async (worker, now, until) => {
    await store.renew(worker, now, until);
    return true;
  },
});

/** A run that another has taken over is not let go of. */
class Clinging extends Resident {
  override lose(): void {}
}

/** What a single worker gets wrong when it is held up at the wrong instant. */
export const WORKER_MUTATIONS = {
  "mail taken as read": { store: readingUnseen },
  "a lease renewed blindly": { store: renewingBlindly },
  "a lost run kept": { makeResident: (home, lease, suspect) => new Clinging(home, lease, suspect) },
} as const satisfies Record<string, Mutation>;

/** For a simulation of killers among innocents: results are as they should be, for those who get that far. */
export const QUARANTINE_MUTATIONS = {
  "quarantine without isolation": { store: blamingEverybody },
} as const satisfies Record<string, Mutation>;

export const MUTATIONS = {
  "no fence": { store: withoutFence },
  "issue before commit": { makeResident: (home, lease, suspect) => new Hasty(home, lease, suspect) },
  "parking without its condition": { store: parkingBlindly },
  "reads behind": { store: readingBehind },
  "arguments shared instead of copied": { install: sharingArguments },
} as const satisfies Record<string, Mutation>;
export type MutationName = keyof typeof MUTATIONS;
