"use durable";
import { CancelledError } from "perdure";
import { callable, number, optionNames } from "perdure/internal/machine/operations/options";
import { abortable, pause } from "./abortable.ts";
import { BACKOFF, type BackoffOptions, backoff, waitAfter } from "./backoff.ts";

/** Options of {@link retry}. The waits are one second, then two, four … up to five minutes, with full jitter, unless said otherwise. */
export interface RetryOptions extends BackoffOptions {
  /** Attempts in all, the first included; `Infinity` for no end. Default 5. */
  readonly attempts?: number;
  /** Whether to try again after this error. Default: always. Never asked for a `CancelledError`. */
  readonly when?: (error: unknown, attempt: number) => boolean | PromiseLike<boolean>;
  /** Told of each failure that will be retried, before the wait (in ms). */
  readonly onRetry?: (error: unknown, attempt: number, wait: number) => unknown;
  /** Aborting it ends the attempt and the waits: `retry` rejects with the signal's reason. */
  readonly signal?: AbortSignal;
}

/**
 * Calls `operation` until it succeeds: with growing, random waits in between. Rejects with the last error when the attempts are used up, with an error
 * that `when` refuses, and with a `CancelledError` at once. `operation` gets the number of the attempt, from 1.
 *
 * In a run the waits are durable: they may be days, and no process is needed. A call of ordinary code in `operation` is a new step in each attempt, with a
 * key of its own: an idempotency key that all attempts share is made outside, `const key = crypto.randomUUID()`.
 *
 * @example
 * const receipt = await retry(() => charge(order), { attempts: 10, delay: "5s", when: (error) => error instanceof Unavailable });
 */
export async function retry<T>(
  operation: (attempt: number) => T | PromiseLike<T>,
  options: RetryOptions = {},
): Promise<T> {
  callable("retry()", operation);
  optionNames("retry", options, "attempts", "when", "onRetry", "signal", ...BACKOFF);
  const { when, onRetry, signal } = options;
  const attempts = number(options.attempts ?? 5, "attempts", 1, Infinity, true);
  const waits = backoff(options, { delay: "1s", factor: 2, maxDelay: "5 min", jitter: 1 });
  for (let attempt = 1; ; attempt++) {
    try {
      return await abortable(signal, async () => await operation(attempt));
    } catch (error) {
      if (error instanceof CancelledError || signal?.aborted || attempt >= attempts) throw error;
      if (when && !(await when(error, attempt))) throw error;
      const wait = waitAfter(waits, attempt);
      await onRetry?.(error, attempt, wait);
      await pause(wait, signal);
    }
  }
}
