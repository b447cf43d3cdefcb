/**
 * Async iteration (ECMA-262 7.4): the iterator that `for await` and `yield*` ask. Over a sync iterable it is what CreateAsyncFromSyncIterator (27.1.6)
 * makes, which no program can see: so it is no object of the language but calls the sync iterator itself.
 */
import { isPure } from "../../codec/intrinsics.ts";
import { isObject } from "../../codec/objects.ts";
import { currentRun, NativePromise } from "../current-run.ts";
import { ThenReaction } from "../jobs.ts";
import { error } from "../messages.ts";
import { lookThrough } from "../operations/callee.ts";
import { printPlace } from "../places.ts";
import { DurablePromise, promiseResolve } from "../promise/durable-promise.ts";
import { passCoded, rejectPromise, resolvePromise, subscribe } from "../promise/settle.ts";
import { makePromiseFrom, stateOf } from "../promise/state.ts";
import type { Run } from "../run.ts";
import { runtimeFunction } from "../runtime-code.ts";
import { isDurable } from "../stamp.ts";
import { checkedResult, type Delegate, methodOf, openSync, withoutThrow } from "./delegation.ts";

/** An async iterator record (7.4.1). `sync`: its iterator is a sync one. */
export interface AsyncDelegate extends Delegate {
  readonly sync: boolean;
}

/** GetIterator(value, async), 7.4.3. */
export function openAsync(value: unknown): AsyncDelegate {
  const method = (value as AsyncIterable<unknown>)[Symbol.asyncIterator] as unknown;
  if (method === undefined || method === null) return { ...openSync(value), sync: true };
  if (typeof method !== "function") throw new TypeError("The value is not async iterable");
  const run = currentRun();
  if (run !== undefined && !isOfDurableCode(method, value)) refuseOrdinary(run);
  const iterator = Reflect.apply(method, value, []) as unknown;
  if (!isObject(iterator)) throw new TypeError("Result of the Symbol.asyncIterator method is not an object");
  return { iterator, next: (iterator as AsyncIterator<unknown>).next, sync: false };
}

/** The method is durable, or the language's own `return this` of an iterator whose methods are durable. */
export function isOfDurableCode(method: Function, value: unknown): boolean {
  const { fn, self } = lookThrough({ fn: method, self: value, args: [] }, (operand) => operand);
  if (isDurable(fn)) return true;
  const next = isObject(self) ? (self as { next?: unknown }).next : undefined;
  return isPure(fn) && typeof next === "function" && isDurable(next);
}

function refuseOrdinary(run: Run): never {
  const place = run.place();
  return run.fail(error("PD2108", { function: place.function, place: printPlace(place) }));
}

/** Calls `next`: what it gives is to be awaited. */
export function nextOf({ iterator, next, sync }: AsyncDelegate, ...args: readonly unknown[]): unknown {
  return sync
    ? fromSync(iterator, true, () => Reflect.apply(next as Function, iterator, args))
    : Reflect.apply(next as Function, iterator, args);
}

/** What an abrupt resumption calls; undefined: the iterator has no such method, and there is nothing to await. */
export function abruptOf(
  { iterator, sync }: AsyncDelegate,
  name: "throw" | "return",
  args: readonly unknown[],
): { readonly awaited: unknown } | undefined {
  if (!sync) {
    const method = methodOf(iterator, name);
    return method && { awaited: Reflect.apply(method, iterator, args) };
  }
  // The methods of 27.1.6.2.2 and 27.1.6.2.3 are always there, and answer with promises.
  let method: Function | undefined;
  try {
    method = methodOf(iterator, name);
  } catch (thrown) {
    return { awaited: settled("rejected", thrown) };
  }
  if (method !== undefined) {
    const found = method;
    return { awaited: fromSync(iterator, name === "throw", () => Reflect.apply(found, iterator, args)) };
  }
  if (name === "return") return { awaited: settled("fulfilled", { value: args[0], done: true }) };
  try {
    const close = methodOf(iterator, "return");
    if (close !== undefined) checkedResult(Reflect.apply(close, iterator, []));
  } catch (thrown) {
    return { awaited: settled("rejected", thrown) };
  }
  return { awaited: settled("rejected", withoutThrow()) };
}

/** AsyncFromSyncIteratorContinuation, 27.1.6.4: a promise of a result whose value has been awaited. */
function fromSync(iterator: object, closes: boolean, call: () => unknown): unknown {
  const run = currentRun();
  try {
    const result = checkedResult(call());
    const { done: isDone, value } = result;
    const done = Boolean(isDone);
    return run === undefined
      ? continueNatively(iterator, closes && !done, done, value)
      : continueInRun(run, iterator, closes && !done, done, value);
  } catch (thrown) {
    if (run !== undefined) passCoded(run, thrown);
    return settled("rejected", thrown);
  }
}

const unwrap = runtimeFunction("AsyncFromSync/unwrap", 1, (done: boolean) => (value: unknown) => ({ value, done }));

/** A rejected value closes the sync iterator, and is thrown on (27.1.6.4 step 12). */
const closeAndThrow = runtimeFunction("AsyncFromSync/close", 1, (iterator: object) => (reason: unknown) => {
  closeQuietly(iterator);
  throw reason;
});

function closeQuietly(iterator: object): void {
  const run = currentRun();
  try {
    const method = methodOf(iterator, "return");
    if (method !== undefined) Reflect.apply(method, iterator, []);
  } catch (thrown) {
    // IteratorClose, 7.4.11 step 5: the completion that is under way is a throw.
    if (run !== undefined) passCoded(run, thrown);
  }
}

function continueInRun(run: Run, iterator: object, closes: boolean, done: boolean, value: unknown): unknown {
  let wrapped: Promise<unknown>;
  try {
    wrapped = promiseResolve(DurablePromise, value) as Promise<unknown>;
  } catch (thrown) {
    passCoded(run, thrown);
    if (closes) closeQuietly(iterator);
    throw thrown;
  }
  const derived = makePromiseFrom(run, DurablePromise);
  const state = stateOf(wrapped)!;
  stateOf(derived)!.origin = wrapped;
  subscribe(wrapped, state, new ThenReaction(unwrap(done), closes ? closeAndThrow(iterator) : undefined, derived));
  return derived;
}

/** One `await`, which subscribes without asking for a species: what `then` would ask for, a program can count. */
async function continueNatively(iterator: object, closes: boolean, done: boolean, value: unknown): Promise<unknown> {
  try {
    return { value: await value, done };
  } catch (thrown) {
    if (closes) closeQuietly(iterator);
    throw thrown;
  }
}

function settled(status: "fulfilled" | "rejected", value: unknown): unknown {
  const run = currentRun();
  if (run === undefined) {
    if (status === "rejected") return NativePromise.reject(value);
    return new NativePromise((resolve) => resolve(value));
  }
  const promise = makePromiseFrom(run, DurablePromise);
  if (status === "rejected") rejectPromise(promise, value);
  else resolvePromise(promise, value);
  return promise;
}
