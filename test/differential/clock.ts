/** Puts the platform's timers and `Date.now` on a world's virtual clock while a program runs outside a run. */
import type { Entry, PlainWorld } from "./world.ts";

const real = { setTimeout, clearTimeout, setInterval, clearInterval, now: Date.now };

/** Resolves when every promise job that can run has run: a macrotask of the real platform. */
export const quiescence = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** What Node's setTimeout makes of a delay. */
const delayOf = (ms: unknown): number => {
  const number = Number(ms ?? 1);
  return number >= 1 ? Math.trunc(number) : 1;
};

export function installClock(world: PlainWorld): () => void {
  const timers = new Map<number, Entry>();
  let handles = 0;
  const arm = (handle: number, ms: number, fire: () => void): void => {
    timers.set(handle, world.at(ms, fire));
  };
  const clear = (handle: unknown): void => {
    const entry = timers.get(Number(handle));
    if (entry !== undefined) world.script.entries.delete(entry);
    timers.delete(Number(handle));
  };
  const start =
    (repeat: boolean) =>
    (callback: (...args: unknown[]) => void, ms?: unknown, ...args: unknown[]) => {
      const handle = ++handles;
      const delay = delayOf(ms);
      const fire = (): void => {
        if (repeat) arm(handle, delay, fire);
        callback(...args);
      };
      arm(handle, delay, fire);
      return { [Symbol.toPrimitive]: () => handle, ref() {}, unref() {}, hasRef: () => true };
    };
  const target = globalThis as any;
  Object.assign(target, {
    setTimeout: start(false),
    setInterval: start(true),
    clearTimeout: clear,
    clearInterval: clear,
  });
  Date.now = () => world.script.now;
  return () => {
    const { now, ...rest } = real;
    Object.assign(target, rest);
    Date.now = now;
  };
}

/** In a run, no platform timer may be started: its callback would be lost by a save. */
export function forbidTimers(now: () => number): () => void {
  const target = globalThis as any;
  for (const name of ["setTimeout", "setInterval"]) {
    target[name] = () => {
      throw new Error(`the platform's ${name} was called in a run`);
    };
  }
  Date.now = now;
  return () => {
    Object.assign(target, { setTimeout: real.setTimeout, setInterval: real.setInterval });
    Date.now = real.now;
  };
}
