/**
 * `Array.fromAsync` in a run (ECMA-262 2026, 23.1.2.1). The platform's own would give a promise that no save can hold. What an ordinary async iterable
 * yields is read by a step of the whole call, since its position is in ordinary code.
 */
import { currentRun } from "../current-run.ts";
import { ThenReaction } from "../jobs.ts";
import { DurablePromise, promiseResolve } from "../promise/durable-promise.ts";
import { passCoded, rejectPromise, resolvePromise, subscribe } from "../promise/settle.ts";
import { makePromiseFrom, stateOf } from "../promise/state.ts";
import type { Run } from "../run.ts";
import { runtimeFunction } from "../runtime-code.ts";
import { isOfDurableCode } from "./async-iteration.ts";
import { type AsyncLoop, closeAsync, iterateAsync, nextAsync, received } from "./async-loop.ts";

/** The platform's; undefined where it has none. */
const { fromAsync: platformFromAsync } = Array as { fromAsync?: Function };

export const isFromAsync = (fn: Function): boolean => fn === platformFromAsync;

/** What ordinary code iterates over. Looked at without running any of it, unless it is an accessor. */
export function isOrdinarySource(value: unknown): boolean {
  const method: unknown = (value as Partial<AsyncIterable<unknown>> | null | undefined)?.[Symbol.asyncIterator];
  return typeof method === "function" && !isOfDurableCode(method, value);
}

/** One call that is under way: plain data, and an iterator that can be saved. */
interface Filling {
  readonly promise: Promise<unknown>;
  readonly map: Function | undefined;
  readonly thisArg: unknown;
  /** Of an array-like: undefined, and `items` and `length` tell where it ends. */
  readonly loop: AsyncLoop | undefined;
  readonly items: ArrayLike<unknown>;
  readonly length: number;
  readonly target: object;
  index: number;
}

export function arrayFromAsync(run: Run, C: unknown, [items, map, thisArg]: readonly unknown[]): Promise<unknown> {
  const promise = makePromiseFrom(run, DurablePromise);
  guarded(run, promise, () => {
    if (map !== undefined && typeof map !== "function") throw new TypeError(`${String(map)} is not a function`);
    const isIterable = hasMethod(items, Symbol.asyncIterator) || hasMethod(items, Symbol.iterator);
    const loop = isIterable ? iterateAsync(items) : undefined;
    const list = Object(items) as ArrayLike<unknown>;
    const length = loop === undefined ? toLength(list.length) : 0;
    const target = make(C, loop === undefined ? [length] : []);
    ask(run, { promise, map: map as Function | undefined, thisArg, loop, items: list, length, target, index: 0 });
  });
  return promise;
}

const hasMethod = (value: unknown, key: symbol): boolean => {
  const method: unknown = (value as Record<symbol, unknown>)[key];
  return method !== undefined && method !== null;
};

const toLength = (length: unknown): number =>
  Math.min(Math.max(Math.trunc(Number(length)) || 0, 0), Number.MAX_SAFE_INTEGER);

function make(C: unknown, args: readonly unknown[]): object {
  if (C === Array || !isConstructor(C)) return Array.apply(undefined, args as []);
  return Reflect.construct(C, args) as object;
}

function isConstructor(value: unknown): value is Function {
  if (typeof value !== "function") return false;
  try {
    Reflect.construct(Object, [], value);
    return true;
  } catch {
    return false;
  }
}

/** What fails rejects the promise. */
function guarded(run: Run, promise: Promise<unknown>, body: () => void): void {
  try {
    body();
  } catch (thrown) {
    passCoded(run, thrown);
    rejectPromise(promise, thrown);
  }
}

/** Await (27.7.5.3), with functions that can be saved in the place of the rest. */
function wait(run: Run, filling: Filling, value: unknown, onFulfilled: Function, onRejected: Function): void {
  const awaited = promiseResolve(DurablePromise, value) as Promise<unknown>;
  const derived = makePromiseFrom(run, DurablePromise);
  stateOf(derived)!.origin = awaited;
  const state = stateOf(filling.promise);
  if (state !== undefined) state.origin = awaited;
  subscribe(awaited, stateOf(awaited)!, new ThenReaction(onFulfilled, onRejected, derived));
}

function ask(run: Run, filling: Filling): void {
  const { loop, items, index, length } = filling;
  if (loop !== undefined) wait(run, filling, nextAsync(loop), answered(filling), failed(filling));
  else if (index === length) finish(filling);
  else wait(run, filling, items[index], given(filling), failed(filling));
}

function finish({ promise, target, index }: Filling): void {
  if (!Reflect.set(target, "length", index)) throw new TypeError("Cannot assign to read only property 'length'");
  resolvePromise(promise, target);
}

function take(run: Run, filling: Filling, value: unknown): void {
  const { map, thisArg, index } = filling;
  closingOnFailure(run, filling, () => {
    if (map === undefined) put(filling, value);
    else wait(run, filling, Reflect.apply(map, thisArg, [value, index]), mapped(filling), failedWhileMapping(filling));
  });
}

function put(filling: Filling, value: unknown): void {
  const { target, index } = filling;
  const property = { value, writable: true, enumerable: true, configurable: true };
  if (!Reflect.defineProperty(target, index, property)) throw new TypeError(`Cannot add property ${index}`);
  filling.index++;
  const run = currentRun()!;
  guarded(run, filling.promise, () => ask(run, filling));
}

/** IfAbruptCloseAsyncIterator: the error is thrown on when the iterator has been closed, whatever came of that. */
function closingOnFailure(run: Run, filling: Filling, body: () => void): void {
  try {
    body();
  } catch (thrown) {
    passCoded(run, thrown);
    close(run, filling, thrown);
  }
}

function close(run: Run, filling: Filling, error: unknown): void {
  const { loop, promise } = filling;
  const end = closed(filling, error);
  try {
    if (loop !== undefined && closeAsync(loop)) return wait(run, filling, loop.value, end, end);
  } catch (thrown) {
    passCoded(run, thrown);
  }
  rejectPromise(promise, error);
}

const answered = runtimeFunction("Array.fromAsync/next", 1, (filling: Filling) => (answer: unknown) => {
  const run = currentRun()!;
  guarded(run, filling.promise, () => {
    const { loop } = filling as { loop: AsyncLoop };
    if (received(loop, answer)) take(run, filling, loop.value);
    else finish(filling);
  });
});
const given = runtimeFunction("Array.fromAsync/item", 1, (filling: Filling) => (value: unknown) => {
  take(currentRun()!, filling, value);
});
const mapped = runtimeFunction("Array.fromAsync/mapped", 1, (filling: Filling) => (value: unknown) => {
  const run = currentRun()!;
  closingOnFailure(run, filling, () => put(filling, value));
});
const failed = runtimeFunction("Array.fromAsync/failed", 1, (filling: Filling) => (reason: unknown) => {
  rejectPromise(filling.promise, reason);
});
const failedWhileMapping = runtimeFunction("Array.fromAsync/close", 1, (filling: Filling) => (reason: unknown) => {
  close(currentRun()!, filling, reason);
});
const closed = runtimeFunction("Array.fromAsync/closed", 1, (filling: Filling, error: unknown) => () => {
  rejectPromise(filling.promise, error);
});
