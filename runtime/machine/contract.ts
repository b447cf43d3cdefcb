/** What the vat asks of the engine, and what they tell each other. */
import type { CodeDigest, Position } from "../abi/index.ts";
import type { Json, Limits } from "../codec/contract.ts";
import type { Codec } from "../codec/user-codec.ts";
import type { PerdureError } from "../errors.ts";

/** Of a transaction in the store's database; SQLite's are always serializable. */
export type Isolation = "read committed" | "repeatable read" | "serializable";

/** Everything impure that a run may use while it runs jobs. */
export interface VatHost {
  /** Milliseconds since the epoch. */
  now(): number;
  /** Fresh random bytes. */
  random(bytes: number): Uint8Array;
  /**
   * Calls `run` once, in `ms` milliseconds or later, unless the returned function was called before. For attempts alone (timeouts, waits between
   * attempts): durable code's own timers are operations.
   */
  after(ms: number, run: () => void): () => void;
  /** Hosts provided by `createEngine({ provide })`, by name. */
  readonly provided: Readonly<Record<string, unknown>>;
  /** How instances of ordinary classes are saved. */
  readonly codecs?: readonly Codec[];
  /** Only the platform can tell a Proxy; without this, one is saved as what it shows. */
  readonly isProxy?: (value: object) => boolean;
  /** Has an object internal slots, as a Map has, whatever its prototype? Hosts tell that fast; without this, those of collections and buffers are tried. */
  readonly hasSlots?: (value: object) => boolean;
  /** Bounds on what a run holds. */
  readonly limits?: Partial<Limits>;
  /** `createEngine({ fetch })`. */
  readonly fetch?: FetchOptions;
  /** The contract was broken between turns, by ordinary code: the next turn will throw this error. */
  broken?(error: PerdureError): void;
  /** The `dispose` of a resource threw. */
  disposeFailed?(error: unknown): void;
  /** The run is loaded to be looked at: its resources are not made. */
  readonly inspecting?: boolean;
}

/** What a run does with HTTP. */
export interface FetchOptions {
  /**
   * A `fetch` of durable code with an unsafe method (RFC 9110, 9.2.1: all but GET, HEAD, OPTIONS and TRACE) sends the header `Idempotency-Key` with the key of its
   * step, which is the same for every attempt; one that the program has set is left alone. Default false.
   */
  readonly idempotencyKey?: boolean;
  /**
   * Most bytes of a body (of a Request, Response, Blob or File that a step gives, or that `start` is given) that are read so that it can be saved. A larger one can be used in
   * the turn that receives it alone. Default 8 MiB.
   */
  readonly bodyLimit?: number;
}

/** Whom to tell when a child run ends. */
export interface Parent {
  readonly run: string;
  readonly incarnation: string;
  readonly operation: number;
}

/** Something the run waits for. Numbers count up from 1 in each incarnation and are never used twice. */
export type Operation = StepOperation | TimerOperation | TokenOperation | ReceiveOperation | ChildOperation;

/** A run's pending operations, by their numbers. */
export type Operations = Pick<ReadonlyMap<number, Operation>, "size" | "get" | "has" | "keys" | "values">;

interface OperationBase {
  readonly number: number;
  /** Where it was made: the durable function and its source position. */
  readonly where: SourcePlace;
}
export interface StepOperation extends OperationBase {
  readonly type: "step";
  /** What is called, shortened, for people. */
  readonly text: string;
  readonly retry?: RetryPolicy;
  /** ms for each attempt. */
  readonly timeout?: number;
  /** Its body is given a client of the store's database, and its result is committed with what it does there. */
  readonly transaction?: { readonly isolation?: Isolation };
}
export interface TimerOperation extends OperationBase {
  readonly type: "timer";
  /** Absolute, ms since the epoch. */
  readonly at: number;
}
export interface TokenOperation extends OperationBase {
  readonly type: "token";
  /** 128 random bits, hex. */
  readonly secret: string;
}
export interface ReceiveOperation extends OperationBase {
  readonly type: "receive";
  /** Of the messages that it takes one of. */
  readonly name: string;
}
export interface ChildOperation extends OperationBase {
  readonly type: "child";
  readonly run: string;
  readonly incarnation: string;
  /** Code id of the durable function to start. */
  readonly fn: string;
  /** Its encoded arguments: the text of the child's first segment is made from this by `Vat.createChild`. */
  readonly args: Json;
  /**
   * The parent was cancelled: the child is to be told, once. The operation stays until the child's end is known, so that the parent's `finally` blocks run
   * after the child's.
   */
  readonly cancelling?: { readonly reason: string | null };
}

/** Retries of `step(fn, { retry })`. Waits are `min(maxDelay, delay * factor ** (attempt - 1))` ms. */
export interface RetryPolicy {
  readonly attempts: number;
  readonly delay: number;
  readonly factor: number;
  readonly maxDelay: number;
}

export interface SourcePlace {
  readonly function: string;
  readonly file: string;
  readonly position: Position;
}

/** What ends an operation, or the run. Applied at the start of a turn, in the order delivered; one for an operation that is gone is dropped. */
export type VatEvent =
  /** `settlement` is what {@link Attempt.settled} gave: opaque to the engine, never stored. */
  | { readonly type: "step"; readonly operation: number; readonly settlement: Settlement }
  | { readonly type: "timer"; readonly operation: number }
  /** Plain JSON, as the outside sent it. Dropped unless `secret` is the token's. */
  | { readonly type: "token"; readonly operation: number; readonly secret: string; readonly value: Json }
  /** Plain JSON, for a `receive` of that name: one that is pending, or one that is still to come. */
  | { readonly type: "message"; readonly name: string; readonly value: Json }
  | { readonly type: "child"; readonly operation: number; readonly outcome: EncodedOutcome }
  | { readonly type: "cancel"; readonly reason: string | null };

/** One attempt at a step, over its own copy of the operands. */
export interface Attempt {
  /** `incarnation/step`: the same for every attempt. */
  readonly key: string;
  /** Never rejects. A coded error (a value that cannot be copied, a conflict) comes as a settlement too and blocks the run in its turn. */
  readonly settled: Promise<Settlement>;
  /** Aborts `currentStep().signal`. */
  abort(reason: unknown): void;
  /** Of a transaction whose commit was refused: how the step settles, as if its body had thrown that. Once `settled` is. */
  refused?(reason: unknown): Settlement;
  /** While it is under way: a warning when it has put into its copy what no result can be taken in with, such as a function that is to be called later. */
  warning?(): PerdureError | undefined;
}
export type Settlement = { readonly status: "fulfilled" | "rejected" | "refused"; readonly [detail: string]: unknown };

/** A run's outcome in a form that another run, or a client, can read: JSON text of a standalone heap. */
export interface EncodedOutcome {
  readonly status: "fulfilled" | "rejected" | "cancelled";
  readonly text: string;
  /** Of what was thrown, in a few words: for people, also where its class is not linked. */
  readonly error?: string;
}

export type VatStatus = "running" | "waiting" | "finishing" | "stuck" | "done" | "failed" | "cancelled";

export interface SavedSegment {
  readonly kind: "base" | "delta";
  readonly text: string;
  /** Digests of every code that live frames, closures and instances refer to. */
  readonly codes: readonly CodeDigest[];
}

/** One line of `stack()`: innermost first. */
export interface StackEntry extends SourcePlace {
  /** What it waits for: `step charge(orderId, item)`, `timer until …`, `token`, `message "…"`, `child …`. */
  readonly waitsFor: string;
  /** Live local variables, printed shortly. */
  readonly locals: Readonly<Record<string, string>>;
}

/** One run in memory. Implemented by `Vat` (machine/vat.ts). */
export interface VatLike {
  readonly run: string;
  readonly incarnation: string;
  deliver(event: VatEvent): void;
  /**
   * Applies the delivered events and runs jobs until none is left or `budget` jobs have run (then, and while messages wait that can be handed over, `status()` is
   * `running`, and the next turn goes on). Each turn is saved before the next. Throws a {@link PerdureError} when the contract was broken: the vat is then unusable.
   */
  turn(budget?: number): void;
  /**
   * Encodes, and moves the shadow on: the caller commits exactly this text, again and again until the store answers, or drops
   * the vat. A base saved right after a delta holds the same state. Throws a PerdureError when something cannot be saved.
   */
  save(kind: "delta" | "base"): SavedSegment;
  /** Bytes of the deltas since the last base and their count, to decide on the next base. */
  readonly sinceBase: { readonly bytes: number; readonly deltas: number };
  /** Pending operations by number. Timers, tokens and receives that nothing observes leave at `save`. */
  readonly operations: Operations;
  /**
   * Opens the step's saved operands, adds `client` behind them when it is a transaction, and calls the ordinary code. Only for operations of type `step`, after their save has committed. Retries and the
   * timeout of `step(fn, { retry, timeout })` happen inside: to the engine it is one attempt.
   */
  attempt(operation: number, client?: unknown): Attempt;
  status(): VatStatus;
  /** Set when the function has settled; readable by clients once committed. */
  outcome(): EncodedOutcome | null;
  /** Why it is stuck: the lines that wait. */
  stuck(): PerdureError | null;
  stack(): readonly StackEntry[];
  /** The vat is let go of: disposes of the run's resources. Resolves when that is done; never rejects. */
  close?(): Promise<void>;
}
