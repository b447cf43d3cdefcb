/** Engines and stores that are wrong on purpose: an oracle that does not tell them from right ones is blind. */
import { Resident } from "../../engine/resident.ts";
import type { ResidentMaker } from "../../engine/worker.ts";
import type { Commit, Store } from "../../store/store.ts";

export interface Mutation {
  readonly store?: (store: Store) => Store;
  readonly makeResident?: ResidentMaker;
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

export const MUTATIONS = {
  "no fence": { store: withoutFence },
  "issue before commit": { makeResident: (home, lease, suspect) => new Hasty(home, lease, suspect) },
  "parking without its condition": { store: parkingBlindly },
} as const satisfies Record<string, Mutation>;
export type MutationName = keyof typeof MUTATIONS;
