/** Wake-ups between the engines and workers of one process. */
import type { RunId } from "../store/store.ts";
import type { Hints } from "./host.ts";

export function localHints(): Hints {
  const listeners = new Set<(run: RunId) => void>();
  return {
    publish(run) {
      for (const listener of [...listeners]) listener(run);
    },
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}
