/** Parts of expressions that generated code evaluates apart, because a suspension stands between them. */

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

/** Defines an accessor of an object literal whose functions were lifted; the property holds its place already. */
export function accessor<T extends object>(object: T, name: PropertyKey, get: unknown, set: unknown): T {
  return Object.defineProperty(object, name, {
    get: get as () => unknown,
    set: set as (value: unknown) => void,
    enumerable: true,
    configurable: true,
  });
}
