/** What can be set on an engine and its workers, with defaults. Times are ms, or texts as `"30s"`. */
import { type Duration, milliseconds } from "../machine/operations/duration.ts";
import { checkOptions, numberFrom, oneOf, signal, type Wanted, wholeNumber } from "../options/check.ts";
import type { RunId, StoredStatus, WorkerId } from "../store/store.ts";

export interface WorkOptions {
  /**
   * `"stopped"` (default): works until it is stopped. `"idle"`: also ends once nothing is due and no run that it holds waits for a step, for processes that
   * are called now and then (a Lambda, a cron job). It sweeps once, and by default gives runs that wait back at once.
   */
  readonly until?: "stopped" | "idle";
  /** Runs held in memory at once. Default 256. */
  readonly concurrency?: number;
  /**
   * Bytes of runs held in memory at once, as they were last encoded (as objects they take several times that); while there are more, nothing is
   * claimed and runs that wait are given back. What is claimed before its size is known may exceed it. Default 64 MiB.
   */
  readonly memory?: number;
  /** Length of the worker's lease: how long after its death others take over. Renewed three times in that period. Default 10 s. */
  readonly lease?: Duration;
  /** How often a worker looks for due runs and mail when no hint tells it to. Default 1 s. */
  readonly poll?: Duration;
  /** How long a run that waits without steps stays in memory before it is given back to the store. Default 1 s. */
  readonly linger?: Duration;
  /** How long `stop` lets running steps settle before it gives their runs back. Default 5 s. */
  readonly grace?: Duration;
  /** Losses of the worker, in a row and while it drove the run alone, that quarantine a run. Default 5. */
  readonly strikes?: number;
  /**
   * What becomes of a run whose function throws. `"end"` (default): it has failed, for good. `"block"`: it stays as it was before the turn that threw, *blocked* with
   * PD2522, and `engine.run(id).retry()` goes on from there: the step that failed is tried again, with the ordinary code that is linked by then. A child run
   * ends either way, since its error is for the run that started it.
   */
  readonly onFailure?: "end" | "block";
  /** How long a suspect is first driven alone before it is cleared; four times as long each time it comes back without progress. Default 100 ms. */
  readonly probation?: Duration;
  /** How often a worker sweeps: outgoing mail that its sender left behind, blocked runs whose cause is mended, tombstones. Default 30 s. */
  readonly sweep?: Duration;
  /** How long the tombstone of an ended run is kept; `Infinity`: for ever. Default 7 days. */
  readonly retention?: Duration;
  /** A new base is written when the deltas since the last one exceed this many bytes and two and a half times the size of that base … Default 64 KiB. */
  readonly compactBytes?: number;
  /** … or this number. Default 1000. */
  readonly compactDeltas?: number;
  /** Stops the worker, as `engine.stop()` does. */
  readonly signal?: AbortSignal;
}

type Times = "lease" | "poll" | "linger" | "grace" | "probation" | "sweep" | "retention";
export type WorkSettings = Required<Omit<WorkOptions, "signal" | Times>> & { readonly [time in Times]: number };

const DAY = 86_400_000;

/** @internal */
export const duration = (least: number): Wanted => ({
  wanted: `a duration${least === 0 ? "" : " of a millisecond or more"}: milliseconds, or a text as "30s"`,
  fits: (value) => {
    try {
      return milliseconds(value as Duration) >= least;
    } catch {
      return false;
    }
  },
});
const retention: Wanted = {
  wanted: `${duration(0).wanted}; Infinity: for ever`,
  fits: (value) => value === Number.POSITIVE_INFINITY || duration(0).fits(value),
};

const WORK: { readonly [option in keyof WorkOptions]-?: Wanted } = {
  until: oneOf("stopped", "idle"),
  concurrency: wholeNumber(1),
  memory: numberFrom(1),
  lease: duration(1),
  poll: duration(1),
  linger: duration(0),
  grace: duration(0),
  strikes: numberFrom(1),
  onFailure: oneOf("end", "block"),
  probation: duration(0),
  sweep: duration(1),
  retention,
  compactBytes: numberFrom(0),
  compactDeltas: numberFrom(1),
  signal,
};

/** Throws PD2516 and PD2517. */
export const checkWorkOptions = (options: unknown): void => checkOptions("engine.work", options, WORK);

const ms = (time: Duration | undefined, usual: number): number =>
  time === undefined ? usual : time === Number.POSITIVE_INFINITY ? time : milliseconds(time);

export const workSettings = (options: WorkOptions): WorkSettings => ({
  concurrency: options.concurrency ?? 256,
  memory: options.memory ?? 64 * 1024 * 1024,
  lease: ms(options.lease, 10_000),
  poll: ms(options.poll, 1_000),
  until: options.until ?? "stopped",
  linger: ms(options.linger, options.until === "idle" ? 0 : 1_000),
  grace: ms(options.grace, 5_000),
  strikes: options.strikes ?? 5,
  onFailure: options.onFailure ?? "end",
  probation: ms(options.probation, 100),
  sweep: ms(options.sweep, 30_000),
  retention: ms(options.retention, 7 * DAY),
  compactBytes: options.compactBytes ?? 64 * 1024,
  compactDeltas: options.compactDeltas ?? 1000,
});

/** What an engine tells whoever observes it: for logs, metrics and tests. Nothing depends on it. */
export type EngineEvent =
  | {
      readonly type: "claimed";
      readonly worker: WorkerId;
      readonly run: RunId;
      readonly epoch: number;
      readonly suspect: boolean;
    }
  | {
      readonly type: "committed";
      readonly run: RunId;
      readonly epoch: number;
      readonly position: number;
      readonly status: StoredStatus;
    }
  | { readonly type: "issued"; readonly run: RunId; readonly operation: number; readonly text: string }
  | { readonly type: "compacted"; readonly run: RunId; readonly position: number }
  | { readonly type: "released"; readonly run: RunId; readonly status: StoredStatus }
  /** Another worker has the run, or will: this one wrote nothing more and let go. */
  | { readonly type: "lost"; readonly run: RunId; readonly epoch: number; readonly why: "fenced" | "lease" | "stopped" }
  | {
      readonly type: "stopped-run";
      readonly run: RunId;
      /** Code id of the durable function that was started, `src/orders.ts#checkout`. */
      readonly function: string;
      readonly status: "stuck" | "blocked" | "quarantined";
      readonly error: Error;
    }
  /**
   * The run's function has thrown, and that is committed: `result()` rejects with the error. Awaited: somebody waits for that in this process, or another run
   * has started this one and gets it.
   */
  | {
      readonly type: "failed-run";
      readonly run: RunId;
      readonly function: string;
      readonly error: unknown;
      readonly isAwaited: boolean;
    }
  /**
   * A run stands in code which is linked here in another version: told of those whose result is waited for, and of some others when a worker starts and with its
   * sweeps, as long as it lasts. Or in code which is not linked here at all, and no other worker has taken it for five seconds in which it was due.
   */
  | { readonly type: "parked"; readonly run: RunId; readonly error: Error }
  /** Somebody in this process waits for the result of a run that has been due for five seconds, no worker has taken it, and this engine has none. */
  | { readonly type: "unclaimed"; readonly run: RunId; readonly function: string; readonly error: Error }
  /** A step that has been under way for five seconds keeps a function, or something else that no save can hold, in its own copy of what it was given. */
  | { readonly type: "waiting-step"; readonly run: RunId; readonly operation: number; readonly error: Error }
  /** The `dispose` of a resource threw; the value is let go of all the same. */
  | { readonly type: "dispose-failed"; readonly run: RunId; readonly error: unknown }
  | { readonly type: "lease-lost"; readonly worker: WorkerId }
  | { readonly type: "store-failed"; readonly call: string; readonly error: unknown };

export type Observer = (event: EngineEvent) => void;
