/**
 * What a step has returned, without what clients hang on it out of sight: Stripe puts the last response on every object, postgres.js makes rows an
 * array of a class of its own with its statement. Both hide it from enumeration, as no part of the data.
 */
import { isNamespace } from "./kinds/plain.ts";
import { ordinaryClassOf } from "./properties.ts";

/** Objects looked at: a result beyond that is no data. */
const MAX_OBJECTS = 10_000;

class TooSpecial extends Error {}

/**
 * A copy of plain objects and arrays in which own properties that are not enumerable and cannot be saved are left out, and arrays of an ordinary
 * class are arrays. What can be saved stands in it as it is. Undefined when that is not enough: an enumerable property cannot be saved either.
 */
export function withoutHidden(result: unknown, canSave: (value: unknown) => boolean): object | undefined {
  const done = new Map<object, object>();

  function copy(from: unknown): unknown {
    if (canSave(from)) return from;
    if (typeof from !== "object" || from === null) throw new TooSpecial();
    const known = done.get(from);
    if (known !== undefined) return known;
    const prototype = Reflect.getPrototypeOf(from);
    const isRows = Array.isArray(from) && prototype !== null && ordinaryClassOf(prototype) !== undefined;
    const isPlain = prototype === Object.prototype || prototype === null || prototype === Array.prototype;
    // What a namespace shows changes with the module.
    if (prototype === null && isNamespace(from)) throw new TooSpecial();
    if ((!isRows && !isPlain) || done.size >= MAX_OBJECTS) throw new TooSpecial();
    const made: object = Array.isArray(from) ? [] : Object.create(prototype);
    done.set(from, made);
    for (const key of Reflect.ownKeys(from)) {
      const descriptor = Reflect.getOwnPropertyDescriptor(from, key)!;
      if (key === "length" && Array.isArray(from)) continue;
      if (descriptor.enumerable) {
        if (!("value" in descriptor)) throw new TooSpecial();
        Reflect.defineProperty(made, key, { ...descriptor, value: copy(descriptor.value) });
      } else if ("value" in descriptor && canSave(descriptor.value)) Reflect.defineProperty(made, key, descriptor);
    }
    return made;
  }

  try {
    return copy(result) as object;
  } catch (thrown) {
    if (thrown instanceof TooSpecial) return undefined;
    throw thrown;
  }
}
