/** Runs one job: ECMA-262 27.2.2.1 and 27.2.2.2, and the calls that timers and `queueMicrotask` queue. */
import { Activation } from "../activation.ts";
import { resume } from "../driver.ts";
import { AsyncGeneratorDriver } from "../generators/async-generator.ts";
import type { Capability, Job, ThenReaction } from "../jobs.ts";
import type { Run } from "../run.ts";
import { closureOf } from "../stamp.ts";
import { resolvingFunctions } from "./capability.ts";
import { passCoded, rejectPromise, resolvePromise } from "./settle.ts";
import { stateOf } from "./state.ts";

/** The run is current. Throws coded errors, and what a plain callback throws (the vat makes of it what the platform does). */
export function perform(run: Run, job: Job): void {
  switch (job.type) {
    case "reaction":
      if (job.reaction instanceof AsyncGeneratorDriver) job.reaction.resumed(job.status, job.value);
      else if (job.reaction instanceof Activation) resume(run, job.reaction, job.status, job.value);
      else react(run, job.reaction, job.status, job.value);
      return;
    case "thenable": {
      const { resolve, reject } = resolvingFunctions(job.promise);
      try {
        Reflect.apply(job.then, job.thenable, [resolve, reject]);
      } catch (thrown) {
        passCoded(run, thrown);
        reject(thrown);
      }
      return;
    }
    case "call":
    case "tick":
      run.executing = closureOf(job.fn);
      Reflect.apply(job.fn, undefined, job.args);
      return;
    case "start":
      start(run, job.fn, job.args);
  }
}

function react(run: Run, reaction: ThenReaction, status: "fulfilled" | "rejected", value: unknown): void {
  const handler = status === "fulfilled" ? reaction.onFulfilled : reaction.onRejected;
  const { derived } = reaction;
  let result = value;
  let failed = status === "rejected";
  if (handler !== undefined) {
    run.executing = closureOf(handler);
    try {
      result = Reflect.apply(handler, undefined, [value]);
      failed = false;
    } catch (thrown) {
      passCoded(run, thrown);
      result = thrown;
      failed = true;
    }
  }
  if (stateOf(derived) !== undefined) {
    if (failed) rejectPromise(derived as Promise<unknown>, result);
    else resolvePromise(derived as Promise<unknown>, result);
  } else {
    const { resolve, reject } = derived as Capability;
    Reflect.apply(failed ? reject : resolve, undefined, [result]);
  }
}

/** The run's result is the promise that its function returns; the engine observes it, so it counts as handled. */
function start(run: Run, fn: Function, args: readonly unknown[]): void {
  run.executing = closureOf(fn);
  run.entry = run.executing?.code;
  let returned: unknown;
  let failed = false;
  try {
    returned = Reflect.apply(fn, undefined, args);
  } catch (thrown) {
    passCoded(run, thrown);
    returned = thrown;
    failed = true;
  }
  let result = returned as Promise<unknown>;
  if (failed || stateOf(returned) === undefined) {
    result = run.newPromise();
    stateOf(result)!.handled = true;
    if (failed) rejectPromise(result, returned);
    else resolvePromise(result, returned);
  }
  stateOf(result)!.handled = true;
  run.unhandled.delete(result);
  run.result = result;
}
