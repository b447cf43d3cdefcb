/**
 * Names of module bindings and of their own properties, one level deep: `src/orders.ts:charge`, `src/aws.ts:clients.s3`. Bindings are live, so what is
 * known of them is compared with their values again and again; getters of properties are never run. Plain data that comes later may be a run's, and has none.
 *
 * Functions and classes that the project's own modules export have names too, where a durable module imports anything of theirs: `src/services.ts::CardDeclined`.
 * So have those of modules that `import()` has loaded, and their namespaces.
 */
import { propertyPath } from "../codec/paths.ts";
import { ownPrototypeOf } from "../codec/properties.ts";
import { dataOf, heldBy, inheritedBy, isNamable } from "./held.ts";
import { isMadeByModule, isOutdated, type Made, madeBelow, NOTHING_MADE } from "./made.ts";
import type { ModulePrivates } from "./privates.ts";
import { closureOf } from "./stamp.ts";

type Getter = () => unknown;

interface Binding {
  readonly name: string;
  readonly get: Getter;
  value: unknown;
  /** It held another value when it was first looked at. */
  isLate: boolean | undefined;
  /** What durable functions made for it. */
  made: Made;
}

const modules = new Map<string, readonly Binding[]>();
/** What modules bound before they were evaluated again (a watcher runs the build): what goes on with a former self of a module holds that. */
const former: Binding[] = [];

/** Adds a module's bindings; a module that is evaluated again replaces its own. */
export function addReferences(module: string, getters: Readonly<Record<string, Getter>>): void {
  former.push(...(modules.get(module) ?? []));
  modules.set(
    module,
    Object.keys(getters).map((name) => ({
      name: `${module}:${name}`,
      get: getters[name]!,
      value: undefined,
      isLate: undefined,
      made: NOTHING_MADE,
    })),
  );
  changed = true;
}

/** Namespaces of modules, by the path of the module. */
const namespaces = new Map<string, Getter>();

/** Adds modules that durable ones import from. Which of them led to a module makes no difference. */
export function addExports(getters: Readonly<Record<string, Getter>>): void {
  for (const [module, get] of Object.entries(getters)) namespaces.set(module, get);
  changed = true;
}

/** Namespaces that have names themselves. */
const imported = new Map<string, object>();

/** Adds a module that was loaded under this name; the first name that it gets is the one that is written. */
export function addImported(name: string, namespace: object): void {
  if (imported.has(name)) return;
  imported.set(name, namespace);
  namespaces.set(name, () => namespace);
  changed = true;
  refreshBindings();
}

export const isImported = (name: string): boolean => imported.has(name);

interface Declared {
  readonly name: string;
  readonly owner: Function;
  /** Its private static fields. */
  readonly privately: ModulePrivates["named"] | undefined;
}

/** Functions and classes that modules declare, of which nobody has looked yet at what they hold. */
let declared: Declared[] = [];
/** What they held when a run could first see them: their declaration's, and not what a run has put there. */
const declaredValues = new Map<string, object | symbol>();

/** Adds a function or class of a module, whose properties (static fields) are saved by name: an instance there is often the only one of its kind. */
export function addDeclared(name: string, owner: Function, privately?: ModulePrivates["named"]): void {
  declared.push({ name, owner, privately });
  changed = true;
}

function lookAtDeclared(): void {
  if (declared.length === 0) return;
  declared = declared.filter((one) => !lookAt(one));
}

/** False: the class is not complete yet. */
function lookAt({ name, owner, privately }: Declared): boolean {
  let held = heldBy(name, owner);
  try {
    for (const [key, value] of privately?.() ?? []) if (isNamable(value)) held.push([`${name}.${key}`, value]);
  } catch {
    return false;
  }
  held = held.filter(([, value]) => closureOf(value) === undefined && value !== ownPrototypeOf(owner));
  for (const [path, value] of held) declaredValues.set(path, value);
  // As deep as below a binding of the module.
  for (const [path, value] of held)
    if (typeof value !== "symbol")
      for (const [below, part] of heldBy(path, value))
        if (closureOf(part) === undefined) declaredValues.set(below, part);
  for (const [path, value] of madeBelow(name, owner).named) declaredValues.set(path, value);
  return true;
}

/** What a module exports, by name: of a namespace object, or of what stands for it in a bundle, where exports are getters. */
function exportsOf(namespace: unknown): readonly (readonly [name: string, value: unknown])[] {
  if (typeof namespace !== "object" || namespace === null) return [];
  return Object.keys(namespace).map((key) => [key, read(() => Reflect.get(namespace, key))]);
}

/** Classes stand deeper too (`Stripe.errors.StripeCardError`): as deep as this below a binding. */
const CLASS_DEPTH = 3;
/** Objects looked at for them. */
const MAX_LOOKED_AT = 20_000;

const isClass = (value: unknown): value is Function =>
  typeof value === "function" && /^class\b/.test(Function.prototype.toString.call(value));

/** What an object of a module held when it was first looked at. */
const heldAtFirst = new WeakMap<object, WeakSet<object>>();

function firstHeldBy(value: object, now: readonly (readonly [string, object | symbol])[]): WeakSet<object> {
  let held = heldAtFirst.get(value);
  if (held === undefined) {
    held = new WeakSet(now.map(([, one]) => one).filter((one) => typeof one === "object"));
    heldAtFirst.set(value, held);
  }
  return held;
}

const PLAIN: ReadonlySet<object | null> = new Set([
  ...[Object, Array, Map, Set, Date].map(({ prototype }) => prototype),
  null,
]);

/** Data that comes to stand in a module later is a run's, or may be: it is saved by value. Another process would find another there, or none. */
const isData = (value: unknown): boolean =>
  typeof value === "object" && value !== null && PLAIN.has(Reflect.getPrototypeOf(value));

/** Names of values, both ways. The first name that a value gets is the one that is written; the others resolve too. */
export class NamedValues {
  readonly names = new Map<object | symbol, string>();
  readonly values = new Map<string, unknown>();
  /** Values that have no name themselves, but below which classes are looked for. */
  readonly #holders = new Map<string, unknown>();
  #classes: NamedValues | undefined;

  /** A value and its own properties. `isLate`: it has not always stood there. */
  add(name: string, value: unknown, isLate = false): void {
    this.#putUnlessData(name, value, isLate);
    if (!isNamable(value) || typeof value === "symbol") return;
    const now = heldBy(name, value);
    const before = firstHeldBy(value, now);
    for (const [path, held] of now) this.#putUnlessData(path, held, typeof held === "object" && !before.has(held));
  }

  #putUnlessData(name: string, value: unknown, isLate: boolean): void {
    if (!isLate || !isData(value)) this.put(name, value);
    else if (!this.values.has(name)) this.values.set(name, value);
  }

  /** What `import * as name` stands for: its exports are bindings, each with own properties. */
  addNamespace(name: string, namespace: object): void {
    this.put(name, namespace);
    for (const [key, value] of exportsOf(namespace)) {
      const path = propertyPath(name, key);
      if (path !== undefined) this.add(path, value);
    }
  }

  /** Classes below these values, where the others have no names. Looked for when first asked for. */
  get classes(): NamedValues {
    this.#classes ??= classesBelow([...this.values, ...this.#holders]);
    return this.#classes;
  }

  /** What a module exports: functions and classes by name, a class's own instances (`Plan.FREE`) too, and the classes below all else that is no name's. */
  addExports(module: string, namespace: unknown): void {
    for (const [key, value] of exportsOf(namespace)) {
      const name = `${module}::${key}`;
      if (typeof value === "function") {
        this.put(name, value);
        for (const [path, held] of heldBy(name, value)) if (isInstance(held, value)) this.put(path, held);
      } else if (isNamable(value)) this.#holders.set(name, value);
    }
  }

  put(name: string, value: unknown): void {
    if (value === undefined) return;
    if (!this.values.has(name)) this.values.set(name, value);
    // Durable functions and classes are named by their code.
    if (isNamable(value) && !this.names.has(value) && (closureOf(value) === undefined || isMadeByModule(value)))
      this.names.set(value, name);
  }
}

/** Breadth first, so that the shortest path is the name. */
function classesBelow(values: readonly [string, unknown][]): NamedValues {
  const found = new NamedValues();
  const seen = new Set<unknown>();
  let level = values;
  for (let depth = 0; depth < CLASS_DEPTH; depth++) {
    const next: [string, unknown][] = [];
    for (const [name, value] of level) {
      if (!isNamable(value) || typeof value === "symbol" || seen.has(value) || seen.size > MAX_LOOKED_AT) continue;
      seen.add(value);
      if (isClass(value)) found.put(name, value);
      next.push(...heldBy(name, value), ...inheritedBy(name, value));
    }
    level = next;
  }
  return found;
}

/** No `instanceof`, which asks the class. */
const isInstance = (value: object | symbol, owner: Function): boolean => {
  const prototype = dataOf(owner, "prototype");
  const isObject = typeof prototype === "object" && prototype !== null;
  return isObject && typeof value === "object" && Object.prototype.isPrototypeOf.call(prototype, value);
};

/** Values of modules that generated code named itself. */
export const constants = new NamedValues();

let known = new NamedValues();
let changed = false;
/** Inside of {@link lookingOnce}: has it been looked at everything? */
let once: { looked: boolean } | undefined;

/**
 * What `body` asks for again and again while no other code runs is looked for once: an error can hold hundreds of functions that nothing leads to, and to find
 * that out means to look at everything that the modules bind.
 */
export function lookingOnce<T>(body: () => T): T {
  if (once !== undefined) return body();
  once = { looked: false };
  try {
    return body();
  } finally {
    once = undefined;
  }
}

function read(get: Getter, dead?: unknown): unknown {
  try {
    return get();
  } catch (thrown) {
    if (thrown instanceof ReferenceError) return dead;
    throw thrown;
  }
}

/** Functions of modules, by the name of their prototype. */
const constructors = new Map<string, Function>();

/** Adds a function of a module, whose `prototype` may be any object. */
export function addConstructor(name: string, fn: Function): void {
  constructors.set(`${name}.prototype`, fn);
  changed = true;
}

/** Looks at every binding; the table is made again when one holds another value, or at once when `deep`: properties may have changed. */
export function refreshBindings(deep = false): NamedValues {
  if (once?.looked) return known;
  if (deep && once !== undefined) once.looked = true;
  lookAtDeclared();
  for (const bindings of modules.values()) {
    for (const binding of bindings) {
      const value = read(binding.get, binding);
      if (value === binding) continue;
      const isFirst = binding.isLate === undefined;
      if (!isFirst && value === binding.value && !deep && !isOutdated(binding.made)) continue;
      binding.isLate = !isFirst && (binding.isLate || value !== binding.value);
      binding.made = madeBelow(binding.name, value);
      binding.value = value;
      changed = true;
    }
  }
  if (changed || deep) {
    changed = false;
    known = new NamedValues();
    const spaces = new Map([...namespaces].map(([module, get]) => [module, read(get)]));
    const isSpace = new Set(spaces.values());
    for (const bindings of modules.values())
      for (const { name, value, isLate } of bindings)
        if (isNamable(value) && isSpace.has(value)) known.addNamespace(name, value as object);
        else known.add(name, value, isLate);
    for (const bindings of modules.values())
      for (const { made } of bindings) for (const [name, value] of made.named) known.put(name, value);
    for (const [name, value] of declaredValues) known.put(name, value);
    for (const [name, namespace] of imported) known.put(name, namespace);
    for (const [module, namespace] of spaces) known.addExports(module, namespace);
    for (const [name, fn] of constructors) known.put(name, ownPrototypeOf(fn));
    // Last: the name leads to what is bound now.
    for (const { name, get } of former) if (known.values.has(name)) known.add(name, read(get));
  }
  return known;
}

/** The table as it was when {@link refreshBindings} last looked. */
export const knownBindings = (): NamedValues => known;
