/** The host that any JavaScript platform gives: its clock, timers and randomness. */
import type { Host } from "./host.ts";
import { threadHeartbeat } from "./thread-heartbeat.ts";

/** What is used of the platform; all of it is in Node, Deno, Bun, browsers and edge workers. */
interface Platform {
  setTimeout(run: () => void, ms: number): unknown;
  clearTimeout(timer: unknown): void;
  setImmediate?(run: () => void): unknown;
  crypto: { getRandomValues(bytes: Uint8Array): Uint8Array };
  /** Node 20.16 and 22.3: needs no import, so this file loads in any host. */
  process?: { getBuiltinModule?(id: string): { types?: { isProxy?(value: unknown): boolean } } | undefined };
}

export function platformHost(): Host & { readonly isProxy?: (value: object) => boolean } {
  const platform = globalThis as unknown as Platform;
  const isProxy = platform.process?.getBuiltinModule?.("node:util")?.types?.isProxy;
  return {
    ...(isProxy && { isProxy }),
    heartbeat: threadHeartbeat,
    now: () => Date.now(),
    setTimeout: (run, ms) => platform.setTimeout(run, ms),
    clearTimeout: (timer) => platform.clearTimeout(timer),
    // The next turn of the loop: promises that settle and callbacks that are due come first.
    defer: (run) => void (platform.setImmediate ? platform.setImmediate(run) : platform.setTimeout(run, 0)),
    random: (bytes) => platform.crypto.getRandomValues(new Uint8Array(bytes)),
  };
}
