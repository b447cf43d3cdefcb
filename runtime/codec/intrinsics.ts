/**
 * Names of what every realm has: the ECMAScript built-ins and the globals of the platform, by identity and both ways
 * (`Array.prototype.map`, `get Map.prototype.size`, `Symbol.iterator`, `%IteratorPrototype%`, `console.log`).
 *
 * The table is made from the realm on first use and keeps what it found: later changes of the globals do not rename
 * anything, and a name that once resolved keeps its value.
 */
import { isObject } from "./objects.ts";
import { isIdentifier, propertyPath } from "./paths.ts";
import { withPlatformBuiltIns } from "./pristine.ts";
import {
  accessorGlobals,
  accessorValues,
  ecmaScriptGlobals,
  hiddenIntrinsics,
  lateGlobals,
  pureFunctions,
} from "./realm.ts";

type Func = (...args: never[]) => unknown;

interface Table {
  readonly names: Map<object | symbol, string>;
  readonly values: Map<string, object | symbol>;
  /** Functions of ECMA-262 and ECMA-402. */
  readonly builtins: Set<object>;
  /** Functions of the platform that only compute. */
  readonly pure: Set<object>;
}

/** Registers a value; false when it had a name before (the new name is an alias: it resolves, but is never written). */
function register(table: Table, name: string, value: object | symbol): boolean {
  if (!table.values.has(name)) table.values.set(name, value);
  if (table.names.has(value)) return false;
  table.names.set(value, name);
  return true;
}

/** Registers what the own properties of `owner` hold, accessor functions included, without running any of them. */
function registerProperties(
  table: Table,
  path: string,
  owner: object,
  found: (name: string, value: object) => void,
): void {
  for (const key of Reflect.ownKeys(owner)) {
    const name = propertyPath(path, key);
    const descriptor = name && Reflect.getOwnPropertyDescriptor(owner, key);
    if (!descriptor) continue;
    const { value, get, set } = descriptor;
    if (typeof value === "symbol") register(table, name, value);
    else if (isObject(value) && register(table, name, value)) found(name, value);
    if (get && register(table, `get ${name}`, get)) found(`get ${name}`, get);
    if (set && register(table, `set ${name}`, set)) found(`set ${name}`, set);
  }
}

/** Everything reachable by properties, breadth first, so that the shortest path is the name. */
function registerDeep(table: Table, roots: Iterable<readonly [name: string, value: object]>): void {
  const queue: (readonly [string, object])[] = [];
  const found = (name: string, value: object) => {
    queue.push([name, value]);
    if (typeof value === "function") table.builtins.add(value);
  };
  for (const [name, value] of roots) if (register(table, name, value)) found(name, value);
  for (const [name, value] of queue) registerProperties(table, name, value, found);
}

/** A global of the platform: itself, its own properties, and, for a class or an instance of one, those of the prototype. */
function registerGlobal(table: Table, name: string, value: object): void {
  if (!register(table, name, value)) return;
  const ignore = () => {};
  registerProperties(table, name, value, ignore);
  const prototype: unknown =
    typeof value === "function"
      ? Reflect.getOwnPropertyDescriptor(value, "prototype")?.value
      : Reflect.getPrototypeOf(value);
  if (!isObject(prototype) || table.builtins.has(prototype) || prototype === Object.prototype) return;
  registerProperties(table, typeof value === "function" ? `${name}.prototype` : name, prototype, ignore);
}

/** Finds globals that came since the last time. Runs no accessor but those that the lists of this realm allow. */
function registerGlobals(table: Table, late: boolean): void {
  for (const name of Object.getOwnPropertyNames(globalThis)) {
    if (!isIdentifier(name)) continue;
    const descriptor = Reflect.getOwnPropertyDescriptor(globalThis, name);
    const readable = descriptor?.get && (accessorGlobals.has(name) || (late && lateGlobals.has(name)));
    const value: unknown = readable ? Reflect.get(globalThis, name) : descriptor?.value;
    if (isObject(value) && !table.names.has(value)) registerGlobal(table, name, value);
  }
  for (const [owner, key] of late ? accessorValues : []) {
    const holder = table.values.get(owner);
    const value: unknown = isObject(holder) ? Reflect.get(holder, key) : undefined;
    if (isObject(value)) register(table, `${owner}.${key}`, value);
  }
  for (const name of pureFunctions.names) {
    const value = table.values.get(name);
    if (typeof value === "function") table.pure.add(value);
  }
  for (const owner of pureFunctions.classes) {
    for (const path of [owner, `${owner}.prototype`]) {
      const value = table.values.get(path);
      if (!isObject(value)) continue;
      if (typeof value === "function") table.pure.add(value);
      for (const key of Reflect.ownKeys(value)) {
        const { value: method, get, set } = Reflect.getOwnPropertyDescriptor(value, key) ?? {};
        for (const f of [method, get, set]) if (typeof f === "function") table.pure.add(f);
      }
    }
  }
}

function makeTable(): Table {
  const table: Table = { names: new Map(), values: new Map(), builtins: new Set(), pure: new Set() };
  const roots: [string, object][] = [];
  for (const name of ecmaScriptGlobals) {
    const value: unknown = Reflect.getOwnPropertyDescriptor(globalThis, name)?.value;
    if (isObject(value)) roots.push([name, value]);
  }
  // The global object first: a property that points back to it (`window`, `self`, `global`) must not name it.
  register(table, "globalThis", globalThis);
  registerDeep(table, [...roots, ...hiddenIntrinsics()]);
  registerGlobals(table, false);
  return table;
}

const memoize = <T>(make: () => T): (() => T) => {
  let made: { readonly value: T } | undefined;
  return () => (made ??= { value: withPlatformBuiltIns(make) }).value;
};
const table = memoize(makeTable);

/** Name of a built-in, a global or one of their properties. */
export const nameOfIntrinsic = (value: object | symbol): string | undefined => table().names.get(value);

/** Names of the surroundings (`src/orders.ts:charge`, `provide:mailer`) have a colon before any quoted key; built-ins and globals have not. */
const OUTER = /^[^["]*:/;

/** What has that name in this realm; undefined when nothing has. */
export function resolveIntrinsic(name: string): object | symbol | undefined {
  const known = table().values.get(name);
  // Looking for late globals walks the whole global object: not for a name that cannot be one.
  if (known !== undefined || OUTER.test(name)) return known;
  refreshGlobals();
  return table().values.get(name);
}

/** Looks for globals defined since the table was made. Done before a value is refused or a name called unknown. */
export const refreshGlobals = (): void => withPlatformBuiltIns(() => registerGlobals(table(), true));

/** Is it a function of the language itself (ECMA-262, ECMA-402)? */
export const isBuiltin = (fn: unknown): fn is Func => typeof fn === "function" && table().builtins.has(fn);

/** May durable code call it inside a turn: a built-in of the language, or a function of the platform that only computes? */
export function isPure(fn: unknown): fn is Func {
  if (typeof fn !== "function") return false;
  const { builtins, names, pure } = table();
  if (builtins.has(fn) || pure.has(fn)) return true;
  if (names.has(fn) || !pureFunctions.late.has(fn.name)) return false;
  refreshGlobals();
  return pure.has(fn);
}
