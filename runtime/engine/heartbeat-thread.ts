/** The thread of {@link threadHeartbeat}: renews one worker's lease until it is told to stop, or the lease is lost. */
import type { Store } from "../store/store.ts";
import { BUSY, type HeartbeatNews, type HeartbeatTask, LEAVING, STATE } from "./thread-heartbeat.ts";

interface Port {
  postMessage(news: HeartbeatNews): void;
  on(event: "message", listener: () => void): void;
  /** Deno has it on the thread's global object instead. */
  close?(): void;
}
interface Platform {
  close?(): void;
  process: { getBuiltinModule(id: string): { parentPort: Port; workerData: HeartbeatTask } };
  setTimeout(run: () => void, ms: number): unknown;
  clearTimeout(timer: unknown): void;
}
interface Opener {
  open(options: unknown): Pick<Store, "renew" | "close"> | Promise<Pick<Store, "renew" | "close">>;
}

/** Lease times of silence after which the main thread counts as dead. */
const SILENCE = 10;
const BEATS = 3;
const RETRY = 10;

const platform = globalThis as unknown as Platform;
const { parentPort, workerData } = platform.process.getBuiltinModule("node:worker_threads");
const { worker, lease, module, options, shared } = workerData;
const clock = new BigInt64Array(shared, 0, 1);
const state = new Int32Array(shared, STATE);
const store = await ((await import(module)) as Opener).open(options);

function free(): void {
  Atomics.store(state, BUSY, 0);
  Atomics.notify(state, BUSY);
}

/** Calls the store, unless the process is leaving: then nothing matters any more. */
async function calling<T>(call: () => Promise<T>): Promise<T> {
  Atomics.store(state, BUSY, 1);
  if (Atomics.load(state, LEAVING) === 1) {
    free();
    return new Promise(() => {});
  }
  return call().finally(free);
}

function renewing(): () => void {
  let stopped = false;
  let timer: unknown;
  async function beat(): Promise<void> {
    const now = Date.now();
    let wait = lease / BEATS;
    // Silent for too long: the lease may run out. When the main thread speaks again before it was taken over, it goes on.
    if (now - Number(Atomics.load(clock, 0)) <= lease * SILENCE) {
      try {
        if (!(await calling(() => store.renew(worker, now, now + lease))) && !stopped) {
          parentPort.postMessage({ type: "lost" });
          return stop();
        }
      } catch (error) {
        wait = Math.min(wait, RETRY);
        parentPort.postMessage({ type: "troubled", error: String(error) });
      }
    }
    if (!stopped) timer = platform.setTimeout(() => void beat(), wait);
  }
  function stop(): void {
    stopped = true;
    platform.clearTimeout(timer);
    if (parentPort.close) parentPort.close();
    else platform.close?.();
    void calling(() => store.close());
  }
  void beat();
  return stop;
}

parentPort.on("message", renewing());
