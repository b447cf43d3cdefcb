/** `sleep`: a promise that a timer settles. */
import type { TimerOperation } from "../contract.ts";
import { currentRun, NativePromise } from "../current-run.ts";
import { platformTimeout } from "../platform/long-timeout.ts";
import { preview } from "../preview.ts";
import { blocking } from "./blocking.ts";
import { type Duration, instant } from "./duration.ts";
import { notInSteps } from "./not-in-steps.ts";
import { runtimeEntry } from "./runtime-entry.ts";
import { here } from "./site.ts";

/** What a step may wait for by itself, in milliseconds: who waits longer means to survive the process. */
const LONGEST_IN_STEP = 60_000;

/**
 * Waits: for a duration (`"3 days"`, `"1h 30m"`, or milliseconds) or until a `Date`.
 *
 * In a run it is a durable timer: it fires exactly once, no process is needed while it runs, and there is no upper limit. Outside a run it is a
 * plain timer of any length; in a step it throws PD2222 for more than a minute. Throws PD2204 (in a run: blocks it) for text that is no duration.
 *
 * @example
 * const answer = await Promise.race([approval, sleep("3 days")]);
 */
export const sleep = runtimeEntry("sleep", function sleep(until: Duration | Date): Promise<undefined> {
  const run = currentRun();
  if (run === undefined) {
    const now = Date.now();
    const at = instant(until, now);
    if (at - now > LONGEST_IN_STEP) notInSteps("sleep", `sleep(${preview(until, 0)})`);
    return new NativePromise((resolve) => void platformTimeout(() => resolve(undefined), at - now));
  }
  const at = blocking(run, () => instant(until, run.host.now()));
  const { place } = here(run, "sleep");
  const promise = run.newPromise();
  run.makeOperation<TimerOperation>((number) => ({ type: "timer", number, where: place, at }), {
    type: "promise",
    promise,
  });
  return promise as Promise<undefined>;
});
