/** `step`: the explicit form, for connections, streams, callbacks and retries. */
import { anything, checkOptions } from "../../options/check.ts";
import { currentRun } from "../current-run.ts";
import { preview } from "../preview.ts";
import type { Run } from "../run.ts";
import { blocking } from "./blocking.ts";
import { milliseconds } from "./duration.ts";
import { error } from "./messages.ts";
import { retryPolicy, type StepOptions } from "./retry.ts";
import { runtimeEntry } from "./runtime-entry.ts";
import { here } from "./site.ts";
import type { StepLimits } from "./step-call.ts";

/**
 * Runs `body` as one step: issued after the save that holds what it captured, on a copy of that, with a result that enters the run as a copy. It
 * is run again if its worker dies before the result is saved; its key ({@link currentStep}) is then the same. Inside, everything is
 * volatile: sockets, streams and callbacks may be used freely, and durable functions are plain functions.
 *
 * A rejection is not retried unless `retry` says so. When all attempts have failed, the last error is thrown here.
 *
 * Outside a run, and inside another step, it just calls `body`: options are checked and have no effect.
 *
 * @example
 * const rows = await step(async () => {
 *   const db = await connect();
 *   try { return await db.query(sql); } finally { await db.end(); }
 * }, { retry: 3, timeout: "30s" });
 */
export const step = runtimeEntry("step", function step<
  T,
>(body: () => T | PromiseLike<T>, options: StepOptions = {}): Promise<Awaited<T>> {
  const run = currentRun();
  const limits = blocking(run, () => check(body, options));
  if (run === undefined) return plain(body) as Promise<Awaited<T>>;
  return inRun(run, body, limits) as Promise<Awaited<T>>;
});

/** `async`: what `body` throws rejects, as it does in a run. */
const plain = async (body: () => unknown): Promise<unknown> => await body();

const inRun = (run: Run, body: Function, limits: StepLimits): Promise<unknown> =>
  run.makeStep(
    here(run, `step(${body.name})`),
    { type: "call", callee: { fn: body, self: undefined, args: [] } },
    limits,
  );

const OPTIONS = { retry: anything, timeout: anything };

function check(body: unknown, options: StepOptions): StepLimits {
  if (typeof body !== "function") throw error("PD2207", { what: "step()", value: preview(body, 0) });
  checkOptions("step", options, OPTIONS);
  const { retry, timeout } = options;
  return {
    ...(retry === undefined ? {} : { retry: retryPolicy(retry) }),
    ...(timeout === undefined ? {} : { timeout: milliseconds(timeout) }),
  };
}
