/** `$.AbortController` and `$.AbortSignal`: durable in a run, the platform's outside. */
import { currentRun } from "../current-run.ts";
import { callError as error } from "../operations/messages.ts";
import { runtimeEntry } from "../operations/runtime-entry.ts";
import { here } from "../operations/site.ts";
import { printPlace, type Run } from "../run.ts";
import { abortSignal, DurableAbortController, DurableAbortSignal, newSignal } from "./abort-signal.ts";
import type { Timeout } from "./timer-handle.ts";
import { setTimeout } from "./timers.ts";

type AnySignal = DurableAbortSignal | globalThis.AbortSignal;

const isPlatformSignal = (value: unknown): value is globalThis.AbortSignal =>
  typeof globalThis.AbortSignal === "function" && value instanceof globalThis.AbortSignal;

function controllerFunction(this: unknown): DurableAbortController | globalThis.AbortController {
  if (new.target === undefined)
    throw new TypeError("Class constructor AbortController cannot be invoked without 'new'");
  const run = currentRun();
  return run === undefined ? new globalThis.AbortController() : new DurableAbortController(newSignal(run));
}

function signalFunction(): never {
  throw Object.assign(new TypeError("Illegal constructor"), { code: "ERR_ILLEGAL_CONSTRUCTOR" });
}

const named = <F extends Function>(fn: F, name: string): F => Object.defineProperty(fn, "name", { value: name });

const instanceOf = (fn: Function, test: (value: unknown) => boolean): void => {
  Object.defineProperty(fn, Symbol.hasInstance, { value: test, configurable: true });
};

/** Instances say by `constructor` what durable code calls their class. */
function withPrototype<F extends Function>(fn: F, prototype: object): F {
  Object.defineProperty(prototype, "constructor", { value: fn, writable: true, configurable: true });
  return Object.defineProperty(fn, "prototype", { value: prototype, writable: false });
}

export const AbortController = runtimeEntry(
  "AbortController",
  withPrototype(named(controllerFunction, "AbortController"), DurableAbortController.prototype),
) as unknown as typeof globalThis.AbortController;
instanceOf(
  AbortController,
  (value) =>
    DurableAbortController.is(value) ||
    (typeof globalThis.AbortController === "function" && value instanceof globalThis.AbortController),
);

export const AbortSignal = runtimeEntry(
  "AbortSignal",
  withPrototype(named(signalFunction, "AbortSignal"), DurableAbortSignal.prototype),
) as unknown as typeof globalThis.AbortSignal;
instanceOf(AbortSignal, (value) => DurableAbortSignal.is(value) || isPlatformSignal(value));

/** `AbortSignal.timeout`: as the platform's own, it does not hold the run. */
const timeoutDue = runtimeEntry("AbortSignal/timeoutDue", (signal: DurableAbortSignal): void => {
  abortSignal(signal, new DOMException("The operation was aborted due to timeout", "TimeoutError"));
});

const statics = {
  abort(reason?: unknown): AnySignal {
    const run = currentRun();
    if (run === undefined) return globalThis.AbortSignal.abort(reason);
    const signal = newSignal(run);
    abortSignal(signal, reason);
    return signal;
  },

  timeout(delay: number): AnySignal {
    const run = currentRun();
    if (run === undefined) return globalThis.AbortSignal.timeout(delay);
    const signal = newSignal(run);
    (setTimeout(timeoutDue, delay, signal) as Timeout).unref();
    return signal;
  },

  any(signals: Iterable<AnySignal>): AnySignal {
    const run = currentRun();
    if (run === undefined) return globalThis.AbortSignal.any([...signals] as globalThis.AbortSignal[]);
    const signal = newSignal(run);
    for (const source of signals) {
      if (source.aborted) abortSignal(signal, source.reason);
      else if (DurableAbortSignal.is(source)) DurableAbortSignal.stateOf(source).dependents.push(signal);
      else follow(run, source, signal);
    }
    return signal;
  },
};

for (const [name, fn] of Object.entries(statics)) {
  Object.defineProperty(AbortSignal, name, {
    value: runtimeEntry(`AbortSignal.${name}`, fn),
    writable: true,
    configurable: true,
  });
}

/** A signal of the platform is volatile, and is refused by a save that reaches it. It may abort in a turn only. */
function follow(run: Run, source: globalThis.AbortSignal, signal: DurableAbortSignal): void {
  const { place } = here(run, "AbortSignal.any");
  const listener = () => {
    if (currentRun() === run) abortSignal(signal, source.reason);
    else run.breakOutside(error("PD2211", { what: "AbortSignal.any", place: printPlace(place) }));
  };
  source.addEventListener("abort", listener, { once: true });
}
