/** A store that acknowledges at once and keeps only the last state of heads: what remains is the engine. */

import type { Commit, CommitOutcome, Store } from "perdure/internal/store/store";
import { memory } from "perdure/memory";

export function hollowStore(): Store {
  const store = memory();
  const positions = new Map<string, number>();
  return {
    ...bound(store),
    async commit(group: readonly Commit[]): Promise<readonly CommitOutcome[]> {
      // What ends, or is not a plain turn, goes the whole way.
      if (group.some(({ release, result, segment }) => release || result !== null || segment === null)) {
        for (const one of group) positions.delete(one.lease.run);
        return store.commit(group.map((one) => ({ ...one, position: 0 })));
      }
      return group.map(({ lease, position }) => {
        positions.set(lease.run, position + 1);
        return { type: "ok", position: position + 1, inboxSeq: 0 };
      });
    },
    compact: async () => "ok",
  };
}

const bound = (store: Store): Store =>
  Object.fromEntries(
    Object.entries(store).map(([name, value]) => [name, typeof value === "function" ? value.bind(store) : value]),
  ) as unknown as Store;
