/**
 * `using` and `await using` (ECMA-262 2026: AddDisposableResource, GetDisposeMethod, DisposeResources). The resources of one scope are data in the frame,
 * so that a scope may wait, and its disposal too. What is called in the end is the method that was read at the declaration.
 */
import type { Completion } from "../abi/index.ts";
import { isObject } from "../codec/objects.ts";
import { isPerdureError } from "../errors.ts";
import { Promise } from "./current-run.ts";
import { Member } from "./members.ts";

/** `wrapped`: an `await using` of something that has a sync method only, whose result is not awaited. */
export type Hint = "sync" | "async" | "wrapped";

export interface Resource {
  readonly hint: Hint;
  /** None for `null` and `undefined`, which an `await using` waits for all the same. */
  readonly method: Member | undefined;
}

/** How the disposal calls: as written where its scope stands. */
export interface DisposalCalls {
  now(method: Member): unknown;
  /** In promise position: a step, unless the method is durable. */
  promised(method: Member): unknown;
}

/** The resources of a scope that is being run or left. */
export class Disposables {
  readonly resources: Resource[] = [];
  needsAwait = false;
  hasAwaited = false;
  /** The disposal stands still until this has been awaited. */
  waits = false;
  awaited: unknown = undefined;
  private failure: { value: unknown } | undefined = undefined;

  wait(value: unknown): void {
    this.waits = true;
    this.awaited = value;
  }

  /** What to await: from here on the frame holds it, not the disposal. */
  take(): unknown {
    const value = this.awaited;
    this.waits = false;
    this.awaited = undefined;
    return value;
  }

  /** In text that keeps its form: the scope has thrown. A coded error ends the turn, and nothing of the scope remains. */
  fail(thrown: unknown): void {
    if (isPerdureError(thrown)) {
      this.resources.length = 0;
      throw thrown;
    }
    this.failure = { value: thrown };
  }

  /** In text that keeps its form: the scope is left. Throws what it or the disposal has thrown. */
  end(calls: DisposalCalls): void {
    const before: Completion = this.failure ? { type: "throw", value: this.failure.value } : { type: "normal", to: [] };
    const after = dispose(this, before, calls);
    if (after.type === "throw") throw after.value;
  }
}

export const disposables = (): Disposables => new Disposables();

/** `using x = value`. */
export function use<T>(stack: Disposables, value: T): T {
  if (value === null || value === undefined) return value;
  stack.resources.push({ hint: "sync", method: required("dispose", methodOf(value, "dispose")) });
  return value;
}

/** `await using x = value`. */
export function useAsync<T>(stack: Disposables, value: T): T {
  if (value === null || value === undefined) {
    stack.resources.push({ hint: "async", method: undefined });
    return value;
  }
  const method = methodOf(value, "asyncDispose");
  if (method !== undefined) stack.resources.push({ hint: "async", method });
  else stack.resources.push({ hint: "wrapped", method: required("dispose", methodOf(value, "dispose")) });
  return value;
}

/** GetMethod (7.3.11) of `Symbol.dispose` or `Symbol.asyncDispose`. */
function methodOf(value: unknown, name: "dispose" | "asyncDispose"): Member | undefined {
  if (!isObject(value)) throw new TypeError("An object is expected with `using` declarations");
  const key = (Symbol as unknown as Record<string, symbol | undefined>)[name];
  if (key === undefined) throw new TypeError(`this platform has no Symbol.${name}: define it before the run`);
  const fn = Reflect.get(value, key) as unknown;
  if (fn === undefined || fn === null) return undefined;
  if (typeof fn !== "function") throw new TypeError(`Symbol(Symbol.${name}) is not a function`);
  return new Member(value, key, fn);
}

function required(name: string, method: Member | undefined): Member {
  if (method === undefined) throw new TypeError(`Symbol(Symbol.${name}) is not a function`);
  return method;
}

/**
 * DisposeResources, up to where it ends or must wait: then `waits` is set, and it is called again when what it waits for has settled.
 * Answers the completion with which the scope is left so far.
 */
export function dispose(stack: Disposables, completion: Completion, calls: DisposalCalls): Completion {
  const { resources } = stack;
  let result = completion;
  for (let last = resources.at(-1); last !== undefined; last = resources.at(-1)) {
    const { hint, method } = last;
    if (hint === "sync" && stack.needsAwait && !stack.hasAwaited) {
      stack.needsAwait = false;
      stack.wait(undefined);
      return result;
    }
    resources.pop();
    if (method === undefined) {
      stack.needsAwait = true;
      continue;
    }
    try {
      if (hint === "sync") calls.now(method);
      else {
        const awaited = hint === "async" ? calls.promised(method) : settledBy(() => calls.now(method));
        stack.hasAwaited = true;
        stack.wait(awaited);
        return result;
      }
    } catch (thrown) {
      result = suppress(result, thrown);
    }
  }
  if (stack.needsAwait && !stack.hasAwaited) {
    stack.needsAwait = false;
    stack.wait(undefined);
  }
  return result;
}

/** The promise of a sync method that stands in for an async one. */
function settledBy(call: () => unknown): unknown {
  try {
    call();
    return undefined;
  } catch (thrown) {
    if (isPerdureError(thrown)) throw thrown;
    return Promise.reject(thrown);
  }
}

/** The completion of a scope one of whose resources threw: a scope that was failing already fails with both. */
export function suppress(completion: Completion, thrown: unknown): Completion {
  if (isPerdureError(thrown)) throw thrown;
  const value = completion.type === "throw" ? suppressedError(thrown, completion.value) : thrown;
  return { type: "throw", value };
}

/** A `SuppressedError`; where the platform has none (before Node 24), an `Error` of that name with the same properties. */
function suppressedError(error: unknown, suppressed: unknown): Error {
  const text = "An error was suppressed during disposal";
  const { SuppressedError } = globalThis as { SuppressedError?: new (e: unknown, s: unknown, m: string) => Error };
  if (typeof SuppressedError === "function") return new SuppressedError(error, suppressed, text);
  const own = (value: unknown) => ({ value, writable: true, enumerable: false, configurable: true });
  return Object.defineProperties(new Error(text), {
    name: own("SuppressedError"),
    error: own(error),
    suppressed: own(suppressed),
  });
}
