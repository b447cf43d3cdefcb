/** How a durable promise settles: ECMA-262 27.2.1.3 to 27.2.1.9 over saved data. */
import { isBuiltin } from "../../codec/intrinsics.ts";
import { isObject } from "../../codec/objects.ts";
import { isPerdureError } from "../../errors.ts";
import { NativePromise } from "../current-run.ts";
import { type Reaction, ThenReaction } from "../jobs.ts";
import { error } from "../messages.ts";
import { printPlace } from "../places.ts";
import type { Run } from "../run.ts";
import { closureOf } from "../stamp.ts";
import { type PromiseState, stateOf } from "./state.ts";

const nativeThen = NativePromise.prototype.then;
const ignore = () => {};

/** A promise of the platform: it has its slots, and not ours. */
export const isNativePromise = (value: unknown): value is Promise<unknown> =>
  value instanceof NativePromise && stateOf(value) === undefined;

/** Refuses a native promise; handlers are attached, so that its rejection cannot end the process. */
export function refuseNative(run: Run, promise: Promise<unknown>): never {
  try {
    nativeThen.call(promise, ignore, ignore);
  } catch {
    // Only its prototype is a promise's: nothing can be rejected.
  }
  const place = run.place();
  return run.fail(error("PD2101", { function: place.function, place: printPlace(place) }));
}

/** Errors about the contract end the turn; durable code sees all others. Also when one was swallowed on its way here. */
export function passCoded(run: Run, thrown: unknown): void {
  if (run.poison !== undefined) throw run.poison;
  if (isPerdureError(thrown)) run.fail(thrown);
}

/** What a promise's resolving function does once it has not been called before (27.2.1.3.2, from step 7). */
export function resolvePromise(promise: Promise<unknown>, resolution: unknown): void {
  const state = stateOf(promise)!;
  if (state.status !== "pending") return;
  if (state.members !== undefined) detach(promise, state);
  if (resolution === promise) {
    rejectPromise(promise, new TypeError("Chaining cycle detected for promise #<Promise>"));
  } else if (isObject(resolution)) {
    adopt(promise, state, resolution);
  } else {
    fulfill(state, resolution);
  }
}

/**
 * Is it a promise-like of ordinary code: one whose `then` comes from its class, or that has `catch` too? An object with nothing but a `then` of its own is
 * one that calls back, as in the examples of the standard: it does so in the turn.
 */
export const isLazyPromise = (thenable: object, then: unknown): then is Function =>
  typeof then === "function" &&
  stateOf(thenable) === undefined &&
  closureOf(then) === undefined &&
  !isBuiltin(then) &&
  (!Object.hasOwn(thenable, "then") ||
    typeof Reflect.getOwnPropertyDescriptor(thenable, "catch")?.value === "function");

function adopt(promise: Promise<unknown>, state: PromiseState, resolution: object): void {
  if (isNativePromise(resolution)) refuseNative(state.run, resolution);
  let then: unknown;
  try {
    then = (resolution as { then?: unknown }).then;
  } catch (thrown) {
    passCoded(state.run, thrown);
    rejectPromise(promise, thrown);
    return;
  }
  if (typeof then !== "function") {
    fulfill(state, resolution);
    return;
  }
  if (isLazyPromise(resolution, then)) {
    const settled = state.run.awaitOrdinary(resolution);
    state.origin = settled;
    state.run.enqueue({ type: "thenable", promise, thenable: settled, then: settled.then });
    return;
  }
  if (stateOf(resolution) !== undefined) state.origin = resolution as Promise<unknown>;
  state.run.enqueue({ type: "thenable", promise, thenable: resolution, then });
}

function fulfill(state: PromiseState, value: unknown): void {
  settle(state, "fulfilled", value);
  state.mirror?.resolve(value);
}

/** RejectPromise, 27.2.1.7. */
export function rejectPromise(promise: Promise<unknown>, reason: unknown): void {
  const state = stateOf(promise)!;
  if (state.status !== "pending") return;
  if (state.members !== undefined) detach(promise, state);
  const place = state.run.originOf(reason);
  if (!state.handled) {
    state.place = place;
    state.run.unhandled.add(promise);
  }
  settle(state, "rejected", reason);
  state.mirror?.reject(reason);
}

function settle(state: PromiseState, status: "fulfilled" | "rejected", value: unknown): void {
  const { reactions } = state;
  state.status = status;
  state.value = value;
  state.reactions = undefined;
  state.origin = undefined;
  if (reactions === undefined) return;
  // Here and below without the iterator of arrays: a program may have replaced it.
  for (let i = 0; i < reactions.length; i++)
    state.run.enqueue({ type: "reaction", reaction: reactions[i]!, status, value });
}

/** PerformPromiseThen, 27.2.5.4.1. */
export function subscribe(promise: Promise<unknown>, state: PromiseState, reaction: Reaction): void {
  if (state.status === "pending") {
    if (state.reactions === undefined) state.reactions = [reaction];
    else state.reactions.push(reaction);
  } else {
    if (!state.handled) state.run.unhandled.delete(promise);
    state.run.enqueue({ type: "reaction", reaction, status: state.status, value: state.value });
  }
  state.handled = true;
}

/**
 * A combinator's promise is settled: its reactions on the promises that lost do nothing any more. Taking them off cannot be observed, and lets go
 * of timers and tokens that nobody else waits for.
 */
function detach(group: Promise<unknown>, state: PromiseState): void {
  const { members } = state;
  state.members = undefined;
  for (let i = 0; i < members!.length; i++) {
    const member = members![i]!;
    const { reactions } = stateOf(member)!;
    if (reactions === undefined) continue;
    const kept = reactions.filter((reaction) => !(reaction instanceof ThenReaction && reaction.group === group));
    stateOf(member)!.reactions = kept.length === 0 ? undefined : kept;
  }
}

/** Notes that `reaction`, just made on `member`, only serves `group`. */
export function serve(group: Promise<unknown>, member: Promise<unknown>, onFulfilled: Function): void {
  const state = stateOf(group);
  const last = stateOf(member)?.reactions?.at(-1);
  if (state === undefined || state.status !== "pending") return;
  // A `then` of the user's may have made no reaction, or another one.
  if (!(last instanceof ThenReaction) || last.onFulfilled !== onFulfilled || last.group !== undefined) return;
  last.group = group;
  if (state.members === undefined) state.origin = state.members = [member];
  else state.members.push(member);
}
