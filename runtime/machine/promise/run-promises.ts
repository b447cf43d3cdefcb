/** The durable promise as its run uses it. */
import { traceRejected } from "../callers.ts";
import type { RunPromises } from "../run.ts";
import { DurablePromise } from "./durable-promise.ts";
import { rejectPromise, resolvePromise } from "./settle.ts";
import { makePromiseFrom, stateOf } from "./state.ts";

export const durablePromises: RunPromises = {
  Promise: DurablePromise as PromiseConstructor,
  make: (run) => makePromiseFrom(run, DurablePromise),
  resolve: resolvePromise,
  reject: rejectPromise,
  trace: traceRejected,
  setOperation(promise, number) {
    stateOf(promise)!.operation = number;
  },
  isObserved: (promise) => stateOf(promise)!.reactions !== undefined,
};
