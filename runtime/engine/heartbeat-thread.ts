/** The thread of {@link threadHeartbeat}: renews one worker's lease until it is told to stop, or the lease is lost. */
import type { Store } from "../store/store.ts";
import { engineError } from "./messages.ts";
import {
  BUSY,
  type HeartbeatNews,
  type HeartbeatTask,
  IN_TURN,
  LEAVING,
  LENGTH,
  STATE,
  TURN,
} from "./thread-heartbeat.ts";

interface Port {
  postMessage(news: HeartbeatNews): void;
  on(event: "message", listener: () => void): void;
  /** Deno has it on the thread's global object instead. */
  close?(): void;
}
interface Platform {
  close?(): void;
  process: {
    getBuiltinModule(id: "node:worker_threads"): { parentPort: Port; workerData: HeartbeatTask };
    getBuiltinModule(id: "node:fs"): { writeSync(file: number, text: string): void };
  };
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
/** Silence of the main thread that is told, ms: a lease time, but for leases that are shorter than this. */
const SHORTEST_TOLD = 5_000;
/** A beat that comes so much later than it was to, ms, says that this thread did not run either. */
const LATE = 1_000;

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

/** One answer that gets lost must not be the last that is asked for. */
function inTime(answer: Promise<boolean>): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const timer = platform.setTimeout(() => reject(new Error(`no answer for ${lease} ms`)), lease);
    answer.then(resolve, reject).finally(() => platform.clearTimeout(timer));
  });
}

/** Where the main thread has been since. It cannot say so itself, nor print what this one would hand to it. */
function tell(silence: number): void {
  const text = new Uint8Array(shared, TURN, state[LENGTH]).slice();
  const turn = new TextDecoder().decode(text);
  const where = state[IN_TURN] === 1 ? `a turn of the run ${turn}` : "a step, or other code of the process";
  const error = engineError("PD2521", { seconds: String(Math.round(silence / 1000)), where });
  platform.process.getBuiltinModule("node:fs").writeSync(2, `${error}\n`);
}

function renewing(): () => void {
  let stopped = false;
  let isTold = false;
  let timer: unknown;
  let due = Date.now();
  /** Since when this thread itself has been running: the process may have been stopped, the machine asleep, the clock set. */
  let awake = due;
  async function beat(): Promise<void> {
    const now = Date.now();
    let wait = lease / BEATS;
    const seen = Number(Atomics.load(clock, 0));
    const silence = now - seen;
    if (now - due > LATE) awake = now;
    const since = now - Math.max(seen, awake);
    if (since <= Math.max(lease, SHORTEST_TOLD)) isTold = false;
    else if (!isTold) {
      isTold = true;
      tell(since);
    }
    // Silent for too long: the lease may run out. When the main thread speaks again before it was taken over, it goes on.
    if (silence <= lease * SILENCE) {
      try {
        if (!(await inTime(calling(() => store.renew(worker, now, now + lease)))) && !stopped) {
          parentPort.postMessage({ type: "lost" });
          return stop();
        }
      } catch (error) {
        wait = Math.min(wait, RETRY);
        parentPort.postMessage({ type: "troubled", error: String(error) });
      }
    }
    if (stopped) return;
    due = Date.now() + wait;
    timer = platform.setTimeout(() => void beat(), wait);
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
