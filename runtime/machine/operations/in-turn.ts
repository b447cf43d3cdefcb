/** Which functions the turn itself calls: durable ones, and built-in ones. */
import { isPure } from "../../codec/intrinsics.ts";
import { isFromAsync, isOrdinarySource } from "../generators/array-from-async.ts";
import { Member } from "../members.ts";
import type { Run } from "../run.ts";
import { isDurable } from "../stamp.ts";
import { bindingOf } from "./bound.ts";
import { isPromiseMethod } from "./callback.ts";
import { valueOf } from "./operand.ts";
import type { Callee } from "./step-call.ts";

/** Built in, without effects: never a step. */
export const isInside = (run: Run, fn: Function): boolean => isPure(fn) || isPromiseMethod(fn, run.Promise);

/** Is it the run itself that is called? */
export const isInTurn = (run: Run, { fn, args }: Callee): boolean =>
  isDurable(fn) || (isInside(run, fn) && !(isFromAsync(fn) && isOrdinarySource(valueOf(args[0]))));

/** An `async` function of the platform: whatever it does, its result is a promise. */
export const isAsync = (fn: Function): boolean =>
  (fn as { readonly [Symbol.toStringTag]?: unknown })[Symbol.toStringTag] === "AsyncFunction";

/** The function that bound ones call in the end. */
export function boundTo(fn: unknown): unknown {
  let target = fn;
  for (let of = bindingOf(target); of !== undefined; of = bindingOf(target)) target = of.fn;
  return target;
}

/** Does the turn call each of these? What cannot be read is told by the code that calls it. */
export function staysInRun(run: Run, callees: () => readonly unknown[]): boolean {
  let read: readonly unknown[];
  try {
    read = callees();
  } catch {
    return false;
  }
  return read.every((callee) => {
    const fn = boundTo(callee instanceof Member ? callee.fn : valueOf(callee));
    return typeof fn === "function" && (isDurable(fn) || isInside(run, fn));
  });
}
