/** Objects that only point elsewhere: WeakRef and arguments objects. */
import type { Decoder, Json } from "../contract.ts";
import { exoticKind } from "./exotic.ts";

const { toString } = Object.prototype;
const { deref } = WeakRef.prototype;

/** `[target]`. The target is kept: no program can tell a collection that never came (ECMA-262 9.10). */
export const weakRefKind = exoticKind<WeakRef<object>>({
  tag: "R",
  prototype: WeakRef.prototype,
  brand: (value) => deref.call(value) !== null,
  fields: (ref) => [deref.call(ref)],
  data: (ref, encoder) => [encoder.value(deref.call(ref), ".deref()")],
  make(data, decoder: Decoder) {
    const [json] = Array.isArray(data) ? (data as readonly Json[]) : [];
    const target = json === undefined ? undefined : decoder.value(json);
    // A target that was collected: one that nothing else holds will be collected too.
    return new WeakRef((target as object | undefined) ?? {});
  },
});

function makeArguments(): object {
  // biome-ignore lint/complexity/noArguments: an arguments object is what is made here
  return arguments;
}

/** Arguments objects (strict, as all durable code): everything of them is own properties. */
export const argumentsKind = exoticKind<object>({
  tag: "g",
  prototype: Object.prototype,
  brand: (value) => !(Symbol.toStringTag in value) && toString.call(value) === "[object Arguments]",
  data: () => null,
  make: () => makeArguments(),
});
