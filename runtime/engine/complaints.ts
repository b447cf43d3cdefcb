/** What an engine prints: what nobody observes, and what its observer throws. */
import type { PerdureError } from "../errors.ts";
import { textOf } from "../machine/preview.ts";
import type { StoreFailure } from "../store/store.ts";
import type { EngineEvent, Observer } from "./options.ts";

/** How long a store has to fail before it is told: shorter outages are what stores do. */
const PATIENCE = 5_000;
/** Calls that fail are made again sooner than this: a failure after a longer time belongs to another outage. */
const GAP = 10_000;

type Print = (text: string) => void;
const onConsole: Print = (text) => (globalThis as { console?: { error: Print } }).console?.error(text);

/** Pieces of news that are remembered: a worker lives long. */
const REMEMBERED = 10_000;

/** Prints each piece of news once; `text`: what is printed of it. */
export function once(print: Print = onConsole): (news: string, text?: string) => void {
  const told = new Set<string>();
  return (news, text = news) => {
    if (told.has(news)) return;
    if (told.size >= REMEMBERED) told.clear();
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

const SHOWN_LINES = 8;
const SHOWN_FRAMES = 6;

/** Name, message and the innermost functions of the program: where to look. */
export function errorWithFrames(error: unknown): string {
  const lines = textOf(error).split("\n");
  if (lines.length > SHOWN_LINES) lines.splice(SHOWN_LINES, Infinity, "  …");
  const stack = error instanceof Error && typeof error.stack === "string" ? error.stack.split("\n") : [];
  const frames = stack.filter((line) => /^\s+at /.test(line));
  const own = frames.filter((line) => !/node:|node_modules/.test(line));
  return [...lines, ...(own.length > 0 ? own.slice(0, SHOWN_FRAMES) : frames.slice(0, 1))].join("\n");
}

/**
 * Prints, each once: errors of the store that last until somebody mends them, an outage that goes on, since a worker only waits; runs that are stuck, blocked or quarantined,
 * and those that fail while nobody waits for their result; runs whose code was edited since they were saved, or which no worker takes; what disposals of resources throw.
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
      case "stopped-run":
        return tell(`the run ${event.run} of ${event.function} is ${event.status}: ${event.error.message}`);
      case "failed-run":
        if (!event.isAwaited)
          print(`the run ${event.run} of ${event.function} failed: ${errorWithFrames(event.error)}`);
        return;
      case "dispose-failed":
      case "waiting-step":
        return tell(String(event.error));
      case "parked":
        // Runs that stand in the same code are one piece of news.
        return tell((event.error as PerdureError).details.code!, String(event.error));
      case "unclaimed":
        return tell(event.function, String(event.error));
      case "claimed":
      case "committed":
        outage = undefined;
    }
  };
}
