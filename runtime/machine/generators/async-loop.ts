/** `for await` (ECMA-262 14.7.5.6 with kind async): generated code awaits what these give, and hands back what came of it. */
import type { Completion } from "../../abi/index.ts";
import { isPerdureError } from "../../errors.ts";
import { type AsyncDelegate, abruptOf, nextOf, openAsync } from "./async-iteration.ts";
import { checkedResult } from "./delegation.ts";

/** The iterator of a loop: `value` is its item, or what closing it is to await. */
export class AsyncLoop {
  readonly source: AsyncDelegate;
  value: unknown = undefined;

  constructor(source: AsyncDelegate) {
    this.source = source;
  }
}

export const iterateAsync = (value: unknown): AsyncLoop => new AsyncLoop(openAsync(value));

/** Asks for the next item; to be awaited. */
export const nextAsync = ({ source }: AsyncLoop): unknown => nextOf(source);

/** Takes the awaited answer: false at the end, otherwise `value` is the item. */
export function received(loop: AsyncLoop, answer: unknown): boolean {
  const result = checkedResult(answer);
  if (result.done) return false;
  loop.value = result.value;
  return true;
}

/** Begins AsyncIteratorClose (7.4.13): false when there is nothing to await, otherwise `value` is. */
export function closeAsync(loop: AsyncLoop): boolean {
  const called = abruptOf(loop.source, "return", []);
  loop.value = called?.awaited;
  return called !== undefined;
}

/** Ends it, with what the iterator answered. */
export const closed = (answer: unknown): void => void checkedResult(answer);

/** What closing threw is thrown on, unless the loop was left by an error: that one wins (7.4.13 step 5). */
export function closeFailed(pending: Completion, thrown: unknown): void {
  if (pending.type !== "throw" || isPerdureError(thrown)) throw thrown;
}
