/** The host that any JavaScript platform gives: its clock, timers and randomness. */
import type { Host } from "./host.ts";

/** What is used of the platform; all of it is in Node, Deno, Bun, browsers and edge workers. */
interface Platform {
  setTimeout(run: () => void, ms: number): unknown;
  clearTimeout(timer: unknown): void;
  setImmediate?(run: () => void): unknown;
  crypto: { getRandomValues(bytes: Uint8Array): Uint8Array };
}

export function platformHost(): Host {
  const platform = globalThis as unknown as Platform;
  return {
    now: () => Date.now(),
    setTimeout: (run, ms) => platform.setTimeout(run, ms),
    clearTimeout: (timer) => platform.clearTimeout(timer),
    // The next turn of the loop: promises that settle and callbacks that are due come first.
    defer: (run) => void (platform.setImmediate ? platform.setImmediate(run) : platform.setTimeout(run, 0)),
    random: (bytes) => platform.crypto.getRandomValues(new Uint8Array(bytes)),
  };
}
