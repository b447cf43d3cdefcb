/** The run's jobs, as data: they are saved with it (ECMA-262 9.5; a vat's queue). */
import type { Activation } from "./activation.ts";

/** Who a promise tells when it settles (PromiseReaction record, ECMA-262 27.2.1.2): a suspended function, or handlers. */
export type Reaction = Activation | ThenReaction;

export class ThenReaction {
  /** Undefined: passes the value on. */
  readonly onFulfilled: Function | undefined;
  readonly onRejected: Function | undefined;
  /** The run's own promise, settled directly (its resolving functions cannot be observed), or the capability of a subclass. */
  readonly derived: Promise<unknown> | Capability;
  /** The combinator's promise that this reaction serves: once that is settled, the reaction is detached. */
  group: Promise<unknown> | undefined = undefined;

  constructor(onFulfilled: unknown, onRejected: unknown, derived: Promise<unknown> | Capability) {
    this.onFulfilled = typeof onFulfilled === "function" ? onFulfilled : undefined;
    this.onRejected = typeof onRejected === "function" ? onRejected : undefined;
    this.derived = derived;
  }
}

/** PromiseCapability record, ECMA-262 27.2.1.1. */
export interface Capability {
  readonly promise: unknown;
  readonly resolve: Function;
  readonly reject: Function;
}

export type Job =
  /** NewPromiseReactionJob, 27.2.2.1. */
  | {
      readonly type: "reaction";
      readonly reaction: Reaction;
      readonly status: "fulfilled" | "rejected";
      readonly value: unknown;
    }
  /** NewPromiseResolveThenableJob, 27.2.2.2. */
  | {
      readonly type: "thenable";
      readonly promise: Promise<unknown>;
      readonly thenable: object;
      readonly then: Function;
    }
  /** `queueMicrotask`, a timer's callback. */
  | { readonly type: "call"; readonly fn: Function; readonly args: readonly unknown[] }
  /** The call of the run's function: its first job. */
  | { readonly type: "start"; readonly fn: Function; readonly args: readonly unknown[] };

/** First in, first out. Taking is O(1): the head moves, and the array is cut when half of it has been taken. */
export class JobQueue {
  #jobs: Job[] = [];
  #head = 0;

  get size(): number {
    return this.#jobs.length - this.#head;
  }

  push(job: Job): void {
    this.#jobs.push(job);
  }

  take(): Job | undefined {
    if (this.size === 0) return undefined;
    const job = this.#jobs[this.#head]!;
    this.#jobs[this.#head++] = undefined as never;
    if (this.#head * 2 >= this.#jobs.length) {
      this.#jobs = this.#jobs.slice(this.#head);
      this.#head = 0;
    }
    return job;
  }

  clear(): void {
    this.#jobs = [];
    this.#head = 0;
  }

  [Symbol.iterator](): IterableIterator<Job> {
    return this.#jobs.slice(this.#head)[Symbol.iterator]();
  }
}
