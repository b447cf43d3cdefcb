/** What a cancel does to the operations of a run. It is an event: applied once, at the start of a turn. */
import type { ChildOperation } from "../contract.ts";
import { TimerHandle } from "../platform/timer-handle.ts";
import type { Run } from "../run.ts";
import { closureOf } from "../stamp.ts";
import { CancelledError } from "./cancelled.ts";

/**
 * Rejects the promises of all pending operations with {@link CancelledError}, in the order in which they were made: the frames that wait for them are the
 * leaves, so `finally` blocks run from the inside out. Steps under way are aborted by the engine once their operation is gone. A child run is told, and
 * its operation stays until it has ended. Timers with callbacks are cleared.
 */
export function cancelOperations(run: Run, reason: string | null): void {
  for (const pending of [...run.pending.values()]) {
    const { operation, target } = pending;
    if (operation.type === "child") {
      pending.operation = { ...operation, cancelling: { reason } } satisfies ChildOperation;
    } else if (target.type === "promise") {
      run.settle(operation.number, { status: "rejected", value: new CancelledError(reason) });
    } else {
      run.drop(operation.number);
      const waiting = promiseOf(target.args[0]);
      if (waiting !== undefined) run.reject(waiting, new CancelledError(reason));
    }
  }
}

/** `new Promise(resolve => setTimeout(resolve, …))`: the promise that the timer would have fulfilled. */
function promiseOf(handle: unknown): Promise<unknown> | undefined {
  if (!TimerHandle.is(handle)) return undefined;
  const callback = closureOf(TimerHandle.stateOf(handle).callback);
  return callback?.code.id === "perdure#Promise/resolve" ? (callback.captured[0] as Promise<unknown>) : undefined;
}
