/** Pending operations as the run keeps them. */
import type { Operation } from "./contract.ts";

/**
 * Whom an operation tells. `promise`: it is kept only while the promise is observed, if it is a timer or token. `call`: a callback, always kept.
 */
export type Target =
  | { readonly type: "promise"; readonly promise: Promise<unknown> }
  | { readonly type: "call"; readonly fn: Function; readonly args: readonly unknown[] };

/** One pending operation inside the run: its public part, whom it tells, and what its type keeps besides (a savable value). */
export class Pending<T extends Operation = Operation> {
  /** Replaced when it changes, never written to. */
  operation: T;
  target: Target;
  /** A savable value, or several in an array: a step's plan, an interval's period. */
  detail: unknown;

  constructor(operation: T, target: Target, detail: unknown) {
    this.operation = operation;
    this.target = target;
    this.detail = detail;
  }
}
