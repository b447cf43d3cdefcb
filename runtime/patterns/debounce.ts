"use durable";
import type { Duration } from "perdure";
import { callable, duration, optionNames } from "perdure/internal/machine/operations/options";

/** Options of {@link debounce}. */
export interface DebounceOptions {
  /** The longest that the first call of a burst waits, however the calls go on. Default: no limit. */
  readonly maxWait?: Duration;
}

/** A debounced function. */
export interface Debounced<A extends unknown[], R> {
  /** Joins the current burst, or begins one; gives the result of the one call that stands for it. */
  (...args: A): Promise<R>;
  /** Ends the current burst now. Gives its result; undefined when there is none. */
  flush(): Promise<R> | undefined;
}

/**
 * Coalesces bursts: calls that follow each other within `wait` become one call of `fn`, `wait` after the last of them, with the arguments of the last. Every
 * caller of the burst gets the promise of that one call, its error included. A call that comes while `fn` is at work begins a new burst.
 *
 * In a run the waits are durable, and what is coalesced are the messages that the run receives: webhooks and queue messages that resume its tokens, each of
 * which calls the debounced function. A cancel of the run drops a burst that is still waiting: its callers are rejected with the `CancelledError`.
 *
 * @example
 * const publish = debounce((draft: Draft) => render(draft), "30s", { maxWait: "5 min" });
 * for (;;) {
 *   const edit = token<Draft>();
 *   await announce(edit.id);
 *   void publish(await edit);      // many edits, one rendering
 * }
 */
export function debounce<A extends unknown[], R>(
  fn: (...args: A) => R | PromiseLike<R>,
  wait: Duration,
  options: DebounceOptions = {},
): Debounced<A, R> {
  callable("debounce()", fn);
  optionNames("debounce", options, "maxWait");
  const quiet = duration(wait);
  const longest = options.maxWait === undefined ? Infinity : duration(options.maxWait);
  let current: Burst<A, R> | undefined;

  const settle = async (burst: Burst<A, R>): Promise<R> => {
    try {
      let left = Math.min(quiet, longest);
      do {
        await new Promise<void>((resolve) => {
          burst.wake = resolve;
          burst.timer = setTimeout(resolve, left);
        });
        left = Math.min(burst.due, burst.end) - Date.now();
      } while (left > 0);
    } finally {
      if (current === burst) current = undefined;
    }
    return await fn(...burst.args);
  };

  const debounced = (...args: A): Promise<R> => {
    const now = Date.now();
    current ??= { args, due: 0, end: now + longest };
    current.args = args;
    current.due = now + quiet;
    current.result ??= settle(current);
    return current.result;
  };

  const flush = (): Promise<R> | undefined => {
    const burst = current;
    if (burst === undefined) return undefined;
    current = undefined;
    burst.end = 0;
    clearTimeout(burst.timer);
    burst.wake?.();
    return burst.result;
  };
  return Object.assign(debounced, { flush });
}

/** Calls that will be one. */
interface Burst<A, R> {
  args: A;
  /** When the calls have been quiet for long enough. */
  due: number;
  /** When it ends at the latest. */
  end: number;
  result?: Promise<R>;
  timer?: ReturnType<typeof setTimeout>;
  /** Ends the wait for the timer. */
  wake?: () => void;
}
