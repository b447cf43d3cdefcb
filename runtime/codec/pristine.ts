/**
 * What the runtime's own loops need of the language, while a program has replaced it. Programs may change every built-in (ECMA-262 18), and the runtime lives in
 * the same realm. A save or load must not depend on what a program did to them.
 */
import { isPerdureError } from "../errors.ts";

const iterators: object = Object.getPrototypeOf([][Symbol.iterator]()) as object;

type Descriptors = ReadonlyMap<string | symbol, PropertyDescriptor>;

const { defineProperty, deleteProperty, getOwnPropertyDescriptor, ownKeys } = Reflect;

const descriptorsOf = (owner: object): Descriptors =>
  new Map(ownKeys(owner).map((key) => [key, getOwnPropertyDescriptor(owner, key)!]));

/** What saves and loads stand on, as the platform made it. */
const platform: readonly (readonly [owner: object, properties: Descriptors])[] = [
  ...[Object.prototype, Function.prototype, Array.prototype, iterators, String.prototype, Number.prototype],
  ...[RegExp.prototype, Map.prototype, Set.prototype, WeakMap.prototype, WeakSet.prototype],
  ...[Object, Array, Number, String, Reflect, JSON, Math],
].map((owner) => [owner, descriptorsOf(owner)]);

const { prototype: array } = Array;
const { prototype: map } = Map;
const { prototype: set } = Set;
const { concat, every, filter, find, flatMap, forEach, includes, join, pop, push, slice, some, values } = array;
const mapArray = array.map;
const { next } = iterators as IterableIterator<unknown>;
const { get: getOfMap, has: hasOfMap, set: setOfMap } = map;
const { add: addToSet, has: hasOfSet } = set;
const { parse, stringify } = JSON;
const { construct, getPrototypeOf, isExtensible } = Reflect;

/** Is what is used most as the platform made it? Reads that engines fold, since every save asks. */
const looksUntouched = (): boolean =>
  array[Symbol.iterator] === values &&
  (iterators as IterableIterator<unknown>).next === next &&
  array.concat === concat &&
  array.every === every &&
  array.filter === filter &&
  array.find === find &&
  array.flatMap === flatMap &&
  array.forEach === forEach &&
  array.includes === includes &&
  array.join === join &&
  array.map === mapArray &&
  array.pop === pop &&
  array.push === push &&
  array.slice === slice &&
  array.some === some &&
  map.get === getOfMap &&
  map.has === hasOfMap &&
  map.set === setOfMap &&
  set.add === addToSet &&
  set.has === hasOfSet &&
  JSON.parse === parse &&
  JSON.stringify === stringify &&
  (array as { toJSON?: unknown }).toJSON === undefined &&
  Reflect.construct === construct &&
  Reflect.defineProperty === defineProperty &&
  Reflect.deleteProperty === deleteProperty &&
  Reflect.getOwnPropertyDescriptor === getOwnPropertyDescriptor &&
  Reflect.getPrototypeOf === getPrototypeOf &&
  Reflect.isExtensible === isExtensible &&
  Reflect.ownKeys === ownKeys;

interface Change {
  readonly owner: object;
  readonly key: string | symbol;
  /** What the program has made of it; undefined: it was deleted. */
  readonly found: PropertyDescriptor | undefined;
  readonly given: PropertyDescriptor | undefined;
}

const same = (a: PropertyDescriptor | undefined, b: PropertyDescriptor): boolean =>
  a !== undefined && a.value === b.value && a.get === b.get && a.set === b.set;

/** No method of a built-in stands in here, nor a loop that asks for one. */
function changes(): Change[] {
  const found: Change[] = [];
  const note = (value: Change): void => void defineProperty(found, found.length, plainly(value));
  for (let i = 0; i < platform.length; i++) {
    const owner = platform[i]![0];
    const properties = platform[i]![1];
    const keys = ownKeys(owner);
    for (let k = 0; k < keys.length; k++)
      if (!apply(hasOfMap, properties, [keys[k]!]))
        note({ owner, key: keys[k]!, found: getOwnPropertyDescriptor(owner, keys[k]!), given: undefined });
    apply(forEachOfMap, properties, [
      (given: PropertyDescriptor, key: string | symbol) => {
        const own = getOwnPropertyDescriptor(owner, key);
        if (!same(own, given)) note({ owner, key, found: own, given });
      },
    ]);
  }
  return found;
}

const { apply } = Reflect;
const { forEach: forEachOfMap } = map;

/** A descriptor that inherits nothing: a program may have put "get" on the prototype of all objects. */
const plainly = (value: unknown): PropertyDescriptor =>
  ({ __proto__: null, value, writable: true, enumerable: true, configurable: true }) as PropertyDescriptor;

function put({ owner, key }: Change, property: PropertyDescriptor | undefined): void {
  if (property === undefined) deleteProperty(owner, key);
  else defineProperty(owner, key, property);
}

/** Runs `body` with all of it as the platform made it; what the program did stands again when this returns. */
function restored<T>(made: readonly Change[], body: () => T): T {
  for (let i = 0; i < made.length; i++) put(made[i]!, made[i]!.given);
  try {
    return body();
  } finally {
    for (let i = made.length - 1; i >= 0; i--) put(made[i]!, made[i]!.found);
  }
}

/** Runs `body`, which is code of the runtime alone, with the built-ins that it uses as the platform made them. */
export const withPlatformBuiltIns = <T>(body: () => T): T => (looksUntouched() ? body() : restored(changes(), body));

/**
 * The same for saves and loads, which may be made again when they fail: properties that a program has put on the prototypes of all objects or arrays are
 * looked for only then.
 */
export function repeatably<T>(body: () => T): T {
  if (!looksUntouched()) return restored(changes(), body);
  try {
    return body();
  } catch (why) {
    const made = isPerdureError(why) && why.code !== "PD4010" ? [] : changes();
    if (made.length === 0) throw why;
    return restored(made, body);
  }
}
