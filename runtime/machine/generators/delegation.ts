/** `yield*` over an iterator (ECMA-262 15.5.5): which of its methods is called, and what that tells the generator. */
import { isObject } from "../../codec/objects.ts";
import { currentRun } from "../current-run.ts";
import { iterate } from "../iterate.ts";
import { ProtocolIterator } from "../loop-iterators.ts";
import { iterator as iteratorOf, OwnIterator } from "../own-iterator.ts";
import type { Resumption } from "./suspended.ts";

/** The inner iterator, with its `next` as it was when the delegation began. */
export interface Delegate {
  readonly iterator: object;
  readonly next: unknown;
}

/** GetIterator(value, sync), 7.4.3, each property read once. In a run, iterators over built-in collections keep their position. */
export function openSync(value: unknown): Delegate {
  if (currentRun() !== undefined) {
    const loop = iterate(value);
    if (loop instanceof ProtocolIterator) return { iterator: loop.iterator, next: loop.nextMethod };
    const iterator = new OwnIterator(loop);
    return { iterator, next: iterator.next };
  }
  const iterator = iteratorOf(value, Symbol.iterator);
  if (!isObject(iterator)) throw new TypeError("Result of the Symbol.iterator method is not an object");
  return { iterator, next: (iterator as Iterator<unknown>).next };
}

/** GetMethod (7.3.11): undefined when there is none. */
export function methodOf(object: object, name: "throw" | "return"): Function | undefined {
  const method = (object as Record<string, unknown>)[name];
  if (method === undefined || method === null) return undefined;
  if (typeof method !== "function") throw new TypeError(`The iterator's '${name}' is not a function`);
  return method;
}

/** What a missing `throw` throws once the iterator is closed. */
export const withoutThrow = (): TypeError => new TypeError("The iterator does not provide a 'throw' method.");

export function checkedResult(result: unknown): IteratorResult<unknown> {
  if (!isObject(result)) throw new TypeError(`Iterator result ${String(result)} is not an object`);
  return result as IteratorResult<unknown>;
}

export const callNext = ({ iterator, next }: Delegate, value: unknown): unknown =>
  Reflect.apply(next as Function, iterator, [value]);

/** What follows from a result that ends the delegation: `return` goes on as a return, everything else is the value of the `yield*`. */
export const finished = (type: Resumption["type"], result: IteratorResult<unknown>): Resumption => ({
  type: type === "return" ? "return" : "next",
  value: result.value,
});
