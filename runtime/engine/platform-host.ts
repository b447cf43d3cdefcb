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
  process?: { getBuiltinModule?(id: string): { types?: Readonly<Record<string, Brand>> } | undefined };
}

type Brand = (value: unknown) => boolean;

/** What only the platform can tell of an object. */
export interface Brands {
  readonly isProxy?: (value: object) => boolean;
  readonly hasSlots?: (value: object) => boolean;
}

const SLOTS = [
  ...["isMap", "isSet", "isAnyArrayBuffer", "isPromise", "isWeakMap", "isWeakSet", "isDate", "isRegExp"],
  ...["isNativeError", "isBoxedPrimitive", "isGeneratorObject", "isMapIterator", "isSetIterator", "isArgumentsObject"],
];

/** Each of the tests is a look at one word of the object. */
export function brandsOf(types: Readonly<Record<string, Brand>> | undefined): Brands {
  if (types?.isProxy === undefined) return {};
  const tests = SLOTS.flatMap((name) => types[name] ?? []);
  return {
    isProxy: types.isProxy,
    hasSlots: (value) => ArrayBuffer.isView(value) || tests.some((test) => test(value)),
  };
}

export function platformHost(): Host & Brands {
  const platform = globalThis as unknown as Platform;
  return {
    ...brandsOf(platform.process?.getBuiltinModule?.("node:util")?.types),
    heartbeat: threadHeartbeat,
    now: () => Date.now(),
    setTimeout: (run, ms) => platform.setTimeout(run, ms),
    clearTimeout: (timer) => platform.clearTimeout(timer),
    // The next turn of the loop: promises that settle and callbacks that are due come first.
    defer: (run) => void (platform.setImmediate ? platform.setImmediate(run) : platform.setTimeout(run, 0)),
    random: (bytes) => platform.crypto.getRandomValues(new Uint8Array(bytes)),
  };
}
