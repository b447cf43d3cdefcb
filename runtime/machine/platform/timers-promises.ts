/**
 * `perdure/timers-promises`: stands in for `node:timers/promises` in durable code. In a run its promises are durable; outside a run, and inside a
 * step, it does what Node's own does, for delays of any length.
 */
import type { TimerOperation } from "../contract.ts";
import { currentRun, NativePromise } from "../current-run.ts";
import { callError as error } from "../operations/messages.ts";
import { runtimeEntry } from "../operations/runtime-entry.ts";
import { here } from "../operations/site.ts";
import { printPlace, type Run } from "../run.ts";
import { runtimeFunction } from "../runtime-code.ts";
import { abortError, checkSignal } from "./abort.ts";
import { type AbortEvent, DurableAbortSignal } from "./abort-signal.ts";
import { type LongTimeout, type PlatformHandle, platformTimeout } from "./long-timeout.ts";
import { clearTimeout, delayOf } from "./timers.ts";

/** Options of the promise timers. `ref` is the platform's; in a run an awaited timer always holds the run. */
export interface TimerOptions {
  readonly ref?: boolean;
  readonly signal?: AbortSignal;
}

/** `async`: bad options reject, as in Node. */
async function outsideRun<T>(delay: number, value: T, { ref = true, signal }: TimerOptions): Promise<T> {
  checkSignal(signal);
  if (signal?.aborted) throw abortError(signal);
  let timer: PlatformHandle | LongTimeout | undefined;
  let stop = () => {};
  try {
    return await new NativePromise<T>((resolve, reject) => {
      timer = platformTimeout(() => resolve(value), delay);
      if (!ref) (timer as { unref?(): void }).unref?.();
      stop = () => reject(abortError(signal!));
      signal?.addEventListener("abort", stop, { once: true });
    });
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener("abort", stop);
  }
}

function insideRun<T>(run: Run, what: string, delay: number, value: T, { signal }: TimerOptions): Promise<T> {
  const { place } = here(run, what);
  const promise = run.newPromise();
  try {
    checkSignal(signal);
  } catch (thrown) {
    run.reject(promise, thrown);
    return promise as Promise<T>;
  }
  if (signal?.aborted) {
    run.reject(promise, abortError(signal));
    return promise as Promise<T>;
  }
  const { number } = run.makeOperation<TimerOperation>(
    (n) => ({ type: "timer", number: n, where: place, at: run.host.now() + delay }),
    { type: "promise", promise },
    value,
  );
  if (DurableAbortSignal.is(signal)) signal.addEventListener("abort", rejectTimer(number), { once: true });
  else signal?.addEventListener("abort", () => aborted(run, number, signal, what, printPlace(place)), { once: true });
  return promise as Promise<T>;
}

/** The listener on a signal of the run: saved with it. */
const rejectTimer = runtimeFunction("timers/promises/abort", 1, (number: number) => (event: AbortEvent): void => {
  currentRun()!.settle(number, { status: "rejected", value: abortError(event.target) });
});

/**
 * The listener is volatile, and so is the signal: a platform signal that is still reachable at a save is refused there. Aborted by durable code it rejects the
 * promise at once; aborted by the platform, between turns, it would change the run outside any turn.
 */
function aborted(run: Run, number: number, signal: AbortSignal, what: string, place: string): void {
  if (!run.pending.has(number)) return;
  if (currentRun() === run) run.settle(number, { status: "rejected", value: abortError(signal) });
  else run.breakOutside(error("PD2211", { what, place }));
}

/** Fulfilled with `value` after `delay` ms. */
export const setTimeout = runtimeEntry("timers/promises/setTimeout", function setTimeout<
  T = void,
>(delay?: number, value?: T, options: TimerOptions = {}): Promise<T> {
  const run = currentRun();
  const ms = delayOf(delay);
  return run === undefined
    ? outsideRun(ms, value as T, options)
    : insideRun(run, "setTimeout", ms, value as T, options);
});

/** Fulfilled with `value` once the jobs and events at hand are done. */
export const setImmediate = runtimeEntry("timers/promises/setImmediate", function setImmediate<
  T = void,
>(value?: T, options: TimerOptions = {}): Promise<T> {
  const run = currentRun();
  if (run !== undefined) return insideRun(run, "setImmediate", 0, value as T, options);
  return outsideImmediate(value as T, options);
});

async function outsideImmediate<T>(value: T, { signal }: TimerOptions): Promise<T> {
  checkSignal(signal);
  if (signal?.aborted) throw abortError(signal);
  return await new NativePromise<T>((resolve, reject) => {
    const stop = () => {
      globalThis.clearImmediate(immediate);
      reject(abortError(signal!));
    };
    const immediate = globalThis.setImmediate(() => {
      signal?.removeEventListener("abort", stop);
      resolve(value);
    });
    signal?.addEventListener("abort", stop, { once: true });
  });
}

/** Node's async iterator of ticks; refused in a run (PD2206), where its queue could not be saved. */
export const setInterval = runtimeEntry("timers/promises/setInterval", function setInterval<
  T = void,
>(delay?: number, value?: T, options: TimerOptions = {}): AsyncIterable<T> {
  const run = currentRun();
  if (run !== undefined) {
    const { place } = here(run, "setInterval");
    return run.fail(error("PD2206", { what: "setInterval of node:timers/promises", place: printPlace(place) }));
  }
  const host = globalThis as { process?: { getBuiltinModule?(id: string): unknown } };
  const native = host.process?.getBuiltinModule?.("node:timers/promises") as
    | { setInterval: typeof setInterval }
    | undefined;
  if (native === undefined)
    throw error("PD2206", { what: "setInterval of node:timers/promises", place: "this platform" });
  return native.setInterval(delay, value, options);
});

/** The scheduler of `node:timers/promises`. */
export const scheduler = Object.freeze({
  /** As `setTimeout(delay, undefined, options)`. */
  wait: runtimeEntry(
    "timers/promises/scheduler.wait",
    (delay: number, options?: TimerOptions): Promise<void> => setTimeout<void>(delay, undefined, options),
  ),
  /** As `setImmediate()`. */
  yield: runtimeEntry("timers/promises/scheduler.yield", (): Promise<void> => setImmediate<void>()),
});
