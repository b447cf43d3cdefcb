/**
 * `currentStep()`: what ordinary code can learn of the attempt that it runs in. The carrier that takes it across `await` is injected: the
 * core imports nothing of Node.
 */

import type { Abortion } from "./abortion.ts";

/** The attempt that the calling code is part of. */
export interface CurrentStep {
  /** The id of the run that it is a step of. */
  readonly run: string;
  /** `incarnation/number`: the same for every attempt of this step, and never used by another. An idempotency key. */
  readonly key: string;
  /** From 1, counted in this process; a step that is run again after a crash starts from 1. */
  readonly attempt: number;
  /** Aborts when the attempt's result is no longer wanted: cancelled, timed out, or the lease of the run was lost. */
  readonly signal: AbortSignal;
}

/** What the carrier carries. */
export class AttemptedStep implements CurrentStep {
  readonly run: string;
  readonly key: string;
  readonly attempt: number;
  readonly #abortion: Abortion;

  constructor(run: string, key: string, attempt: number, abortion: Abortion) {
    this.run = run;
    this.key = key;
    this.attempt = attempt;
    this.#abortion = abortion;
  }

  get signal(): AbortSignal {
    return this.#abortion.signal;
  }
}

/** The part of `AsyncLocalStorage` (and of `AsyncContext.Variable`) that is used. */
export interface StepCarrier {
  run<T>(step: CurrentStep | undefined, body: () => T): T;
  getStore(): CurrentStep | undefined;
}

/** Good until the first `await` of the attempt: for hosts that have nothing better. */
export class SynchronousCarrier implements StepCarrier {
  #current: CurrentStep | undefined;
  run<T>(step: CurrentStep | undefined, body: () => T): T {
    const before = this.#current;
    this.#current = step;
    try {
      return body();
    } finally {
      this.#current = before;
    }
  }
  getStore(): CurrentStep | undefined {
    return this.#current;
  }
}

/** `process.getBuiltinModule` (Node 20.16, 22.3) needs no import, so this file loads in any host. */
function hostCarrier(): StepCarrier {
  const host = globalThis as { process?: { getBuiltinModule?: (id: string) => unknown } };
  const hooks = host.process?.getBuiltinModule?.("node:async_hooks") as
    | { AsyncLocalStorage: new () => StepCarrier }
    | undefined;
  return hooks === undefined ? new SynchronousCarrier() : new hooks.AsyncLocalStorage();
}

/** One for the process: ordinary code asks for the current step without knowing of runs. */
export const steps: StepCarrier = hostCarrier();

/**
 * The step that the calling code runs in, or `undefined` outside any step (in durable code too: a turn is no step).
 *
 * @example
 * await stripe.charges.create(order, { idempotencyKey: currentStep()?.key });
 */
export const currentStep = (): CurrentStep | undefined => steps.getStore();
