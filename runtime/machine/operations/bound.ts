/**
 * Bound functions of durable code. Those of the platform are opaque: target, receiver and arguments are hidden, so they can neither be saved nor looked
 * through. Durable code's own are the platform's still (name, length, `new`, `instanceof`), and known by code and captured values as closures are.
 */
import { withPlatformBuiltIns } from "../pristine.ts";
import type { Run } from "../run.ts";
import { runtimeFunction } from "../runtime-code.ts";
import { BOUND, closureOf, isDurable } from "../stamp.ts";

const { bind } = Function.prototype;

/** A target that has no name of its own: the method of a class of ordinary code, found again through the receiver that it is bound to. */
export class BoundMethod {
  readonly receiver: unknown;
  readonly key: string;
  readonly length: number;
  #fn: Function | undefined;

  /** Without `fn` it is one that was saved: it has it once {@link find} could. */
  constructor(receiver: unknown, key: string, length: number, fn?: Function) {
    this.receiver = receiver;
    this.key = key;
    this.length = length;
    this.#fn = fn;
  }

  get fn(): Function {
    return this.#fn!;
  }

  /** Looks for the method where it was; the receiver has its prototype and properties by then. Is there one? */
  find(): boolean {
    const fn = methodAt(this.receiver, this.key);
    if (typeof fn === "function") this.#fn = fn;
    return typeof fn === "function";
  }

  /** Is it still there, so that it is found again? */
  get isThere(): boolean {
    return methodAt(this.receiver, this.key) === this.#fn;
  }

  /** What stands for the method in a bound function: that is made before its receiver is whole. */
  get target(): Function {
    if (this.#fn !== undefined) return this.#fn;
    const method = this;
    const called = {
      [this.key](this: unknown, ...args: unknown[]): unknown {
        return Reflect.apply(method.fn, this, args);
      },
    }[this.key]!;
    return Object.defineProperty(called, "length", { value: this.length });
  }
}

const methodAt = (receiver: unknown, key: string): unknown => (receiver as Record<string, unknown>)[key];

const makeBound = runtimeFunction(
  BOUND.slice("perdure#".length),
  1,
  (target: unknown, self: unknown, ...args: unknown[]): Function =>
    Reflect.apply(bind, target instanceof BoundMethod ? target.target : target, [self].concat(args)),
);

/** What the function was made of; undefined for every other value. */
export interface Binding {
  readonly fn: Function;
  readonly self: unknown;
  readonly args: readonly unknown[];
  /** The property of `self` that the function is saved by. */
  readonly key?: string;
}

export function bindingOf(value: unknown): Binding | undefined {
  const closure = closureOf(value);
  if (closure?.code.id !== BOUND) return undefined;
  const { 0: target, 1: self } = closure.captured;
  const args = closure.captured.slice(2);
  return target instanceof BoundMethod
    ? { fn: target.fn, self, args, key: target.key }
    : { fn: target as Function, self, args };
}

/** Function.prototype.bind (ECMA-262 20.2.3.2) in a run. */
export function bound(run: Run, target: Function, given: readonly unknown[]): Function {
  const self = given[0];
  const captured = [isKnown(run, target) ? target : (methodOf(self, target) ?? target), self].concat(given.slice(1));
  return Reflect.apply(makeBound, undefined, captured) as Function;
}

/** Does it have a name of its own? */
const isKnown = (run: Run, fn: Function): boolean => isDurable(fn) || withPlatformBuiltIns(() => run.heap.canSave(fn));

/** The key of `self` that a function without a name of its own is saved by: `mailer.send.call(mailer)`. */
export const keyFor = (run: Run, fn: Function, self: unknown): string | undefined =>
  isKnown(run, fn) ? undefined : methodOf(self, fn)?.key;

function methodOf(self: unknown, fn: Function): BoundMethod | undefined {
  if ((typeof self !== "object" && typeof self !== "function") || self === null || typeof fn.name !== "string")
    return undefined;
  const method = new BoundMethod(self, fn.name, fn.length, fn);
  return method.isThere ? method : undefined;
}

/** Is this a call of the built-in `bind`, with a function to bind? */
export const isBind = (fn: unknown, self: unknown): self is Function => fn === bind && typeof self === "function";
