/** Wake-ups between the engines and workers of one process. */
import type { RunId } from "../store/store.ts";
import type { Hint, Hints } from "./host.ts";

export function localHints(): Hints {
  const listeners = new Set<(run: RunId, hint: Hint) => void>();
  return {
    publish(run, hint) {
      for (const listener of [...listeners]) listener(run, hint);
    },
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}
