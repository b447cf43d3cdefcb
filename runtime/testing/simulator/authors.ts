/** Who asked for what a store's server does: the server knows commits and workers, and the history wants to know processes. */
import type { Commit, Store } from "../../store/store.ts";
import type { SimulatedProcess } from "./process.ts";

export class Authors {
  readonly #commits = new Map<string, { readonly commit: Commit; readonly process: string }>();
  readonly #workers = new Map<string, string>();

  /** The commit of that id, and the process that made it; undefined: it is none of theirs. */
  commit(id: string): { readonly commit: Commit; readonly process: string } | undefined {
    return this.#commits.get(id);
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
        for (const commit of group) this.#commits.set(commit.commitId, { commit, process: name });
        return store.commit(group);
      },
      renew: (worker, now, until) => {
        this.#workers.set(worker, name);
        return store.renew(worker, now, until);
      },
    };
  }
}
