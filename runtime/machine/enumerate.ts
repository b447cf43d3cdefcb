/** `for-in` with suspension. */
import type { LoopIterator } from "./loop-iterators.ts";

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
