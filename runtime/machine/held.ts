/** What objects hold in their own properties, with the paths of these. No getter is run but those that stand for exports. */
import { nameOfIntrinsic } from "../codec/intrinsics.ts";
import { propertyPath } from "../codec/paths.ts";

export const isNamable = (value: unknown): value is object | symbol =>
  (typeof value === "object" && value !== null) || typeof value === "function" || typeof value === "symbol";

/** Data properties that hold what can have a name: its own, and of a class those that it inherits (`Anthropic.BadRequestError`). */
export function heldBy(name: string, owner: object): [path: string, held: object | symbol][] {
  const found = heldByItself(name, owner);
  let base = typeof owner === "function" ? Reflect.getPrototypeOf(owner) : null;
  if (!isClass(base)) return found;
  const seen = new Set(Reflect.ownKeys(owner));
  for (; isClass(base); base = Reflect.getPrototypeOf(base)) {
    found.push(...heldByItself(name, base, seen));
    for (const key of Reflect.ownKeys(base)) seen.add(key);
  }
  return found;
}

/** What an object inherits: `mongoose.Error` stands in the prototype of what the package exports. */
export function inheritedBy(name: string, owner: object): [path: string, held: object | symbol][] {
  const found: [path: string, held: object | symbol][] = [];
  if (typeof owner !== "object") return found;
  for (let at = Reflect.getPrototypeOf(owner); at !== null && !isOfLanguage(at); at = Reflect.getPrototypeOf(at))
    found.push(...heldByItself(name, at));
  return found;
}

const isOfLanguage = (prototype: object): boolean => nameOfIntrinsic(prototype) !== undefined;

/** `Function.prototype`, where such a chain ends, has no prototype itself. */
const isClass = (value: object | null): value is Function =>
  typeof value === "function" && Object.hasOwn(value, "prototype");

function heldByItself(
  name: string,
  owner: object,
  hidden: ReadonlySet<string | symbol> = NONE,
): [path: string, held: object | symbol][] {
  return Reflect.ownKeys(owner).flatMap((key): [string, object | symbol][] => {
    const path = hidden.has(key) ? undefined : propertyPath(name, key);
    const held = path === undefined ? undefined : dataOf(owner, key);
    return path !== undefined && isNamable(held) ? [[path, held]] : [];
  });
}

const NONE: ReadonlySet<string | symbol> = new Set();

/**
 * What a data property holds, or an export that a getter stands for; undefined for other accessors and bindings in their dead zone. A proxy may show a property
 * without its value, as Prisma's do: then it is asked for it.
 */
export function dataOf(owner: object, key: string | symbol): unknown {
  try {
    const property = Reflect.getOwnPropertyDescriptor(owner, key);
    const isShown = property === undefined || property.value !== undefined;
    return isShown || (property.get && !isExport(property.get)) ? property?.value : Reflect.get(owner, key);
  } catch (thrown) {
    if (thrown instanceof ReferenceError) return undefined;
    throw thrown;
  }
}

/**
 * Bundlers and compilers make of `export * as failures from "./failures.js"`, and of what is exported from elsewhere, an object whose getters give a binding and do
 * nothing else: `() => Declined`, `function () { return failures_1.Declined; }`, `get Declined() { return Declined; }`, `function () { return m[k]; }`.
 */
const isExport = (getter: () => unknown): boolean => EXPORT.test(Function.prototype.toString.call(getter));

const BINDING = String.raw`\(?(?:\/\*[^*]*\*\/\s*)?(?!this\b)[\w$]+(?:\.[\w$]+|\[[\w$]+\])?\)?`;
const EXPORT = new RegExp(
  String.raw`^(?:\(\)\s*=>\s*${BINDING}|(?:function|get)?\s*[\w$]*\s*\(\)\s*\{\s*return ${BINDING};?\s*\})$`,
);
