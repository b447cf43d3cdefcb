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
interface Platform {
  process?: { getBuiltinModule?(id: string): Threads | undefined };
  setInterval(run: () => void, ms: number): { unref(): void };
  clearInterval(timer: unknown): void;
}

/** What the thread is given. */
export interface HeartbeatTask {
  readonly worker: string;
  readonly lease: number;
  readonly module: string;
  readonly options: unknown;
  /** One 64-bit integer: when the main thread was last seen, ms since the epoch. */
  readonly seen: SharedArrayBuffer;
}
/** What it says. */
export type HeartbeatNews = { readonly type: "lost" } | { readonly type: "troubled"; readonly error: string };

export function threadHeartbeat({ worker, lease, thread, lost, troubled, failed }: HeartbeatRequest): Heartbeat | null {
  const platform = globalThis as unknown as Platform;
  const threads = platform.process?.getBuiltinModule?.("node:worker_threads");
  if (threads === undefined || thread === undefined) return null;
  const seen = new SharedArrayBuffer(8);
  const clock = new BigInt64Array(seen);
  const touch = () => void Atomics.store(clock, 0, BigInt(Date.now()));
  touch();
  const { module, options } = thread;
  const task: HeartbeatTask = { worker, lease, module, options, seen };
  const beater = new threads.Worker(new URL("./heartbeat-thread.js", import.meta.url), {
    workerData: task,
    name: "perdure heartbeat",
  });
  const timer = platform.setInterval(touch, lease / 3);
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
  beater.on("exit", () => end(() => failed(new Error("it exited"))));
  // The worker's own timers keep the process up for as long as it works.
  beater.unref();
  timer.unref();
  return { stop: () => end(() => beater.postMessage("stop")) };
}
