/** Issues what a committed turn left pending: attempts at steps, and the earliest timer. Never called before that commit is acknowledged. */
import type { Attempt, StepOperation, VatEvent, VatLike } from "../machine/contract.ts";
import type { Lease } from "../store/store.ts";
import type { EngineContext } from "./context.ts";
import { after } from "./host.ts";
import { attemptTransaction, MAILED } from "./transaction.ts";

/** Most steps take less, ms. */
const LONG = 5_000;

/** What transactions need of the run they belong to. */
export interface IssuedFor {
  readonly lease: Lease;
  /** The lease is no longer valid. */
  readonly fenced: () => void;
  /** There is mail. */
  readonly mailed: () => void;
}

export class Issued {
  readonly #context: EngineContext;
  readonly #vat: VatLike;
  /** Called with each event; also with a coded error that a step cannot be issued for. */
  readonly #settled: (event: VatEvent) => void;
  readonly #run: IssuedFor;
  readonly #attempts = new Map<number, Attempt>();
  /** Steps and timers of which the vat has been told, until it lets go of the operation. */
  readonly #told = new Set<number>();
  /** Steps that were pending when the run was loaded. */
  readonly #found: Set<number>;
  /** When each attempt was seen first; Infinity once it has been looked at. */
  readonly #seen = new WeakMap<Attempt, number>();
  #cancelTimer: (() => void) | null = null;
  #ended = false;

  constructor(context: EngineContext, vat: VatLike, run: IssuedFor, settled: (event: VatEvent) => void) {
    this.#context = context;
    this.#vat = vat;
    this.#run = run;
    this.#settled = settled;
    this.#found = new Set(vat.operations.keys());
  }

  /** Steps whose ordinary code is under way. */
  get attempts(): number {
    return this.#attempts.size;
  }

  /**
   * Brings what is issued in line with the vat's operations. `more`: steps may be begun. Throws the PerdureError of one whose operands cannot be
   * opened.
   */
  reconcile(more: boolean): void {
    for (const [number, attempt] of this.#attempts) {
      if (!this.#vat.operations.has(number)) {
        this.#attempts.delete(number);
        attempt.abort(abortError("the run no longer waits for this step"));
      }
    }
    for (const number of this.#told) if (!this.#vat.operations.has(number)) this.#told.delete(number);
    for (const operation of more ? this.#vat.operations.values() : []) {
      if (operation.type === "step" && !this.#attempts.has(operation.number) && !this.#told.has(operation.number)) {
        this.#issue(operation);
      }
    }
    this.#arm();
  }

  /** Looks, once, at each attempt that has been under way for some seconds: does it wait for something that cannot come? */
  look(): void {
    const { host, observe } = this.#context;
    const now = host.now();
    for (const [operation, attempt] of this.#attempts) {
      const since = this.#seen.get(attempt) ?? now;
      const isDue = now - since >= LONG;
      this.#seen.set(attempt, isDue ? Number.POSITIVE_INFINITY : since);
      const error = isDue ? attempt.warning?.() : undefined;
      if (error !== undefined) observe({ type: "waiting-step", run: this.#vat.run, operation, error });
    }
  }

  #issue(operation: StepOperation): void {
    const { host, observe, meter } = this.#context;
    const { number, text } = operation;
    const run = this.#vat.run;
    meter.attempts++;
    if (this.#found.delete(number)) meter.repeatedAttempts++;
    const attempt =
      operation.transaction === undefined
        ? this.#vat.attempt(number)
        : attemptTransaction(this.#context, this.#vat, this.#run.lease, operation, this.#run.fenced);
    this.#attempts.set(number, attempt);
    observe({ type: "issued", run, operation: number, text });
    host.failpoint?.("inside-step", run);
    void attempt.settled.then((settlement) => {
      // Aborted, or the run has left this worker: what the step yielded is nobody's.
      if (this.#ended || this.#attempts.get(number) !== attempt) return;
      host.failpoint?.("after-step-before-commit", run);
      this.#attempts.delete(number);
      this.#told.add(number);
      if (settlement === MAILED) this.#run.mailed();
      else this.#settled({ type: "step", operation: number, settlement });
    });
  }

  #arm(): void {
    this.#cancelTimer?.();
    this.#cancelTimer = null;
    const next = this.nextTimer();
    if (next === null || this.#ended) return;
    const { host } = this.#context;
    this.#cancelTimer = after(host, next - host.now(), () => this.#fire());
  }

  /** Earliest timer that has not fired. */
  nextTimer(): number | null {
    let earliest: number | null = null;
    for (const operation of this.#vat.operations.values()) {
      if (
        operation.type === "timer" &&
        !this.#told.has(operation.number) &&
        (earliest === null || operation.at < earliest)
      ) {
        earliest = operation.at;
      }
    }
    return earliest;
  }

  #fire(): void {
    this.#cancelTimer = null;
    const now = this.#context.host.now();
    const due = [...this.#vat.operations.values()].filter(
      (operation) => operation.type === "timer" && operation.at <= now && !this.#told.has(operation.number),
    );
    // In the order in which the platform would have fired them.
    due.sort((a, b) => (a as { at: number }).at - (b as { at: number }).at || a.number - b.number);
    for (const { number } of due) {
      this.#told.add(number);
      this.#settled({ type: "timer", operation: number });
    }
    this.#arm();
  }

  /** The run leaves this worker: `currentStep().signal` aborts, and nothing is told any more. */
  end(why: string): void {
    this.#ended = true;
    this.#cancelTimer?.();
    const attempts = [...this.#attempts.values()];
    this.#attempts.clear();
    for (const attempt of attempts) attempt.abort(abortError(why));
  }
}

function abortError(why: string): Error {
  const error = new Error(why);
  error.name = "AbortError";
  return error;
}
