/**
 * `perdure/timers`: the `setTimeout` family as durable code has it, also in place of `node:timers`. In a run they are durable timers of any length;
 * outside a run, and inside a step, the platform's, of any length too.
 */
import { currentRun } from "../current-run.ts";
import { runtimeEntry } from "../operations/runtime-entry.ts";
import { here } from "../operations/site.ts";
import type { Written } from "../operations/step-call.ts";
import type { Run } from "../run.ts";
import { LONGEST, LongTimeout, type PlatformHandle, platformTimeout } from "./long-timeout.ts";
import { arm, clear, handleNumbered, Immediate, Timeout, TimerHandle, type TimerState } from "./timer-handle.ts";

type Callback = (...args: any[]) => void;

/** What Node throws for a callback that is none. */
export function callback(value: unknown): Callback {
  if (typeof value === "function") return value as Callback;
  const shown = value === undefined || value === null ? String(value) : `type ${typeof value}`;
  const refused = new TypeError(`The "callback" argument must be of type function. Received ${shown}`);
  throw Object.assign(refused, { code: "ERR_INVALID_ARG_TYPE" });
}

/** Node's coercion: less than 1 and NaN are 1 ms. The upper limit of the platform is not ours. */
export function delayOf(value: unknown): number {
  const delay = Number(value);
  return delay >= 1 ? Math.trunc(Math.min(delay, Number.MAX_SAFE_INTEGER / 2)) : 1;
}

function schedule<H extends TimerHandle>(
  run: Run,
  make: new (state: TimerState) => H,
  what: string,
  kind: Pick<TimerState, "callback" | "args" | "delay" | "repeat">,
): H {
  const where: Written = here(run, what);
  const state: TimerState = { owner: run.incarnation, ...kind, where, number: undefined, id: 0, refed: true };
  const handle = new make(state);
  arm(run, handle, state);
  return handle;
}

/** `setTimeout`: in a run a durable timer. It fires once, with no process needed in between. */
export const setTimeout = runtimeEntry(
  "setTimeout",
  function setTimeout(fn: Callback, delay?: number, ...args: unknown[]): Timeout | LongTimeout | PlatformHandle {
    const run = currentRun();
    if (run === undefined) {
      // Node's own errors and coercions, except for what is too long for it.
      if (!(Number(delay) > LONGEST)) return globalThis.setTimeout(fn, delay, ...args);
      return platformTimeout(() => callback(fn)(...args), delayOf(delay));
    }
    return schedule(run, Timeout, "setTimeout", { callback: callback(fn), args, delay: delayOf(delay), repeat: false });
  },
);

/** `setInterval`: in a run, each period begins when the callback has returned, as in Node. */
export const setInterval = runtimeEntry(
  "setInterval",
  function setInterval(fn: Callback, delay?: number, ...args: unknown[]): Timeout | PlatformHandle {
    const run = currentRun();
    if (run === undefined) return globalThis.setInterval(fn, delay, ...args);
    return schedule(run, Timeout, "setInterval", { callback: callback(fn), args, delay: delayOf(delay), repeat: true });
  },
);

/** `setImmediate`: in a run, once the jobs and the events at hand are done. */
export const setImmediate = runtimeEntry("setImmediate", function setImmediate(fn: Callback, ...args: unknown[]):
  | Immediate
  | NodeJS.Immediate {
  const run = currentRun();
  if (run === undefined) return globalThis.setImmediate(fn, ...args);
  return schedule(run, Immediate, "setImmediate", { callback: callback(fn), args, delay: null, repeat: false });
});

type Handle = TimerHandle | LongTimeout | PlatformHandle | NodeJS.Immediate | number | string | null | undefined;

/** Handles of the run, of the platform, and numbers; everything else is passed over, as Node does. */
function clearAny(handle: Handle, platform: (handle: never) => void): void {
  const own = ownHandle(handle);
  if (own !== undefined) clear(own);
  else if (handle instanceof LongTimeout) handle.close();
  // A number that no timer of the run has is none of the platform's either.
  else if (currentRun() === undefined || typeof handle === "object") platform(handle as never);
}

/** The timer of a run that a handle is, or stands for as a primitive. */
function ownHandle(handle: Handle): TimerHandle | undefined {
  if (TimerHandle.is(handle)) return handle;
  const run = currentRun();
  const primitive = typeof handle === "number" || typeof handle === "string";
  return run !== undefined && primitive ? handleNumbered(run, Number(handle)) : undefined;
}

export const clearTimeout = runtimeEntry("clearTimeout", function clearTimeout(handle?: Handle): void {
  clearAny(handle, (platform) => globalThis.clearTimeout(platform));
});

export const clearInterval = runtimeEntry("clearInterval", function clearInterval(handle?: Handle): void {
  clearAny(handle, (platform) => globalThis.clearInterval(platform));
});

export const clearImmediate = runtimeEntry("clearImmediate", function clearImmediate(handle?: Handle): void {
  clearAny(handle, (platform) => globalThis.clearImmediate(platform));
});
