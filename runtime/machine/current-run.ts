/**
 * The current run: the one whose job is on the stack. Set by the vat while it runs a job and by nobody else; with the
 * registry, the only module-level state of the runtime that changes. Turns are synchronous, so a variable is enough.
 */
import type { Run } from "./run.ts";

/** The platform's own, captured before anybody can change it. */
export const NativePromise: PromiseConstructor = globalThis.Promise;

let current: Run | undefined;

/** What `Promise` means in durable code now: the durable one in a run, else the platform's. A live binding. */
export let Promise: PromiseConstructor = NativePromise;

/** The run whose job is on the stack; undefined in ordinary code, in steps, and in durable code used outside a run. */
export const currentRun = (): Run | undefined => current;

/** Makes `run` current (undefined: none, as inside a step) and gives the one before, for {@link leaveRun}. */
export function enterRun(run: Run | undefined): Run | undefined {
  const previous = current;
  current = run;
  Promise = run === undefined ? NativePromise : run.Promise;
  return previous;
}

export function leaveRun(previous: Run | undefined): void {
  current = previous;
  Promise = previous === undefined ? NativePromise : previous.Promise;
}
