/** Which function a call enters in the end: `call`, `apply` and `Reflect.apply` and bound functions are looked through (ECMA-262 20.2.3, 28.1.1, 10.4.1.1). */
import { bindingOf } from "./bound.ts";
import type { Callee } from "./step-call.ts";

const { call, apply } = Function.prototype;

/** CreateListFromArrayLike (ECMA-262 7.3.18); null when the platform's own function should raise the error. */
function argumentList(list: unknown): readonly unknown[] | null {
  if (list === undefined || list === null) return [];
  return typeof list === "object" || typeof list === "function" ? Array.from(list as ArrayLike<unknown>) : null;
}

/** `argumentOf` gives an operand's value in the turn: targets and argument lists are looked at, other operands are not. */
export function lookThrough(callee: Callee, argumentOf: (operand: unknown) => unknown): Callee {
  let { fn, self, args, key } = callee;
  for (;;) {
    const binding = bindingOf(fn);
    if (binding !== undefined) {
      ({ fn, self, key } = { key: undefined, ...binding });
      args = binding.args.concat(args);
      continue;
    }
    const called: unknown = fn === call || fn === apply ? argumentOf(self) : undefined;
    if (typeof called === "function") {
      const list = fn === call ? args.slice(1) : argumentList(argumentOf(args[1]));
      if (list === null) break;
      fn = called;
      self = argumentOf(args[0]);
      args = list;
    } else if (fn === Reflect.apply) {
      const target = argumentOf(args[0]);
      const list = argumentList(argumentOf(args[2]));
      if (typeof target !== "function" || list === null || args[2] === undefined) break;
      fn = target;
      self = argumentOf(args[1]);
      args = list;
    } else {
      break;
    }
    key = undefined;
  }
  return key === undefined ? { fn, self, args } : { fn, self, args, key };
}
