"use durable";
import { type Duration, TimeoutError } from "perdure";
import { callable, duration, optionNames } from "perdure/internal/machine/operations/options";
import { abortable, pause } from "./abortable.ts";
import { BACKOFF, type BackoffOptions, backoff, waitAfter } from "./backoff.ts";

/** Options of {@link pollUntil}. The waits are one second each, without jitter, unless said otherwise. */
export interface PollOptions<T> extends BackoffOptions {
  /** Whether this is the value waited for. Default: it is neither `undefined`, `null` nor `false`. */
  readonly until?: (value: T) => boolean | PromiseLike<boolean>;
  /** Gives up after this time, with a {@link TimeoutError}; a probe under way is not interrupted, and there is one at the end. Default: never. */
  readonly timeout?: Duration;
  /** Aborting it ends the polling: it rejects with the signal's reason. */
  readonly signal?: AbortSignal;
}

/** What {@link pollUntil} waits for when nothing else is said. */
export type Present<T> = Exclude<T, false | null | undefined>;

/**
 * Calls `probe` again and again until its value is the one waited for, and gives that value. An error of `probe` ends it: wrap the probe in `retry` where errors are
 * to be expected. With `factor` and `maxDelay` the waits grow.
 *
 * In a run the waits are durable: polling every hour for a month costs a timer and a turn an hour.
 *
 * @example
 * const job = await pollUntil(() => getJob(id), { until: (job) => job.status !== "running", delay: "10s", timeout: "1h" });
 */
export async function pollUntil<T, S extends T>(
  probe: (attempt: number) => T | PromiseLike<T>,
  options: PollOptions<T> & { readonly until: (value: T) => value is S },
): Promise<S>;
export async function pollUntil<T>(
  probe: (attempt: number) => T | PromiseLike<T>,
  options: PollOptions<T> & { readonly until: (value: T) => boolean | PromiseLike<boolean> },
): Promise<T>;
export async function pollUntil<T>(
  probe: (attempt: number) => T | PromiseLike<T>,
  options?: PollOptions<T>,
): Promise<Present<T>>;
export async function pollUntil<T>(
  probe: (attempt: number) => T | PromiseLike<T>,
  options: PollOptions<T> = {},
): Promise<T> {
  callable("pollUntil()", probe);
  optionNames("pollUntil", options, "until", "timeout", "signal", ...BACKOFF);
  const { until = isPresent, signal } = options;
  const waits = backoff(options, { delay: "1s", factor: 1, maxDelay: "5 min", jitter: 0 });
  const limit = options.timeout === undefined ? Infinity : duration(options.timeout);
  const end = Date.now() + limit;
  for (let attempt = 1; ; attempt++) {
    const value = await abortable(signal, async () => await probe(attempt));
    if (await until(value)) return value;
    const left = end - Date.now();
    if (left <= 0) throw new TimeoutError(limit, "what was polled for");
    await pause(Math.min(waitAfter(waits, attempt), left), signal);
  }
}

const isPresent = (value: unknown): boolean => value !== undefined && value !== null && value !== false;
