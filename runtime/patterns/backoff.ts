"use durable";
import type { Duration } from "perdure";
import { duration, number } from "perdure/internal/machine/operations/options";

/** How far apart attempts are: `delay`, and after each further one `factor` times as much, up to `maxDelay`. */
export interface BackoffOptions {
  /** Wait before the second attempt. */
  readonly delay?: Duration;
  /** Each further wait is this many times the one before. */
  readonly factor?: number;
  /** No wait is longer. Default five minutes, or `delay` if that is more. */
  readonly maxDelay?: Duration;
  /**
   * The part of each wait that is random, from 0 (none) to 1 ("full jitter": anything between nothing and the whole wait), so that those who failed
   * together do not come back together (Brooker, "Exponential Backoff And Jitter", 2015).
   */
  readonly jitter?: number;
}

/** Names of the options, for {@link optionNames}. */
export const BACKOFF = ["delay", "factor", "maxDelay", "jitter"];

/** A checked backoff, with durations in ms. */
export interface Backoff {
  readonly delay: number;
  readonly factor: number;
  readonly maxDelay: number;
  readonly jitter: number;
}

export function backoff(options: BackoffOptions, defaults: Required<BackoffOptions>): Backoff {
  const delay = duration(options.delay ?? defaults.delay);
  return {
    delay,
    factor: number(options.factor ?? defaults.factor, "factor", 1, Number.MAX_VALUE, false),
    // A default never shortens the wait that was asked for.
    maxDelay:
      options.maxDelay === undefined ? Math.max(delay, duration(defaults.maxDelay)) : duration(options.maxDelay),
    jitter: number(options.jitter ?? defaults.jitter, "jitter", 0, 1, false),
  };
}

/** The wait in ms after attempt number `attempt` (from 1). */
export function waitAfter({ delay, factor, maxDelay, jitter }: Backoff, attempt: number): number {
  const whole = Math.min(maxDelay, delay * factor ** (attempt - 1));
  return Math.round(whole * (1 - jitter * Math.random()));
}
