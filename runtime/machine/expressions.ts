/** Parts of expressions that generated code evaluates apart, because a suspension stands between them. */
import { NativePromise } from "./current-run.ts";

/** ToPropertyKey (ECMA-262 7.1.19): a computed key is converted before the value after it is evaluated. */
export const key = (value: unknown): PropertyKey => {
  if (typeof value === "symbol") return value;
  if (typeof value !== "object" && typeof value !== "function") return String(value);
  // An object converts with the hint "string", and may give a symbol: the key of a literal does just that.
  return Reflect.ownKeys({ [value as unknown as string]: 0 })[0]!;
};

/** The rest of an object pattern (CopyDataProperties, 7.3.25): own enumerable properties but for those taken. */
export function rest(source: unknown, taken: readonly PropertyKey[]): Record<PropertyKey, unknown> {
  const out: Record<PropertyKey, unknown> = {};
  const from = Object(source) as Record<PropertyKey, unknown>;
  for (const name of Reflect.ownKeys(from)) {
    if (taken.includes(name)) continue;
    const own = Reflect.getOwnPropertyDescriptor(from, name);
    if (own?.enumerable)
      Object.defineProperty(out, name, {
        value: from[name as string],
        writable: true,
        enumerable: true,
        configurable: true,
      });
  }
  return out;
}

/** What is given as the executor of a promise that is made in a step: the constructor would refuse it here (ECMA-262 27.2.3.1). */
export function executor(value: unknown): void {
  if (typeof value !== "function") new NativePromise(value as never);
}

/** A hoisted async function is an ordinary declaration in generated code; constructing it throws as it does natively (ECMA-262 15.8). */
export const noConstructor = (name: string): never => {
  throw new TypeError(`${name} is not a constructor`);
};

/**
 * Gives a function or class the name of its computed key, which is known at run time only (SetFunctionName, ECMA-262 10.2.9).
 * A class with a static member `name` keeps that.
 */
export function named<T>(value: T, name: PropertyKey, part?: "get" | "set"): T {
  const own = typeof value === "function" ? Reflect.getOwnPropertyDescriptor(value, "name") : undefined;
  if (!own?.configurable || own.writable || !("value" in own)) return value;
  const text = typeof name !== "symbol" ? String(name) : name.description === undefined ? "" : `[${name.description}]`;
  return Object.defineProperty(value, "name", { ...own, value: part === undefined ? text : `${part} ${text}` });
}

/**
 * Gives an accessor of an object literal its lifted function: an empty one holds its place. A property that came after it
 * under the same key has taken that place, and stays.
 */
export function accessor<T extends object>(object: T, name: PropertyKey, get: unknown, set: unknown): T {
  const place = Reflect.getOwnPropertyDescriptor(object, name);
  if (place === undefined || "value" in place) return object;
  const [part, fn] = get === undefined ? (["set", set] as const) : (["get", get] as const);
  return Object.defineProperty(object, name, { [part]: named(fn, name, part) });
}
