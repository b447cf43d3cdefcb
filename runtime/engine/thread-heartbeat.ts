/**
 * On Node, leases are renewed by a thread of their own, so that a long synchronous computation loses none. The thread opens the
 * store by itself and looks at when the main thread was last seen: one that is silent for ten lease times is taken for dead.
 */
import type { Heartbeat, HeartbeatRequest } from "./host.ts";

/** What is used of `node:worker_threads`, got without an import: this file loads in any host. */
interface Threads {
  Worker: new (file: URL, options: { workerData: HeartbeatTask; name: string }) => Thread;
}
interface Thread {
  on(event: "message", listener: (message: HeartbeatNews) => void): void;
  on(event: "error", listener: (error: unknown) => void): void;
  on(event: "exit", listener: () => void): void;
  postMessage(message: "stop"): void;
  unref(): void;
}
interface Process {
  getBuiltinModule?(id: string): Threads | undefined;
  on?(event: "exit", listener: () => void): void;
  off?(event: "exit", listener: () => void): void;
  getMaxListeners?(): number;
  setMaxListeners?(count: number): void;
}
interface Platform {
  process?: Process;
  setInterval(run: () => void, ms: number): { unref(): void };
  clearInterval(timer: unknown): void;
}

/** What the thread is given. */
export interface HeartbeatTask {
  readonly worker: string;
  readonly lease: number;
  readonly module: string;
  readonly options: unknown;
  /** One 64-bit integer: when the main thread was last seen, ms since the epoch. Four of 32 bits: see {@link BUSY}. Then {@link TURN}. */
  readonly shared: SharedArrayBuffer;
}

/** Is the thread in a call of its store? Is the process leaving, so that none is to begin? */
export const BUSY = 0;
export const LEAVING = 1;
/** Is the main thread in a turn? How many bytes has what stands at {@link TURN}? */
export const IN_TURN = 2;
export const LENGTH = 3;
/** Where these begin, in bytes. */
export const STATE = 8;
/** Where the run and the function of the last turn stand, in UTF-8; cut off where they are longer. */
export const TURN = 24;
const ROOM = 600;
/** For so long a process that leaves waits for such a call, ms; and for one of native code, which a machine under load may keep from opening a file. */
const PATIENCE = 500;
const NATIVE_PATIENCE = 10_000;
/** What it says. */
export type HeartbeatNews = { readonly type: "lost" } | { readonly type: "troubled"; readonly error: string };

export function threadHeartbeat({ worker, lease, thread, lost, troubled, failed }: HeartbeatRequest): Heartbeat | null {
  const platform = globalThis as unknown as Platform;
  const threads = platform.process?.getBuiltinModule?.("node:worker_threads");
  if (threads === undefined || thread === undefined) return null;
  const shared = new SharedArrayBuffer(TURN + ROOM);
  const clock = new BigInt64Array(shared, 0, 1);
  const state = new Int32Array(shared, STATE);
  const touch = () => void Atomics.store(clock, 0, BigInt(Date.now()));
  touch();
  const { module, options, native = false } = thread;
  const task: HeartbeatTask = { worker, lease, module, options, shared };
  // Not in one expression: webpack takes that for an asset, copies the file without what it imports, and then cannot minify it.
  const here = import.meta.url;
  const beater = new threads.Worker(new URL("./heartbeat-thread.js", here), {
    workerData: task,
    name: "perdure heartbeat",
  });
  const timer = platform.setInterval(touch, lease / 3);
  const forgetExit = atExit(platform.process!, () => {
    Atomics.store(state, LEAVING, 1);
    if (Atomics.load(state, BUSY) === 1) Atomics.wait(state, BUSY, 1, native ? NATIVE_PATIENCE : PATIENCE);
  });
  let over = false;
  const end = (tell: () => void): void => {
    if (over) return;
    over = true;
    platform.clearInterval(timer);
    tell();
  };
  beater.on("message", (news) => {
    if (news.type === "lost") end(lost);
    else if (!over) troubled(new Error(news.error));
  });
  beater.on("error", (error) => end(() => failed(error)));
  beater.on("exit", () => {
    forgetExit();
    end(() => failed(new Error("it exited")));
  });
  // The worker's own timers keep the process up for as long as it works.
  beater.unref();
  timer.unref();
  const text = new Uint8Array(shared, TURN);
  const encoder = new TextEncoder();
  let last: string | undefined;
  return {
    stop: () => end(() => beater.postMessage("stop")),
    entered(run, fn) {
      if (run !== last) {
        last = run;
        state[LENGTH] = encoder.encodeInto(`${run} (${fn})`, text).written;
      }
      state[IN_TURN] = 1;
    },
    left() {
      state[IN_TURN] = 0;
    },
  };
}

/**
 * Node ends its threads where they are when a process leaves, and a library of native code that is called in one may then take the whole process down (`libsql`
 * does, while it opens a file). A process may have many workers, so its bound on listeners grows with them.
 */
function atExit(process: Process, leave: () => void): () => void {
  const more = (count: number): void => {
    const bound = process.getMaxListeners?.() ?? 0;
    if (bound > 0) process.setMaxListeners?.(bound + count);
  };
  more(1);
  process.on?.("exit", leave);
  return () => {
    process.off?.("exit", leave);
    more(-1);
  };
}
