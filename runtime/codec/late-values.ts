/**
 * Values that ordinary code makes when they are first asked for (the `error` of zod's `safeParse`): an accessor of a plain object, over a variable of the function that made
 * both. Nothing can save that function, but all it does is to give one object. So the property becomes that object, in place: whoever holds the plain object goes on holding it.
 */
import { tokensOf } from "./classes/tokens.ts";
import type { Entry } from "./entry.ts";
import type { Names } from "./names.ts";

const { toString } = Function.prototype;

/** A getter that looks at its receiver computes its value: it is no value made late, but a view. */
function looksAtReceiver(getter: () => unknown): boolean {
  const tokens = tokensOf(toString.call(getter));
  return tokens === undefined || tokens.some(({ text }) => text === "this" || text === "super" || text === "native");
}

/** The object that the getter gives every time; undefined when it gives another one, a primitive, or throws. */
function givenBy(owner: object, getter: () => unknown): object | undefined {
  try {
    const value: unknown = Reflect.apply(getter, owner, []);
    const isObject = typeof value === "object" && value !== null;
    return isObject && Reflect.apply(getter, owner, []) === value ? value : undefined;
  } catch {
    // It stays refused as what it is: an accessor of ordinary code.
    return undefined;
  }
}

/** Puts values that were made late in the place of their accessors. True: there were some. */
export function settleLateValues({ value: owner }: Entry, names: Names, isDurable: (fn: object) => boolean): boolean {
  if (typeof owner !== "object" || Reflect.getPrototypeOf(owner) !== Object.prototype) return false;
  let settled = false;
  for (const key of Reflect.ownKeys(owner)) {
    const { get: getter, set: setter, enumerable, configurable } = Reflect.getOwnPropertyDescriptor(owner, key)!;
    if (!getter || !enumerable || !configurable || isDurable(getter) || names.nameOf(getter) !== undefined) continue;
    const value = looksAtReceiver(getter) ? undefined : givenBy(owner, getter);
    if (value === undefined) continue;
    Reflect.defineProperty(owner, key, { value, enumerable, configurable, writable: setter !== undefined });
    settled = true;
  }
  return settled;
}
