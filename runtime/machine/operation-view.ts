/** What the engine sees of a run's operations. */
import type { Operation } from "./contract.ts";
import type { Run } from "./run.ts";

/** The run's pending operations, without what is the run's own business. */
export class OperationView implements ReadonlyMap<number, Operation> {
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
  *values(): Generator<Operation, undefined, unknown> {
    for (const { operation } of this.#run.pending.values()) yield operation;
  }
  *entries(): Generator<[number, Operation], undefined, unknown> {
    for (const [number, { operation }] of this.#run.pending) yield [number, operation];
  }
  [Symbol.iterator]() {
    return this.entries();
  }
  forEach(callback: (operation: Operation, number: number, map: ReadonlyMap<number, Operation>) => void): void {
    for (const [number, operation] of this.entries()) callback(operation, number, this);
  }
}
