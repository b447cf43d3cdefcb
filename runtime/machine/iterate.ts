/**
 * Iteration with suspension. Iterators over arrays, strings, typed arrays, maps and sets are the runtime's own when their iterable is
 * untouched: they keep a position that can be saved. All others run the protocol of ECMA-262 7.4.
 */
import { isObject } from "../codec/objects.ts";
import { isPerdureError } from "../errors.ts";
import {
  CollectionIterator,
  type EntryList,
  EntryListIterator,
  IndexedIterator,
  type LoopIterator,
  MatchIterator,
  type Mode,
  mapMethods,
  ProtocolIterator,
  StringPosition,
  setMethods,
} from "./loop-iterators.ts";

const ArrayIterator = Array.prototype[Symbol.iterator];
const TypedArray = Object.getPrototypeOf(Uint8Array) as { prototype: { [Symbol.iterator](): Iterator<unknown> } };
const TypedIterator = TypedArray.prototype[Symbol.iterator];
const StringIterator = String.prototype[Symbol.iterator];
const MapIterator = Map.prototype[Symbol.iterator] as unknown;
const SetIterator = Set.prototype[Symbol.iterator] as unknown;
const arrayNext = Object.getPrototypeOf([][Symbol.iterator]()) as { next: unknown };
const stringNext = Object.getPrototypeOf(""[Symbol.iterator]()) as { next: unknown };
const mapNext = Object.getPrototypeOf(new Map()[Symbol.iterator]()) as { next: unknown };
const setNext = Object.getPrototypeOf(new Set()[Symbol.iterator]()) as { next: unknown };
const arrayMethods = { entries: Array.prototype.entries, keys: Array.prototype.keys, values: Array.prototype.values };
const typedMethods = {
  entries: Reflect.get(TypedArray.prototype, "entries") as Function,
  keys: Reflect.get(TypedArray.prototype, "keys") as Function,
  values: Reflect.get(TypedArray.prototype, "values") as Function,
};
const original = { array: arrayNext.next, string: stringNext.next, map: mapNext.next, set: setNext.next };

/** GetIterator(value, sync), 7.4.3. */
export function iterate(value: unknown): LoopIterator {
  const method = (value as Iterable<unknown>)[Symbol.iterator] as unknown;
  if (method === ArrayIterator && isObject(value) && !ArrayBuffer.isView(value) && arrayNext.next === original.array)
    return new IndexedIterator(value as ArrayLike<unknown>);
  if (method === TypedIterator && ArrayBuffer.isView(value) && arrayNext.next === original.array) {
    // The platform's own method checks that the buffer is still there.
    Reflect.apply(TypedIterator, value, []);
    return new IndexedIterator(value as Uint8Array);
  }
  if (method === StringIterator && typeof value === "string" && stringNext.next === original.string)
    return new StringPosition(value);
  if (method === MapIterator && value instanceof Map && mapNext.next === original.map)
    return new CollectionIterator(value);
  if (method === SetIterator && value instanceof Set && setNext.next === original.set)
    return new CollectionIterator(value);
  if (isEntryList(value, "entries", method)) return new EntryListIterator(value);
  if (typeof method !== "function") throw new TypeError(`${describe(value)} is not iterable`);
  const iterator = Reflect.apply(method, value, []) as unknown;
  if (!isObject(iterator)) throw new TypeError("Result of the Symbol.iterator method is not an object");
  return new ProtocolIterator(iterator, (iterator as Iterator<unknown>).next);
}

/** The runtime's own loop for `receiver.entries()`, `keys()`, `values()` of an untouched built-in collection; undefined for all else. */
export function loopOf(receiver: unknown, mode: Mode, method: unknown): LoopIterator | undefined {
  if (
    method === arrayMethods[mode] &&
    isObject(receiver) &&
    !ArrayBuffer.isView(receiver) &&
    arrayNext.next === original.array
  )
    return new IndexedIterator(receiver as ArrayLike<unknown>, 0, mode);
  if (method === typedMethods[mode] && ArrayBuffer.isView(receiver) && arrayNext.next === original.array) {
    Reflect.apply(typedMethods[mode], receiver, []);
    return new IndexedIterator(receiver as Uint8Array, 0, mode);
  }
  if (method === mapMethods[mode] && receiver instanceof Map && mapNext.next === original.map)
    return new CollectionIterator(receiver, 0, mode);
  if (method === setMethods[mode] && receiver instanceof Set && setNext.next === original.set)
    return new CollectionIterator(receiver, 0, mode);
  if (isEntryList(receiver, mode, method)) return new EntryListIterator(receiver, 0, mode);
  return undefined;
}

const matchAll = String.prototype.matchAll;
const ofPattern = RegExp.prototype[Symbol.matchAll];

/** The runtime's own loop for `text.matchAll(pattern)` of a text and a text or untouched regular expression; undefined for all else. */
export function matchesOf(text: unknown, pattern: unknown, method: unknown): LoopIterator | undefined {
  if (method !== matchAll || typeof text !== "string") return undefined;
  if (typeof pattern === "string") return new MatchIterator(text, new RegExp(pattern, "g"));
  if (!(pattern instanceof RegExp)) return undefined;
  if (pattern[Symbol.matchAll] !== ofPattern || pattern.constructor !== RegExp) return undefined;
  // The platform's own method judges the flags.
  Reflect.apply(matchAll, text, [pattern]);
  const copy = new RegExp(pattern, pattern.flags);
  copy.lastIndex = pattern.lastIndex;
  return new MatchIterator(text, copy);
}

const ENTRY_LISTS: ReadonlySet<unknown> = new Set(["URLSearchParams", "Headers", "FormData"]);

/** Is it one of these with the platform's own method? The class is asked for only when the value says that it is of it: asking could load it. */
function isEntryList(value: unknown, mode: Mode, method: unknown): value is EntryList {
  if (!isObject(value)) return false;
  const name: unknown = Reflect.get(value, Symbol.toStringTag);
  if (!ENTRY_LISTS.has(name)) return false;
  const of: unknown = Reflect.get(globalThis, name as string);
  return typeof of === "function" && value instanceof of && (of.prototype as Record<Mode, unknown>)[mode] === method;
}

/** Advances a loop (`for-of`, or `for-in`): false at the end, otherwise `value` is the next item. */
export const next = (loop: LoopIterator): boolean => loop.next();

/** IteratorClose for a normal completion, `break`, or `return`: what `return()` throws is thrown. */
export const close = (loop: LoopIterator): void => {
  loop.close();
};

/** IteratorClose for a throw completion: the original error wins over what `return()` throws. */
export function closeQuietly(loop: LoopIterator): void {
  try {
    loop.close();
  } catch (thrown) {
    // ECMA-262 7.4.11 step 5: the completion that is under way is a throw.
    if (isPerdureError(thrown)) throw thrown;
  }
}

export const describe = (value: unknown): string =>
  typeof value === "symbol" ? value.toString() : isObject(value) ? "object" : String(value);
