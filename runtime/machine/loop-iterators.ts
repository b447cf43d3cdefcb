/**
 * Iterators of loops. Those over arrays, strings, typed arrays, maps and sets are the runtime's own and keep a position that can be saved; all
 * others run the protocol of ECMA-262 7.4.
 */
import { isObject } from "../codec/objects.ts";
export const mapMethods = { entries: Map.prototype.entries, keys: Map.prototype.keys, values: Map.prototype.values };
export const setMethods = { entries: Set.prototype.entries, keys: Set.prototype.keys, values: Set.prototype.values };

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

const typedPrototype = Object.getPrototypeOf(Uint8Array.prototype) as object;
const typedLength = Reflect.getOwnPropertyDescriptor(typedPrototype, "length")!.get as () => number;
const arrayValues = Array.prototype.values;
const arrayNext = (Object.getPrototypeOf([].values()) as Iterator<unknown>).next;

/** The length of a typed array stands in its buffer, whatever `length` it shows. One that is out of bounds fails as the platform's iterator does. */
function lengthOf(target: ArrayLike<unknown>): number {
  if (!ArrayBuffer.isView(target)) return target.length;
  const length = Reflect.apply(typedLength, target, []);
  if (length === 0) Reflect.apply(arrayNext, Reflect.apply(arrayValues, target, []), []);
  return length;
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
    if (target !== undefined && index < lengthOf(target)) {
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

/** URLSearchParams, Headers, FormData. */
export type EntryList = Iterable<readonly [string, unknown]>;

/** Over a list of entries of the platform, by its index in what the list is at each step (Web IDL, 3.7.10: iterables of pairs). */
export class EntryListIterator implements LoopIterator {
  value: unknown = undefined;
  readonly target: EntryList;
  readonly mode: Mode;
  index: number;
  constructor(target: EntryList, index = 0, mode: Mode = "entries") {
    this.target = target;
    this.index = index;
    this.mode = mode;
  }
  next(): boolean {
    const entry = Array.from(this.target)[this.index];
    const { mode } = this;
    this.value = entry && (mode === "entries" ? entry : entry[mode === "keys" ? 0 : 1]);
    if (entry === undefined) return false;
    this.index++;
    return true;
  }
  close(): void {}
}

/** Over the matches of a text (22.2.9.2): the pattern is a copy of its own, whose `lastIndex` is the position. */
export class MatchIterator implements LoopIterator {
  value: unknown = undefined;
  readonly text: string;
  /** Undefined once exhausted. */
  pattern: RegExp | undefined;
  constructor(text: string, pattern: RegExp | undefined) {
    this.text = text;
    this.pattern = pattern;
  }
  next(): boolean {
    const { pattern, text } = this;
    const match = pattern?.exec(text) ?? null;
    this.value = match ?? undefined;
    if (match === null) this.pattern = undefined;
    else if (match[0] === "") pattern!.lastIndex = after(text, pattern!);
    return match !== null;
  }
  close(): void {}
}

/** AdvanceStringIndex (22.2.7.3): after an empty match. */
function after(text: string, { lastIndex, flags }: RegExp): number {
  const isPair = /[uv]/.test(flags) && text.codePointAt(lastIndex)! > 0xffff;
  return lastIndex + (isPair ? 2 : 1);
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
