/**
 * Keeps a worker's lease alive: by the host's own thread where it has one, and otherwise by timers of this one, which a busy
 * loop starves. Losing a lease costs work done twice, never safety: commits are fenced.
 */
import type { WorkerId } from "../store/store.ts";
import type { EngineContext } from "./context.ts";
import { after, type Heartbeat } from "./host.ts";
import { engineError } from "./messages.ts";
import { describe } from "./reason.ts";
import { backoff } from "./retry.ts";

/** Renewals per lease: two may fail before it runs out. */
const BEATS = 3;

export function startHeartbeat(context: EngineContext, worker: WorkerId, lease: number, lost: () => void): Heartbeat {
  const { host, store, observe } = context;
  let stopped = false;
  let beating: Heartbeat | null = null;
  const here = (): Heartbeat => beatHere(context, worker, lease, lost);
  const troubled = (error: unknown): void => observe({ type: "store-failed", call: "renew", error });
  const failed = (error: unknown): void => {
    troubled(engineError("PD2511", { worker, error: describe(error) }, error));
    if (!stopped) beating = here();
  };
  try {
    beating = host.heartbeat?.({ worker, lease, thread: store.thread, lost, troubled, failed }) ?? here();
  } catch (error) {
    // A bundle may have no such file, or what stands for its URL (webpack) is none to Node.
    failed(error);
  }
  return {
    stop() {
      stopped = true;
      beating?.stop();
    },
    entered: (run, fn) => beating?.entered?.(run, fn),
    left: () => beating?.left?.(),
  };
}

function beatHere(context: EngineContext, worker: WorkerId, lease: number, lost: () => void): Heartbeat {
  const { host, store, observe } = context;
  let cancel: (() => void) | null = null;
  let failures = 0;
  let stopped = false;
  /** One answer that gets lost must not be the last that is asked for. */
  const inTime = (answer: Promise<boolean>): Promise<boolean> =>
    new Promise((resolve, reject) => {
      const details = { store: store.name, call: "renew", attempts: "1", error: `no answer for ${lease} ms` };
      const disarm = after(host, lease, () => reject(engineError("PD2510", details)));
      answer.then(resolve, reject).finally(disarm);
    });
  const beat = async (): Promise<void> => {
    let held = true;
    try {
      held = await inTime(store.renew(worker, host.now(), host.now() + lease));
      failures = 0;
    } catch (error) {
      failures++;
      observe({ type: "store-failed", call: "renew", error });
    }
    if (stopped) return;
    if (!held) {
      stopped = true;
      return lost();
    }
    cancel = after(host, failures > 0 ? backoff(host, failures) : lease / BEATS, () => void beat());
  };
  void beat();
  return {
    stop() {
      stopped = true;
      cancel?.();
    },
  };
}
