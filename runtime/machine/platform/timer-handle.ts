/**
 * Timers of a run: what `setTimeout`, `setInterval` and `setImmediate` return there. Data with the methods of Node's own handles; saved with the run,
 * and dead in every other.
 */

import { isPure } from "../../codec/intrinsics.ts";
import type { TimerOperation } from "../contract.ts";
import { currentRun } from "../current-run.ts";
import { resultNow } from "../operations/result.ts";
import { runtimeEntry } from "../operations/runtime-entry.ts";
import type { Written } from "../operations/step-call.ts";
import type { Pending } from "../pending.ts";
import type { Run } from "../run.ts";
import { closureOf, isDurable } from "../stamp.ts";

/** What a handle keeps: all of it savable. */
export interface TimerState {
  /** Incarnation of the run that it belongs to. */
  readonly owner: string;
  callback: Function;
  args: readonly unknown[];
  /** ms; null for an immediate. */
  readonly delay: number | null;
  repeat: boolean;
  readonly where: Written;
  /** The pending operation; undefined when it has fired or was cleared. */
  number: number | undefined;
  /** Number of the first operation: what the handle is as a primitive. */
  id: number;
  /** Whether the run waits for it before it is done. */
  refed: boolean;
}

export class TimerHandle {
  readonly #state: TimerState;

  constructor(state: TimerState) {
    this.#state = state;
  }

  static stateOf(handle: TimerHandle): TimerState {
    return handle.#state;
  }

  /** For the load, once the callback is there. */
  static restore(handle: TimerHandle, callback: Function, args: readonly unknown[]): void {
    Object.assign(handle.#state, { callback, args });
  }

  static is(value: unknown): value is TimerHandle {
    return typeof value === "object" && value !== null && #state in value;
  }

  ref(): this {
    this.#state.refed = true;
    return this;
  }

  unref(): this {
    this.#state.refed = false;
    return this;
  }

  hasRef(): boolean {
    return this.#state.refed;
  }

  [Symbol.dispose](): void {
    clear(this);
  }
}

/** What `setTimeout` and `setInterval` return. */
export class Timeout extends TimerHandle {
  /** Starts the delay again from now; a timer that has fired is armed again. */
  refresh(): this {
    const state = TimerHandle.stateOf(this);
    const run = owner(state);
    if (run !== undefined) arm(run, this, state);
    return this;
  }

  close(): this {
    clear(this);
    return this;
  }

  [Symbol.toPrimitive](): number {
    return TimerHandle.stateOf(this).id;
  }
}

/** What `setImmediate` returns. */
export class Immediate extends TimerHandle {}

/** The current run, if the handle is one of its own. */
function owner(state: TimerState): Run | undefined {
  const run = currentRun();
  return run?.incarnation === state.owner ? run : undefined;
}

/** Makes the operation that fires the handle, in the place of the one before. */
export function arm(run: Run, handle: TimerHandle, state: TimerState): void {
  if (state.number !== undefined) run.drop(state.number);
  // Node fires a timeout after at least one millisecond; an immediate is due now.
  const at = run.host.now() + (state.delay ?? 0);
  const { number } = run.makeOperation<TimerOperation>(
    (n) => ({ type: "timer", number: n, where: state.where.place, at }),
    {
      type: "call",
      fn: fire,
      args: [handle],
    },
  );
  state.number = number;
  if (state.id === 0) state.id = number;
}

/** The job of a timer that is due. */
const fire = runtimeEntry("timers/fire", (handle: TimerHandle): void => {
  const state = TimerHandle.stateOf(handle);
  const run = currentRun()!;
  state.number = undefined;
  run.executing = closureOf(state.callback);
  try {
    const result = Reflect.apply(state.callback, handle, state.args);
    if (!isDurable(state.callback) && !isPure(state.callback)) resultNow(run, state.where, result);
  } finally {
    // Unless the callback has armed it itself. An interval that throws ends the run, as on the platform.
    if (state.repeat && state.number === undefined) arm(run, handle, state);
    run.jobs.ticksFirst();
  }
});

/** Takes the timer back. A handle of another run, or a copy of one inside a step, is left alone. */
export function clear(handle: TimerHandle): void {
  const state = TimerHandle.stateOf(handle);
  const run = owner(state);
  if (run === undefined) return;
  if (state.number !== undefined) run.drop(state.number);
  state.number = undefined;
  // Its own callback may have cleared it.
  state.repeat = false;
}

/** The handle of the current run with this number as a primitive. */
export function handleNumbered(run: Run, id: number): TimerHandle | undefined {
  for (const { target } of run.pending.values()) {
    if (target.type !== "call" || target.fn !== fire) continue;
    const handle = target.args[0] as TimerHandle;
    if (TimerHandle.stateOf(handle).id === id) return handle;
  }
  return undefined;
}

/**
 * Does the run wait for this operation before it is done? Timers that are `unref`ed do not hold it, as that of `AbortSignal.timeout` is, nor does a loop that
 * receives messages beside the function.
 */
export const holdsRun = ({ operation, target }: Pending): boolean =>
  target.type === "call"
    ? target.fn !== fire || TimerHandle.stateOf(target.args[0] as TimerHandle).refed
    : operation.type !== "receive";
