/** Iterator objects of durable code: those of built-in collections are the runtime's own, since the platform's hide their position. */
import { isObject } from "../codec/objects.ts";
import { currentRun } from "./current-run.ts";
import { describe, iterate, loopOf, matchesOf } from "./iterate.ts";
import { type LoopIterator, type Mode, ProtocolIterator } from "./loop-iterators.ts";
import { runtimeMethod } from "./runtime-code.ts";

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
// It runs inside the turn wherever it is called: a step would move the position of a copy.
runtimeMethod("Iterator/next", OwnIterator.prototype.next);
Object.defineProperty(OwnIterator.prototype, Symbol.toStringTag, { value: "Iterator", configurable: true });

/**
 * `receiver[key](…given)`, where key is `entries`, `keys`, `values`, `Symbol.iterator` or, with a pattern, `matchAll`. In a run, built-in collections and texts give
 * an iterator that keeps its position across saves; everything else, and everything outside a run, is the plain call.
 */
export function iterator(
  receiver: unknown,
  key: Mode | "matchAll" | typeof Symbol.iterator,
  ...given: unknown[]
): unknown {
  const method = (receiver as Record<PropertyKey, unknown>)[key];
  if (typeof method !== "function") throw new TypeError(`${describe(receiver)}.${String(key)} is not a function`);
  if (currentRun() !== undefined) {
    const loop =
      key === Symbol.iterator
        ? iterate(receiver)
        : key === "matchAll"
          ? matchesOf(receiver, given[0], method)
          : loopOf(receiver, key, method);
    if (loop !== undefined && !(loop instanceof ProtocolIterator)) return new OwnIterator(loop);
    // `Symbol.iterator` has been called already.
    if (loop instanceof ProtocolIterator) return loop.iterator;
  }
  return Reflect.apply(method, receiver, given);
}
