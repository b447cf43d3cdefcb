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

/** Bytes that are asked for at once: a call of the platform costs as much for one as for thousands. */
const POOL = 4096;

/** Random bytes by the pool. None is given twice, and those that were given are not kept. */
function drawn(fill: (bytes: Uint8Array) => Uint8Array): (bytes: number) => Uint8Array {
  const pool = new Uint8Array(POOL);
  let at = POOL;
  return (bytes) => {
    if (bytes > POOL) return fill(new Uint8Array(bytes));
    if (at + bytes > POOL) {
      fill(pool);
      at = 0;
    }
    const given = pool.slice(at, at + bytes);
    pool.fill(0, at, (at += bytes));
    return given;
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
    release: (timer) => (timer as { unref?(): void }).unref?.(),
    // The next turn of the loop: promises that settle and callbacks that are due come first.
    defer: (run) => void (platform.setImmediate ? platform.setImmediate(run) : platform.setTimeout(run, 0)),
    random: drawn((bytes) => platform.crypto.getRandomValues(bytes)),
  };
}
