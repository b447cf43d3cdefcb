/** `queueMicrotask` and `process.nextTick` as durable code has them: jobs of the run. */
import { isPure } from "../../codec/intrinsics.ts";
import { currentRun } from "../current-run.ts";
import { makeCallback } from "../operations/callback-code.ts";
import { runtimeEntry } from "../operations/runtime-entry.ts";
import { here } from "../operations/site.ts";
import type { Run } from "../run.ts";
import { isDurable } from "../stamp.ts";
import { callback } from "./timers.ts";

/** The function that the job calls: an ordinary one is looked at as any ordinary call. */
function jobOf(run: Run, fn: Function, what: string): Function {
  if (isDurable(fn) || isPure(fn)) return fn;
  const { place, text } = here(run, what);
  return makeCallback(fn, false, place, text);
}

export const queueMicrotask = runtimeEntry("queueMicrotask", function queueMicrotask(fn: () => void): void {
  const run = currentRun();
  if (run === undefined) globalThis.queueMicrotask(fn);
  else run.enqueue({ type: "call", fn: jobOf(run, callback(fn), "queueMicrotask"), args: [] });
});

export const nextTick = runtimeEntry(
  "nextTick",
  function nextTick(fn: (...args: any[]) => void, ...args: unknown[]): void {
    const run = currentRun();
    if (run === undefined) globalThis.process.nextTick(fn, ...args);
    else run.enqueue({ type: "tick", fn: jobOf(run, callback(fn), "nextTick"), args });
  },
);
