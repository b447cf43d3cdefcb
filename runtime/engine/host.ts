/** Everything impure that the engine uses. The simulator puts its own in place, and so owns time, order and crashes. */
import type { RunId, StoreThread, WorkerId } from "../store/store.ts";
import type { Failpoint } from "./failpoints.ts";

export { ENGINE_FAILPOINTS, type Failpoint } from "./failpoints.ts";

export interface Host {
  /** Milliseconds since the epoch. Decides when something is tried, never whether it is right. */
  now(): number;
  setTimeout(run: () => void, ms: number): unknown;
  clearTimeout(timer: unknown): void;
  /** The process need not stay up for this timer. Absent: no timer keeps it up. */
  release?(timer: unknown): void;
  /** Calls `run` after everything that is already due, so that one commit takes all events that have settled. */
  defer(run: () => void): void;
  /** Fresh random bytes, fit for secrets. */
  random(bytes: number): Uint8Array;
  /** Called at each {@link Failpoint}; whatever it does, it must not throw. */
  readonly failpoint?: (point: Failpoint, run: RunId | null) => void;
  /** Wake-ups between engines that share a store. Hints: all may be lost, late or repeated. */
  readonly hints?: Hints;
  /** Renews a worker's lease from outside this thread. Absent, or null for this store: the worker renews with timers of its own. */
  readonly heartbeat?: (request: HeartbeatRequest) => Heartbeat | null;
}

/** `due`: it was created, got mail or was revived, so a worker may want it. `known`: there is news for those who wait for it. */
export type Hint = "due" | "known";

export interface Hints {
  /** Something may have changed for this run. */
  publish(run: RunId, hint: Hint): void;
  /** Returns what ends the subscription. */
  subscribe(listener: (run: RunId, hint: Hint) => void): () => void;
}

export interface HeartbeatRequest {
  readonly worker: WorkerId;
  /** Length of the lease, ms. */
  readonly lease: number;
  /** How another thread opens the store; see `Store.thread`. */
  readonly thread: StoreThread | undefined;
  /** The store says that the lease ran out and was taken over. */
  readonly lost: () => void;
  /** A renewal failed and is tried again. */
  readonly troubled: (error: unknown) => void;
  /** There will be no more renewals from there. */
  readonly failed: (error: unknown) => void;
}

export interface Heartbeat {
  stop(): void;
  /** A turn of that run begins, and has ended: what a thread that never comes back was doing can be told. */
  entered?(run: RunId, fn: string): void;
  left?(): void;
}

/** Longest wait that a platform timer takes in one piece. */
const LONGEST = 2 ** 31 - 1;

/** A timer of any length, on timers that overflow after 24.8 days. Returns what cancels it. `holds`: does the process stay up for it? */
export function after(host: Host, ms: number, run: () => void, holds = true): () => void {
  let timer: unknown;
  const end = host.now() + ms;
  const arm = () => {
    const left = Math.max(0, end - host.now());
    timer = host.setTimeout(left > LONGEST ? arm : run, Math.min(left, LONGEST));
    if (!holds) host.release?.(timer);
  };
  arm();
  return () => host.clearTimeout(timer);
}

export const hex = (bytes: Uint8Array): string => {
  let text = "";
  for (const byte of bytes) text += (byte + 256).toString(16).slice(1);
  return text;
};

/** A fresh 128-bit id: incarnations, workers, commits. */
export const freshId = (host: Host): string => hex(host.random(16));

/** A number in [0, 1) for jitter. */
export const chance = (host: Host): number => {
  const bytes = host.random(4);
  return (bytes[0]! + bytes[1]! * 2 ** 8 + bytes[2]! * 2 ** 16 + bytes[3]! * 2 ** 24) / 2 ** 32;
};
