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
  /** `process.nextTick`. */
  | { readonly type: "tick"; readonly fn: Function; readonly args: readonly unknown[] }
  /** The call of the run's function: its first job. */
  | { readonly type: "start"; readonly fn: Function; readonly args: readonly unknown[] };

/** First in, first out. Taking is O(1): the head moves, and the array is cut when half of it has been taken. */
class Fifo {
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

  all(): readonly Job[] {
    return this.#jobs.slice(this.#head);
  }
}

/**
 * The promise jobs of ECMA-262, and Node's ticks: all ticks, then all promise jobs, then all ticks that came meanwhile, and so on. After a timer's
 * callback the ticks are first; everywhere else the promise jobs at hand are under way.
 */
export class JobQueue {
  #jobs = new Fifo();
  #ticks = new Fifo();
  #ticking = false;

  get size(): number {
    return this.#jobs.size + this.#ticks.size;
  }

  push(job: Job): void {
    (job.type === "tick" ? this.#ticks : this.#jobs).push(job);
  }

  /** A timer's callback has returned. */
  ticksFirst(): void {
    this.#ticking = this.#ticks.size > 0;
  }

  take(): Job | undefined {
    this.#ticking = this.#ticks.size > 0 && (this.#ticking || this.#jobs.size === 0);
    return this.#ticking ? this.#ticks.take() : this.#jobs.take();
  }

  clear(): void {
    this.#jobs = new Fifo();
    this.#ticks = new Fifo();
    this.#ticking = false;
  }

  /** In an order that {@link restore} understands: the kind of job that is next comes first. */
  [Symbol.iterator](): IterableIterator<Job> {
    const [jobs, ticks] = [this.#jobs.all(), this.#ticks.all()];
    return (this.#ticking ? [...ticks, ...jobs] : [...jobs, ...ticks])[Symbol.iterator]();
  }

  /** Takes over the jobs of a saved queue. */
  restore(jobs: readonly Job[]): void {
    for (const job of jobs) this.push(job);
    this.#ticking = jobs[0]?.type === "tick";
  }
}
