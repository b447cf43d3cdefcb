/**
 * The durable promise: ECMA-262 27.2.3 to 27.2.5 over the run's own job queue. Its objects are promises of the platform as well, so
 * `instanceof` and native `await` work; what ordinary code attaches outside turns is volatile.
 */
import { currentRun, NativePromise } from "../current-run.ts";
import { ThenReaction } from "../jobs.ts";
import type { Run } from "../run.ts";
import { runtimeFunction } from "../runtime-code.ts";
import { describe, newCapability, refuseForeign, resolvingFunctions, speciesOf } from "./capability.ts";
import { combinators } from "./combinators.ts";
import { passCoded, rejectPromise, resolvePromise, subscribe } from "./settle.ts";
import { INTERNAL, makePromiseFrom, PromiseState, Slots, stateOf } from "./state.ts";

const nativeThen = NativePromise.prototype.then;
const nativeWithResolvers = () => {
  let resolve!: (value: unknown) => void;
  let reject!: (reason: unknown) => void;
  const promise = new NativePromise((res, rej) => {
    resolve = res;
    reject = rej;
  });
  return { promise, resolve, reject };
};

/** The constructor, 27.2.3.1. Outside a turn there is no run to own the promise: it makes one of the platform. */
class DurablePromiseClass extends Slots {
  // biome-ignore lint/correctness/noUnreachableSuper: a promise of the platform is returned instead
  constructor(executor: unknown, owner?: Run) {
    if (executor === INTERNAL) {
      super(new PromiseState(owner!));
      return;
    }
    if (typeof executor !== "function") throw new TypeError(`Promise resolver ${describe(executor)} is not a function`);
    const run = currentRun();
    // biome-ignore lint/correctness/noConstructorReturn: there is nobody to own it
    if (run === undefined) return new NativePromise(executor as never) as never;
    super(new PromiseState(run));
    const { resolve, reject } = resolvingFunctions(this);
    try {
      executor(resolve, reject);
    } catch (thrown) {
      passCoded(run, thrown);
      reject(thrown);
    }
  }
}
// The name, length and statics of the platform's; those of the class stay out of sight.
Object.defineProperty(DurablePromiseClass, "name", { value: "Promise", configurable: true });
Object.defineProperty(DurablePromiseClass, "length", { value: 1, configurable: true });
Object.setPrototypeOf(DurablePromiseClass.prototype, NativePromise.prototype);

export const DurablePromise = DurablePromiseClass as unknown as PromiseConstructor;

/** PromiseResolve, 27.2.4.7.1. */
export function promiseResolve(C: unknown, value: unknown): unknown {
  if (stateOf(value) !== undefined && (value as object).constructor === C) return value;
  const run = currentRun();
  if (C === DurablePromise && run !== undefined) {
    const promise = makePromiseFrom(run, DurablePromise);
    resolvePromise(promise, value);
    return promise;
  }
  const capability = newCapability(C, DurablePromise);
  Reflect.apply(capability.resolve, undefined, [value]);
  return capability.promise;
}

/** Ordinary code outside any turn waits on a promise of the platform that follows this one. */
function mirrorOf(state: PromiseState): Promise<unknown> {
  if (state.mirror === undefined) {
    state.mirror = nativeWithResolvers();
    state.handled = true;
    if (state.status === "fulfilled") state.mirror.resolve(state.value);
    else if (state.status === "rejected") state.mirror.reject(state.value);
  }
  return state.mirror.promise;
}

const thenFinally = runtimeFunction(
  "Promise/thenFinally",
  1,
  (onFinally: () => unknown, C: unknown) => (value: unknown) => {
    const result = onFinally();
    return (promiseResolve(C, result) as Promise<unknown>).then(valueThunk(value));
  },
);
const catchFinally = runtimeFunction(
  "Promise/catchFinally",
  1,
  (onFinally: () => unknown, C: unknown) => (reason: unknown) => {
    const result = onFinally();
    return (promiseResolve(C, result) as Promise<unknown>).then(thrower(reason));
  },
);
const valueThunk = runtimeFunction("Promise/valueThunk", 1, (value: unknown) => () => value);
const thrower = runtimeFunction("Promise/thrower", 1, (reason: unknown) => () => {
  throw reason;
});

type Thenable = { then(onFulfilled: unknown, onRejected: unknown): unknown };

// Methods of an object literal are no constructors, and have the names and lengths that ECMA-262 gives.
const prototypeMethods = {
  then(this: Promise<unknown>, onFulfilled: unknown, onRejected: unknown): unknown {
    const state = stateOf(this);
    if (state === undefined)
      throw new TypeError(`Method Promise.prototype.then called on incompatible receiver ${describe(this)}`);
    const run = currentRun();
    if (run === undefined) return nativeThen.call(mirrorOf(state), onFulfilled as never, onRejected as never);
    if (run !== state.run) refuseForeign(run, state.run);
    const C = speciesOf(this, DurablePromise);
    const derived = C === DurablePromise ? makePromiseFrom(run, DurablePromise) : newCapability(C, DurablePromise);
    const derivedState = stateOf(derived);
    if (derivedState !== undefined && state.status === "pending") derivedState.origin = this;
    subscribe(this, state, new ThenReaction(onFulfilled, onRejected, derived));
    return derivedState !== undefined ? derived : (derived as { promise: unknown }).promise;
  },
  catch(this: Thenable, onRejected: unknown): unknown {
    return this.then(undefined, onRejected);
  },
  finally(this: Thenable, onFinally: unknown): unknown {
    if ((typeof this !== "object" || this === null) && typeof this !== "function")
      throw new TypeError("Promise.prototype.finally called on a non-object");
    const C = speciesOf(this, DurablePromise);
    if (typeof onFinally !== "function") return this.then(onFinally, onFinally);
    return this.then(thenFinally(onFinally as () => unknown, C), catchFinally(onFinally as () => unknown, C));
  },
};

const staticMethods = {
  resolve(this: unknown, value: unknown): unknown {
    if ((typeof this !== "object" || this === null) && typeof this !== "function")
      throw new TypeError("PromiseResolve called on non-object");
    return promiseResolve(this, value);
  },
  reject(this: unknown, reason: unknown): unknown {
    const run = currentRun();
    if (this === DurablePromise && run !== undefined) {
      const promise = makePromiseFrom(run, DurablePromise);
      rejectPromise(promise, reason);
      return promise;
    }
    const capability = newCapability(this, DurablePromise);
    Reflect.apply(capability.reject, undefined, [reason]);
    return capability.promise;
  },
  withResolvers(this: unknown): unknown {
    const { promise, resolve, reject } = newCapability(this, DurablePromise);
    return { promise, resolve, reject };
  },
  try(this: unknown, callback: (...args: unknown[]) => unknown, ...args: unknown[]): unknown {
    if ((typeof this !== "object" || this === null) && typeof this !== "function")
      throw new TypeError("Promise.try called on non-object");
    const capability = newCapability(this, DurablePromise);
    const run = currentRun();
    try {
      Reflect.apply(capability.resolve, undefined, [Reflect.apply(callback, undefined, args)]);
    } catch (thrown) {
      if (run !== undefined) passCoded(run, thrown);
      Reflect.apply(capability.reject, undefined, [thrown]);
    }
    return capability.promise;
  },
  ...combinators((C) => newCapability(C, DurablePromise)),
};

function defineAll(target: object, methods: object): void {
  for (const [key, value] of Object.entries(methods))
    Object.defineProperty(target, key, { value, writable: true, enumerable: false, configurable: true });
}

const { prototype } = DurablePromiseClass;
Object.defineProperty(prototype, Symbol.toStringTag, { value: "Promise", configurable: true });
defineAll(prototype, prototypeMethods);
defineAll(DurablePromise, staticMethods);
Object.defineProperty(DurablePromise, Symbol.species, {
  get: Object.getOwnPropertyDescriptor(NativePromise, Symbol.species)!.get!,
  configurable: true,
});
