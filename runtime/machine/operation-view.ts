/** What the engine sees of a run's operations. */
import type { Operation, Operations } from "./contract.ts";
import type { Pending } from "./pending.ts";
import type { Run } from "./run.ts";

const DONE = { done: true, value: undefined } as const;

/** No generator: each turn goes over the operations half a dozen times. */
class Values implements IterableIterator<Operation, undefined> {
  readonly #pending: Iterator<Pending>;
  constructor(pending: Iterator<Pending>) {
    this.#pending = pending;
  }
  next(): IteratorResult<Operation, undefined> {
    const { done, value } = this.#pending.next();
    return done ? DONE : { done: false, value: (value as Pending).operation };
  }
  [Symbol.iterator](): this {
    return this;
  }
}

/** The run's pending operations, without what is the run's own business. */
export class OperationView implements Operations {
  readonly #run: Run;
  constructor(run: Run) {
    this.#run = run;
  }
  get size(): number {
    return this.#run.pending.size;
  }
  get(number: number): Operation | undefined {
    return this.#run.pending.get(number)?.operation;
  }
  has(number: number): boolean {
    return this.#run.pending.has(number);
  }
  keys(): MapIterator<number> {
    return this.#run.pending.keys();
  }
  values(): IterableIterator<Operation, undefined> {
    return new Values(this.#run.pending.values());
  }
}
