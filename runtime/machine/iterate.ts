/**
 * Iteration with suspension. Iterators over arrays, strings, typed arrays, maps and sets are the runtime's own when their iterable is
 * untouched: they keep a position that can be saved. All others run the protocol of ECMA-262 7.4.
 */
import { isPerdureError } from "../errors.ts";
import { currentRun } from "./current-run.ts";

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
const mapMethods = { entries: Map.prototype.entries, keys: Map.prototype.keys, values: Map.prototype.values };
const setMethods = { entries: Set.prototype.entries, keys: Set.prototype.keys, values: Set.prototype.values };
const arrayMethods = { entries: Array.prototype.entries, keys: Array.prototype.keys, values: Array.prototype.values };
const typedMethods = {
  entries: Reflect.get(TypedArray.prototype, "entries") as Function,
  keys: Reflect.get(TypedArray.prototype, "keys") as Function,
  values: Reflect.get(TypedArray.prototype, "values") as Function,
};
const original = { array: arrayNext.next, string: stringNext.next, map: mapNext.next, set: setNext.next };

/** What a loop over a built-in collection yields. */
export type Mode = "entries" | "keys" | "values";

/** A loop's iterator: {@link next} advances it, and then `value` is the item. */
export interface LoopIterator {
  value: unknown;
  /** Advances; false at the end. */
  next(): boolean;
  /** IteratorClose: calls `return` when there is one. */
  close(): void;
}

/** Over an array or typed array (23.1.5.2.1): the length is read at each step, so a list that grows is followed. */
export class IndexedIterator implements LoopIterator {
  value: unknown = undefined;
  readonly mode: Mode;
  /** Undefined once exhausted: it does not start again when the array grows. */
  target: ArrayLike<unknown> | undefined;
  index: number;
  constructor(target: ArrayLike<unknown>, index = 0, mode: Mode = "values") {
    this.target = target;
    this.index = index;
    this.mode = mode;
  }
  next(): boolean {
    const { target, index, mode } = this;
    if (target !== undefined && index < target.length) {
      this.index++;
      this.value = mode === "keys" ? index : mode === "values" ? target[index] : [index, target[index]];
      return true;
    }
    this.target = undefined;
    this.value = undefined;
    return false;
  }
  close(): void {}
}

/** Over the code points of a string (22.1.5.1). */
export class StringPosition implements LoopIterator {
  value: unknown = undefined;
  readonly target: string;
  index: number;
  constructor(target: string, index = 0) {
    this.target = target;
    this.index = index;
  }
  next(): boolean {
    const point = this.target.codePointAt(this.index);
    this.value = point === undefined ? undefined : String.fromCodePoint(point);
    if (point === undefined) return false;
    this.index += (this.value as string).length;
    return true;
  }
  close(): void {}
}

/**
 * Over a Map or Set (24.1.5.1, 24.2.6.1), which follow insertions and deletions. The platform's iterator does the walking; what it has not yet
 * visited is always the tail of the collection, so its position can be found by running it out, and it is made again from there.
 */
export class CollectionIterator implements LoopIterator {
  value: unknown = undefined;
  readonly target: Map<unknown, unknown> | Set<unknown>;
  readonly mode: Mode;
  done: boolean;
  #walk: Iterator<unknown> | undefined;
  #skip: number;
  constructor(
    target: Map<unknown, unknown> | Set<unknown>,
    position = 0,
    mode: Mode = target instanceof Map ? "entries" : "values",
  ) {
    this.target = target;
    this.mode = mode;
    this.done = false;
    this.#skip = position;
  }
  /** How many entries of the collection, as it is now, it has passed. */
  get position(): number {
    if (this.done) return this.target.size;
    let left = 0;
    const walk = this.#walking();
    while (!walk.next().done) left++;
    this.#walk = undefined;
    this.#skip = this.target.size - left;
    this.#walking();
    return this.#skip;
  }
  /** Pins the position: from now on it follows insertions and deletions. */
  #walking(): Iterator<unknown> {
    if (this.#walk === undefined) {
      const methods = this.target instanceof Map ? mapMethods : setMethods;
      this.#walk = Reflect.apply(methods[this.mode], this.target, []) as Iterator<unknown>;
      for (let i = 0; i < this.#skip; i++) this.#walk.next();
    }
    return this.#walk;
  }
  /** After decoding, once the collection is filled. */
  pin(): void {
    if (!this.done) this.#walking();
  }
  next(): boolean {
    if (this.done) return false;
    const step = this.#walking().next();
    this.value = step.value;
    this.done = step.done === true;
    if (this.done) this.#walk = undefined;
    return !this.done;
  }
  close(): void {}
}

/** Any other iterator, by the protocol (7.4.2 to 7.4.11). */
export class ProtocolIterator implements LoopIterator {
  value: unknown = undefined;
  readonly iterator: object;
  readonly nextMethod: unknown;
  done = false;
  constructor(iterator: object, nextMethod: unknown) {
    this.iterator = iterator;
    this.nextMethod = nextMethod;
  }
  next(): boolean {
    // A pattern goes on asking: what is exhausted is not asked again (8.6.2).
    if (this.done) {
      this.value = undefined;
      return false;
    }
    // A pattern asks an exhausted iterator again: that is not passed on (ECMA-262 8.6.2).
    if (this.done) {
      this.value = undefined;
      return false;
    }
    // While `next` runs, and after it threw, there is nothing to close.
    this.done = true;
    this.value = undefined;
    const step = Reflect.apply(this.nextMethod as Function, this.iterator, []) as IteratorResult<unknown>;
    if (!isObject(step)) throw new TypeError(`Iterator result ${String(step)} is not an object`);
    if (step.done) return false;
    this.value = step.value;
    this.done = false;
    return true;
  }
  close(): void {
    if (this.done) return;
    this.done = true;
    const method = (this.iterator as Iterator<unknown>).return;
    if (method === undefined || method === null) return;
    const result = Reflect.apply(method, this.iterator, []) as unknown;
    if (!isObject(result)) throw new TypeError(`${String(result)} is not an object`);
  }
}

const isObject = (value: unknown): value is object =>
  (typeof value === "object" && value !== null) || typeof value === "function";

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
  if (typeof method !== "function") throw new TypeError(`${describe(value)} is not iterable`);
  const iterator = Reflect.apply(method, value, []) as unknown;
  if (!isObject(iterator)) throw new TypeError("Result of the Symbol.iterator method is not an object");
  return new ProtocolIterator(iterator, (iterator as Iterator<unknown>).next);
}

/** The runtime's own loop for `receiver.entries()`, `keys()`, `values()` of an untouched built-in collection; undefined for all else. */
function loopOf(receiver: unknown, mode: Mode, method: unknown): LoopIterator | undefined {
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
  return undefined;
}

/** The iterator object that durable code gets for `list.entries()` and the like: it looks like the platform's, and can be saved. */
export class OwnIterator {
  readonly #loop: LoopIterator;

  constructor(loop: LoopIterator) {
    this.#loop = loop;
  }

  static loopOf(iterator: OwnIterator): LoopIterator {
    return iterator.#loop;
  }

  static is(value: unknown): value is OwnIterator {
    return isObject(value) && #loop in value;
  }

  next(): IteratorResult<unknown> {
    return this.#loop.next() ? { value: this.#loop.value, done: false } : { value: undefined, done: true };
  }
}
Object.setPrototypeOf(
  OwnIterator.prototype,
  Object.getPrototypeOf(Object.getPrototypeOf([][Symbol.iterator]())) as object,
);
Object.defineProperty(OwnIterator.prototype, Symbol.toStringTag, { value: "Iterator", configurable: true });

/**
 * `receiver[key]()`, where key is `entries`, `keys`, `values` or `Symbol.iterator`. In a run, built-in collections give an iterator that keeps its
 * position across saves; everything else, and everything outside a run, is the plain call.
 */
export function iterator(receiver: unknown, key: Mode | typeof Symbol.iterator): unknown {
  const method = (receiver as Record<PropertyKey, unknown>)[key];
  if (typeof method !== "function") throw new TypeError(`${describe(receiver)}.${String(key)} is not a function`);
  if (currentRun() !== undefined) {
    const loop = key === Symbol.iterator ? iterate(receiver) : loopOf(receiver, key, method);
    if (loop !== undefined && !(loop instanceof ProtocolIterator)) return new OwnIterator(loop);
    // `Symbol.iterator` has been called already.
    if (loop instanceof ProtocolIterator) return loop.iterator;
  }
  return Reflect.apply(method, receiver, []);
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

const describe = (value: unknown): string =>
  typeof value === "symbol" ? value.toString() : isObject(value) ? "object" : String(value);

/**
 * `for-in` with suspension (14.7.5.9): own and inherited string keys in order, each visited once; a key deleted before its turn is passed
 * over. Keys are read per object when the walk comes to it.
 */
export class Enumeration implements LoopIterator {
  value: unknown = undefined;
  /** The object whose keys are being walked; null at the end. */
  object: object | null;
  keys: string[];
  index: number;
  readonly visited: Set<string>;
  constructor(
    object: object | null,
    keys: string[] | undefined = undefined,
    index = 0,
    visited: Set<string> = new Set(),
  ) {
    this.object = object;
    this.keys = keys ?? (object === null ? [] : stringKeys(object));
    this.index = index;
    this.visited = visited;
  }
  next(): boolean {
    while (this.object !== null) {
      while (this.index < this.keys.length) {
        const key = this.keys[this.index++]!;
        if (this.visited.has(key)) continue;
        const property = Reflect.getOwnPropertyDescriptor(this.object, key);
        if (property === undefined) continue;
        this.visited.add(key);
        if (!property.enumerable) continue;
        this.value = key;
        return true;
      }
      this.object = Reflect.getPrototypeOf(this.object);
      this.keys = this.object === null ? [] : stringKeys(this.object);
      this.index = 0;
    }
    this.value = undefined;
    return false;
  }
  close(): void {}
}

const stringKeys = (object: object): string[] =>
  Reflect.ownKeys(object).filter((key): key is string => typeof key === "string");

/** The keys of `for (const key in value)`; `undefined` and `null` have none. */
export const enumerate = (value: unknown): Enumeration =>
  new Enumeration(value === undefined || value === null ? null : (Object(value) as object));
