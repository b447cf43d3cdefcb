/**
 * Classes that the platform gives under global names, whatever stands there now: servers, polyfills and test tools put others in the place of `Request`,
 * `Response` and their like while a program runs, and what the platform yields, as from `fetch`, is still of its own.
 */
const NAMES = ["Blob", "File", "FormData", "Headers", "Request", "Response", "URL", "URLSearchParams"] as const;

/** No getter is run: it could load for nothing what stands behind it. */
const capture = () =>
  new Map<string, PropertyDescriptor | undefined>(
    NAMES.map((name) => [name, Reflect.getOwnPropertyDescriptor(globalThis, name)]),
  );

/** As they stood when this was loaded. */
const first = /* @__PURE__ */ capture();
const known = new Map<string, Function>();

const globalNamed = (name: string): unknown => Reflect.get(globalThis, name);

/** What stood there at first. Node's getter puts what it has loaded in its own place, which may be another's by now. */
function atFirst(name: string): unknown {
  const then = first.get(name);
  if (then?.get === undefined) return then?.value;
  const now = Reflect.getOwnPropertyDescriptor(globalThis, name);
  if (then.get === now?.get) return globalNamed(name);
  // Made anew by the getter, it could not be deleted again.
  if (now === undefined) Reflect.defineProperty(globalThis, name, { value: undefined, configurable: true });
  const value: unknown = Reflect.apply(then.get, globalThis, []);
  if (now === undefined) Reflect.deleteProperty(globalThis, name);
  else Reflect.defineProperty(globalThis, name, now);
  return value;
}

/** The class that others extend to take its place: they inherit the name that it gives its instances. */
function baseOf(of: Function, name: string): Function {
  const parent: unknown = Reflect.getPrototypeOf(of);
  if (typeof parent !== "function") return of;
  const prototype = parent.prototype as unknown;
  const isSame = typeof prototype === "object" && prototype !== null && tagOf(prototype) === name;
  return isSame ? baseOf(parent, name) : of;
}

const tagOf = (prototype: object): unknown => Reflect.getOwnPropertyDescriptor(prototype, Symbol.toStringTag)?.value;

/** The platform's own class of that name; what stands there now, where it has none. */
export function platformClass(name: string): Function | undefined {
  let found = known.get(name);
  if (found === undefined) {
    const value = atFirst(name) ?? globalNamed(name);
    if (typeof value !== "function") return undefined;
    found = baseOf(value, name);
    if (first.get(name) !== undefined) known.set(name, found);
  }
  return found;
}

/** Is it the platform's class of that name, or what the program has put in its place? */
export const isNamed = (of: unknown, name: string): of is Function =>
  typeof of === "function" && (of === platformClass(name) || of === globalNamed(name));

/** Is it the prototype of either? */
export const isPrototypeNamed = (prototype: object, name: string): boolean =>
  prototype === platformClass(name)?.prototype || prototype === (globalNamed(name) as Function | undefined)?.prototype;

/** An instance of either. */
export function isInstanceNamed(value: unknown, name: string): boolean {
  const own = platformClass(name);
  const now = globalNamed(name);
  return (own !== undefined && value instanceof own) || (typeof now === "function" && value instanceof now);
}
