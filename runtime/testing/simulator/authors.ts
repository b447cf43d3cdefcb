/** Who asked for what a store's server does: the server knows commits and workers, and the history wants to know processes. */
import type { Commit, Ending, Store } from "../../store/store.ts";
import type { Entry } from "./history.ts";
import type { SimulatedProcess } from "./process.ts";

export class Authors {
  readonly #made = new Map<string, { readonly process: string } & ({ commit: Commit } | { ending: Ending })>();
  readonly #workers = new Map<string, string>();

  /** What happened when the server applied the commit, or the end, of that id; undefined: it is none of theirs. */
  applied(id: string, position?: number, inboxSeq?: number): Entry | undefined {
    const made = this.#made.get(id);
    if (made === undefined) return undefined;
    if ("ending" in made) return { type: "end", ...made };
    const { consumed, segment } = made.commit;
    const place = position ?? made.commit.position + (segment === null ? 0 : 1);
    return { type: "commit", ...made, outcome: { type: "ok", position: place, inboxSeq: inboxSeq ?? consumed } };
  }

  /** The process that registered the worker. */
  process(worker: string): string {
    return this.#workers.get(worker)!;
  }

  /** The store of a process, whose commits and workers are noted as it asks for them. */
  noting(store: Store, { name }: SimulatedProcess): Store {
    return {
      ...store,
      commit: (group) => {
        for (const commit of group) this.#made.set(commit.commitId, { commit, process: name });
        return store.commit(group);
      },
      end: (ending) => {
        this.#made.set(ending.commitId, { ending, process: name });
        return store.end(ending);
      },
      renew: (worker, now, until) => {
        this.#workers.set(worker, name);
        return store.renew(worker, now, until);
      },
    };
  }
}
