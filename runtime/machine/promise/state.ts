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
  /** The call that gave a resolving function to ordinary code, for the message about a run that is stuck. Volatile. */
  handed: string | undefined = undefined;
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

const idle = () => {};

interface SlotsAndReader {
  readonly Slots: Omit<PromiseConstructor, "prototype"> & (new (state: PromiseState) => Promise<unknown>);
  readonly stateOf: (value: unknown) => PromiseState | undefined;
}

function makeSlots(): SlotsAndReader {
  let stateOf!: SlotsAndReader["stateOf"];
  class Slots extends NativePromise<unknown> {
    readonly #state: PromiseState;

    constructor(state: PromiseState) {
      super(idle);
      this.#state = state;
    }

    // No static method: user code sees what the constructor inherits.
    static {
      stateOf = (value) => (typeof value === "object" && value !== null && #state in value ? value.#state : undefined);
    }
  }
  return { Slots: Slots as unknown as SlotsAndReader["Slots"], stateOf };
}

const made = makeSlots();

/**
 * A promise of the platform (never settled) with our slots. A class that extends the platform's, because V8 makes instances of such a
 * class twenty times faster than by `Reflect.construct` with a plain function.
 */
export const Slots = made.Slots;

/** The slots of a durable promise; undefined: it is something else (IsPromise, 27.2.1.6). */
export const stateOf = made.stateOf;

/** In the place of an executor: the runtime makes the promise, for the run that follows. */
export const INTERNAL: unique symbol = Symbol("internal");

/** A pending promise of the run's own constructor. */
export const makePromiseFrom = (run: Run, own: Function): Promise<unknown> =>
  new (own as new (internal: typeof INTERNAL, run: Run) => Promise<unknown>)(INTERNAL, run);
