/** Retries of `step(fn, { retry })`. Nothing else retries a rejection: a step that fails has failed. */

import { anything, checkOptions } from "../../options/check.ts";
import type { RetryPolicy } from "../contract.ts";
import { type Duration, milliseconds } from "./duration.ts";
import { error } from "./messages.ts";

/** How often, and how far apart, the body of a `step` is tried. */
export interface Retry {
  /** Attempts in all, the first included. */
  readonly attempts: number;
  /** Wait before the second attempt. Default one second. */
  readonly delay?: Duration;
  /** Each further wait is this many times the one before. Default 2. */
  readonly factor?: number;
  /** No wait is longer. Default five minutes, or `delay` if that is more. */
  readonly maxDelay?: Duration;
}

/** Options of {@link step}. */
export interface StepOptions {
  /** Attempts in all, or a policy. Default: a rejection is never retried. */
  readonly retry?: number | Retry;
  /** For each attempt: when it has passed, the attempt's signal aborts and the attempt has failed with a `TimeoutError`. */
  readonly timeout?: Duration;
}

const SECOND = 1000;

const POLICY = { attempts: anything, delay: anything, factor: anything, maxDelay: anything };

/** Checks and completes a policy. Throws PD2210. */
export function retryPolicy(retry: number | Retry): RetryPolicy {
  if (typeof retry !== "number") checkOptions("step({ retry })", retry, POLICY);
  const { attempts, delay = SECOND, factor = 2, maxDelay } = typeof retry === "number" ? { attempts: retry } : retry;
  if (!(Number.isInteger(attempts) && attempts >= 1))
    throw error("PD2210", { option: "attempts", value: String(attempts) });
  if (!(Number.isFinite(factor) && factor >= 1)) throw error("PD2210", { option: "factor", value: String(factor) });
  const first = milliseconds(delay);
  // A default never shortens the wait that was asked for.
  const most = maxDelay === undefined ? Math.max(first, 300 * SECOND) : milliseconds(maxDelay);
  return { attempts, delay: first, factor, maxDelay: most };
}

/** The wait in ms after attempt number `attempt` (from 1) was rejected, or null: that was the last. */
export const waitAfter = (policy: RetryPolicy | undefined, attempt: number): number | null =>
  policy === undefined || attempt >= policy.attempts
    ? null
    : Math.min(policy.maxDelay, policy.delay * policy.factor ** (attempt - 1));
