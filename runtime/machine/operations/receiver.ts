/**
 * Receivers that nobody reads: `this.pay(order)`, where the workflow's object was given `pay`, a function of ordinary code. As an operand it would be saved with each
 * step, with all that it leads to, and have to be one that can be.
 */
import { knownBindings, refreshBindings } from "../references.ts";
import { Made } from "./operand.ts";
import type { StepCall } from "./step-call.ts";

const { toString } = Function.prototype;

const readers = new WeakMap<Function, boolean>();

/** Could the function read `this`, as far as its text tells? */
function readsReceiver(fn: Function): boolean {
  let reads = readers.get(fn);
  if (reads === undefined) {
    reads = /\b(?:this|super|eval)\b|\[native code\]/.test(toString.call(fn));
    readers.set(fn, reads);
  }
  return reads;
}

/** The call without a receiver that is a value of the run, where its function has a name of its own and does not read it. */
export function withoutUnreadReceiver(call: StepCall): StepCall {
  if (call.type === "expression") return call;
  const { fn, self, args } = call.callee;
  if (typeof self !== "object" || self === null || self instanceof Made || readsReceiver(fn)) return call;
  const { names } = knownBindings().names.has(fn) ? knownBindings() : refreshBindings();
  if (names.has(self) || !names.has(fn)) return call;
  return { type: "call", callee: { fn, self: undefined, args } };
}
