/** What an engine prints: what nobody observes, and what its observer throws. */
import type { PerdureError } from "../errors.ts";
import type { StoreFailure } from "../store/store.ts";
import type { EngineEvent, Observer } from "./options.ts";

/** How long a store has to fail before it is told: shorter outages are what stores do. */
const PATIENCE = 5_000;
/** Calls that fail are made again sooner than this: a failure after a longer time belongs to another outage. */
const GAP = 10_000;

type Print = (text: string) => void;
const onConsole: Print = (text) => (globalThis as { console?: { error: Print } }).console?.error(text);

/** Prints each piece of news once; `text`: what is printed of it. */
function once(print: Print): (news: string, text?: string) => void {
  const told = new Set<string>();
  return (news, text = news) => {
    if (told.has(news)) return;
    told.add(news);
    print(text);
  };
}

/** The observer, whose errors break nothing of what is observed: each is printed once. */
export function harmless<E extends { readonly type: string }>(
  observe: (event: E) => void,
  print: Print = onConsole,
): (event: E) => void {
  const tell = once(print);
  return (event) => {
    try {
      observe(event);
    } catch (error) {
      const news = String(error);
      tell(news, `an observer threw at an event of type ${event.type}: ${news}`);
    }
  };
}

/**
 * Prints, each once: errors of the store that last until somebody mends them, an outage that goes on, since a worker only waits; runs whose code was edited since they
 * were saved; what disposals of resources throw.
 *
 * @param now milliseconds since the epoch
 */
export function complaints(now: () => number, print: Print = onConsole): Observer {
  const tell = once(print);
  /** The outage that goes on. */
  let outage: { readonly since: number; last: number; isTold: boolean } | undefined;

  const failed = ({ error }: EngineEvent & { readonly type: "store-failed" }): void => {
    if ((error as Partial<StoreFailure>).lasting === true) return tell(String(error));
    const at = now();
    if (outage === undefined || at - outage.last > GAP) outage = { since: at, last: at, isTold: false };
    outage.last = at;
    if (outage.isTold || at - outage.since < PATIENCE) return;
    outage.isTold = true;
    print(`${String(error)}\n  for ${Math.round((at - outage.since) / 1000)} s now, and it is tried on and on`);
  };

  return (event) => {
    switch (event.type) {
      case "store-failed":
        return failed(event);
      case "dispose-failed":
        return tell(String(event.error));
      case "parked":
        // Runs that stand in the same code are one piece of news.
        return tell((event.error as PerdureError).details.code!, String(event.error));
      case "claimed":
      case "committed":
        outage = undefined;
    }
  };
}
