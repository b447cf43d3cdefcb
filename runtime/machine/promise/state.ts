/** The internal slots of a durable promise (ECMA-262 27.2.6), on a private field of an object that is also a promise of the platform. */
import type { Activation } from "../activation.ts";
import type { SourcePlace } from "../contract.ts";
import { NativePromise } from "../current-run.ts";
import type { Reaction } from "../jobs.ts";
import type { Run } from "../run.ts";

/**
 * Who is going to settle a pending promise: the activation whose result it is, the promise that it follows, or the promises that its combinator
 * waits for. Undefined: an operation, or whoever holds its resolving functions. Only for diagnosis: nothing is settled through it.
 */
export type Origin = Activation | Promise<unknown> | readonly Promise<unknown>[];

export class PromiseState {
  readonly run: Run;
  status: "pending" | "fulfilled" | "rejected" = "pending";
  value: unknown = undefined;
  /** [[PromiseIsHandled]] */
  handled = false;
  reactions: Reaction[] | undefined = undefined;
  origin: Origin | undefined = undefined;
  /** Number of the pending operation that settles it. */
  operation: number | undefined = undefined;
  /** Where it was rejected, for the message about an unhandled rejection. */
  place: SourcePlace | undefined = undefined;
  /** The promises whose reactions serve this combinator's promise; detached from them when it settles. */
  members: Promise<unknown>[] | undefined = undefined;
  /** What ordinary code waits on, outside turns: volatile. */
  mirror: Mirror | undefined = undefined;

  constructor(run: Run) {
    this.run = run;
  }
}

export interface Mirror {
  readonly promise: Promise<unknown>;
  readonly resolve: (value: unknown) => void;
  readonly reject: (reason: unknown) => void;
}

class Itself {
  constructor(value: object) {
    // biome-ignore lint/correctness/noConstructorReturn: puts the private field on the promise
    return value;
  }
}

class Slots extends Itself {
  readonly #state: PromiseState;
  private constructor(promise: object, state: PromiseState) {
    super(promise);
    this.#state = state;
  }
  static put(promise: object, state: PromiseState): void {
    new Slots(promise, state);
  }
  static get(value: unknown): PromiseState | undefined {
    return typeof value === "object" && value !== null && #state in value
      ? (value as unknown as Slots).#state
      : undefined;
  }
}

/** The slots of a durable promise; undefined: it is something else (IsPromise, 27.2.1.6). */
export const stateOf: (value: unknown) => PromiseState | undefined = Slots.get;

const idle = () => {};

/** OrdinaryCreateFromConstructor: an object with the platform's slots too (never settled), and ours. */
export function makePromiseFrom(run: Run, newTarget: Function): Promise<unknown> {
  const promise = Reflect.construct(NativePromise, [idle], newTarget) as Promise<unknown>;
  Slots.put(promise, new PromiseState(run));
  return promise;
}
