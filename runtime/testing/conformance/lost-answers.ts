import type { Store, StoreFailure } from "../../store/store.ts";

/** A store that does what it is told and, when asked to, loses the answer. */
export interface LossyStore {
  readonly store: Store;
  /** The next call takes effect, then rejects with an error whose `outcome` is `"unknown"`. */
  loseNext(): void;
}

/**
 * Wraps a store so that answers can be lost, as they are when a connection breaks after the server has committed. Every
 * caller of a store must survive that by repeating the call.
 *
 * @example
 * const lossy = loseAnswers(memory());
 * lossy.loseNext();
 * await lossy.store.create(run).catch(() => lossy.store.create(run)); // { type: "created" }
 */
export function loseAnswers(store: Store): LossyStore {
  let losing = false;
  const lossy = new Proxy(store, {
    get(target, property, receiver) {
      const method: unknown = Reflect.get(target, property, receiver);
      if (typeof method !== "function") return method;
      return async (...args: unknown[]): Promise<unknown> => {
        const lose = losing;
        losing = false;
        const answer: unknown = await Reflect.apply(method, target, args);
        if (!lose) return answer;
        const failure: StoreFailure = Object.assign(new Error(`the answer of ${String(property)} was lost`), {
          outcome: "unknown" as const,
        });
        throw failure;
      };
    },
  });
  return {
    store: lossy,
    loseNext() {
      losing = true;
    },
  };
}
