/** What the runtime knows of a function, in a private field of the function itself: its code and the values it captured. */
import { Itself } from "./private-field.ts";
import type { Code } from "./registry.ts";

/** Code and captured values of one closure or class. */
export interface Closure {
  readonly code: Code;
  readonly captured: readonly unknown[];
  /** It was made outside of runs, by a function that a module called as a rule: there is one of it, which is the module's. */
  readonly isOfModule: boolean;
}

class Stamp extends Itself {
  #closure: Closure;

  private constructor(fn: object, closure: Closure) {
    super(fn);
    this.#closure = closure;
  }

  static put(fn: object, closure: Closure): void {
    // A module evaluated again may stamp what it imported; the function stays what it was.
    if (#closure in fn) (fn as Stamp).#closure = closure;
    else new Stamp(fn, closure);
  }

  static get(value: unknown): Closure | undefined {
    return (typeof value === "function" || (typeof value === "object" && value !== null)) && #closure in value
      ? (value as unknown as Stamp).#closure
      : undefined;
  }
}

/** Marks `fn` as the closure of `code` over `captured`. */
export const stamp = <T extends object>(fn: T, code: Code, captured: readonly unknown[], isOfModule = false): T => {
  Stamp.put(fn, { code, captured, isOfModule });
  return fn;
};

/** The closure that a value is, or undefined: it is no durable function or class. */
export const closureOf: (value: unknown) => Closure | undefined = Stamp.get;

/** Code id of bound functions. */
export const BOUND = "perdure#bound";

/** True for every function and class of a durable module, and for the runtime's own savable functions. A bound function is what its target is. */
export function isDurable(value: unknown): boolean {
  const closure = Stamp.get(value);
  return closure !== undefined && (closure.code.id !== BOUND || isDurable(closure.captured[0]));
}
