/** A store that acknowledges turns at once and keeps nothing of them: what remains is the engine. */

import type { Commit, CommitOutcome, Store } from "perdure/internal/store/store";
import { memory } from "perdure/memory";

export function hollowStore(): Store {
  const store = memory();
  return {
    ...bound(store),
    async commit(group: readonly Commit[]): Promise<readonly CommitOutcome[]> {
      // What ends, or is not a plain turn, goes the whole way, to a store that has seen no turn yet.
      if (group.some(({ release, result, segment }) => release || result !== null || segment === null))
        return store.commit(group.map((one) => ({ ...one, position: 0 })));
      return group.map(({ position }) => ({ type: "ok", position: position + 1, inboxSeq: 0 }));
    },
    compact: async () => "ok",
  };
}

const bound = (store: Store): Store =>
  Object.fromEntries(
    Object.entries(store).map(([name, value]) => [name, typeof value === "function" ? value.bind(store) : value]),
  ) as unknown as Store;
