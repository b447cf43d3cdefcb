import type { Store } from "../../store/store.ts";

/** How often each fault strikes, in [0, 1]. */
export interface Unreliability {
  /** The answer is lost and the call repeated, as every caller does: it hears the second answer. Default 0.2. */
  readonly lost?: number;
  /** The request arrives twice, one after the other: the first answer is heard. Default 0.1. */
  readonly repeated?: number;
  /** It arrives twice, both at once. Default 0.1. */
  readonly overtaken?: number;
  /** The same seed, the same faults. Default 1. */
  readonly seed?: number;
}

/** Calls whose repetition hears the same, by the contract's own table; of these an answer may be lost unnoticed. */
const ALIKE: ReadonlySet<PropertyKey> = new Set<keyof Store>([
  ...(["create", "renew", "retire", "commit", "compact", "acknowledge", "load", "owned", "inbox"] as const),
  ...(["pendingOutbox", "inspect", "read", "list", "nextWake", "unlinked"] as const),
]);
/** Calls that have no further effect when they come again at once, whatever they then answer. */
const HARMLESS: ReadonlySet<PropertyKey> = new Set<PropertyKey>([...ALIKE, "deliver"]);

/**
 * Wraps a store so that requests arrive twice and answers are lost, as on a network, and repeats as the engine does. Whatever passes
 * `storeConformance` passes it wrapped, too: that is what "every call can be repeated" means.
 *
 * @example
 * storeConformance({ test, make: () => unreliable(myStore({ database: freshDatabase() })) });
 */
export function unreliable(store: Store, faults: Unreliability = {}): Store {
  const { lost = 0.2, repeated = 0.1, overtaken = 0.1 } = faults;
  let state = (faults.seed ?? 1) >>> 0;
  // A linear congruential generator (Knuth, TAOCP vol. 2, 3.3.4).
  const chance = (): number => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
  let closing = false;
  return new Proxy(store, {
    get(target, property) {
      if (property === "close") closing = true;
      const method: unknown = Reflect.get(target, property);
      if (typeof method !== "function" || !HARMLESS.has(property)) return method;
      return async (...args: unknown[]): Promise<unknown> => {
        const call = (): Promise<unknown> => Reflect.apply(method, target, args) as Promise<unknown>;
        const dice = chance();
        // Nobody repeats a call of a store that is closed meanwhile.
        if (dice < lost && ALIKE.has(property)) {
          const answer = await call();
          return closing ? answer : call();
        }
        if (dice < lost + repeated) {
          const answer = await call();
          if (!closing) await call();
          return answer;
        }
        if (dice < lost + repeated + overtaken && ALIKE.has(property)) return (await Promise.all([call(), call()]))[1];
        return call();
      };
    },
  });
}
