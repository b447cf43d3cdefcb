/** The engine: what host code holds. It starts runs, talks to them, and drives them when asked to. */

import type { Limits } from "../codec/contract.ts";
import type { Codec } from "../codec/user-codec.ts";
import type { FetchOptions } from "../machine/contract.ts";
import type { Surroundings } from "../machine/values.ts";
import { checkArgument, checkOptions, oneOf, text, type Wanted, wholeNumber } from "../options/check.ts";
import { DORMANT, ENDED, type RunId, type RunQuery, type Store } from "../store/store.ts";
import { harmless } from "./complaints.ts";
import type { EngineContext } from "./context.ts";
import { FreshRuns } from "./fresh.ts";
import { RunHandle, type RunSummary, summary } from "./handle.ts";
import { after, type Host } from "./host.ts";
import { localHints } from "./local-hints.ts";
import { Meter } from "./meter.ts";
import { type Metrics, metricsOf } from "./metrics.ts";
import { checkWorkOptions, type Observer, type WorkOptions, workSettings } from "./options.ts";
import { type ResumeOutcome, resumeToken } from "./resume.ts";
import { insist } from "./retry.ts";
import { type StartOptions, startRun } from "./start.ts";
import type { VatFactory } from "./vats.ts";
import { Watchers } from "./watchers.ts";
import { type ResidentMaker, Worker } from "./worker.ts";

export interface EngineOptions {
  /** Where runs are kept. Engines and workers that share it share its runs. */
  readonly store: Store;
  /** Objects of the host by name: a run that holds one, or an own property of one, saves its name. See {@link createEngine}. */
  readonly provide?: Readonly<Record<string, unknown>>;
  /** How instances of ordinary classes are saved. */
  readonly codecs?: readonly Codec[];
  /** What runs do with HTTP: whether `fetch` sends an `Idempotency-Key`, and how large a body may be that is saved. */
  readonly fetch?: FetchOptions;
  /**
   * How large a run may be, so that one of them cannot fill the store, nor the memory of every worker that loads it. A run that would be
   * larger is blocked (PD4002) at its last save. Default: 5,000,000 objects, 256 Mi characters a save. Depth has no bound.
   */
  readonly limits?: Partial<Limits>;
  /** Told what happens: for logs, metrics and tests. What it throws is printed, each error once, and changes nothing. */
  readonly observe?: Observer;
}

const QUERY: { readonly [option in keyof RunQuery]-?: Wanted } = {
  status: oneOf("running", "waiting", "finishing", ...DORMANT, ...ENDED),
  fn: text,
  after: text,
  limit: wholeNumber(0),
};

/** What an engine stands on; `createEngine` of the package fills it in. */
export interface EngineParts extends Pick<EngineOptions, "store" | "observe"> {
  /** What runs find around them: provided hosts, codecs. */
  readonly surroundings: Surroundings;
  readonly host: Host;
  readonly vats: VatFactory;
  /** For the simulator's mutations. */
  readonly makeResident?: ResidentMaker;
}

/** What {@link createEngine} gives: starts runs, talks to them, and drives them. */
export class Engine {
  readonly #context: EngineContext;
  readonly #makeResident: ResidentMaker | undefined;
  readonly #workers = new Map<Worker, Promise<void>>();

  constructor(parts: EngineParts) {
    const { store, vats, surroundings, observe: told = () => {} } = parts;
    const observe = harmless(told);
    const host: Host = parts.host.hints === undefined ? { ...parts.host, hints: localHints() } : parts.host;
    this.#makeResident = parts.makeResident;
    this.#context = {
      store,
      vats,
      host,
      observe,
      meter: new Meter(),
      watchers: new Watchers(host, store),
      fresh: new FreshRuns(host),
      vatHost: {
        now: () => host.now(),
        random: (bytes) => host.random(bytes),
        after: (ms, run) => after(host, ms, run),
        ...surroundings,
      },
    };
  }

  /**
   * Starts a durable function as a run and resolves once the run is saved; a worker drives it. Idempotent by `id`.
   *
   * @throws PD2501 when the function has no machine; PD2502 when the id belongs to another run; PD2503 when it cannot be an
   * id; PD2516 when the arguments are no list; PD4xxx when one of them cannot be saved.
   * @example const run = await engine.start(checkout, [order], { id: `checkout-${order.id}` });
   */
  start<A extends readonly unknown[], R>(
    fn: (...args: A) => R,
    args: NoInfer<A>,
    options: StartOptions = {},
  ): Promise<RunHandle<Awaited<R>>> {
    return startRun<Awaited<R>>(this.#context, fn, args, options);
  }

  /** A handle to a run that was started, here or elsewhere; it is looked up when it is asked something. Throws PD2516 when the id is no text. */
  run<R = unknown>(id: RunId): RunHandle<R> {
    checkArgument("engine.run", "the id of a run", id, text);
    return new RunHandle<R>(this.#context, id, null);
  }

  /**
   * Resumes a token with plain JSON, from any process, also before the run has committed the turn that made the token. The
   * first caller wins.
   *
   * @throws PD2505 when the value is not plain JSON; PD2506 when this is not the id of a token.
   */
  resume(token: string, value?: unknown): Promise<ResumeOutcome> {
    return resumeToken(this.#context, token, value === undefined ? null : value);
  }

  /**
   * Runs in the order of their ids, tombstones included. `after` and `limit` (default 100) page.
   *
   * @example const failed = await engine.list({ status: "failed", fn: "src/orders.ts#checkout", limit: 20 });
   */
  async list(query: RunQuery = {}): Promise<readonly RunSummary[]> {
    checkOptions("engine.list", query, QUERY);
    const { store, host } = this.#context;
    const heads = await insist(host, store.name, "list", () => store.list(query));
    return heads.map((head) => summary(head, this.#context));
  }

  /**
   * What an operator wants to see: what this engine's workers did, and how the runs of the store stand, whoever drives them. It may read every
   * run's row once: for a look each minute or so, not for each request.
   *
   * @example const { lag, statuses, reasons } = await engine.metrics();
   */
  metrics(): Promise<Metrics> {
    return metricsOf(this.#context);
  }

  /**
   * Claims runs and drives them until {@link stop} is called or `options.signal` aborts; resolves when everything is given
   * back. Any number of workers, in any number of processes, may share a store.
   *
   * @throws PD2516 and PD2517, at once, for options that cannot be meant.
   */
  work(options: WorkOptions = {}): Promise<void> {
    checkWorkOptions(options);
    const worker = new Worker(this.#context, workSettings(options), this.#makeResident);
    const stop = () => worker.stop();
    const done = worker.run().finally(() => {
      this.#workers.delete(worker);
      options.signal?.removeEventListener("abort", stop);
    });
    this.#workers.set(worker, done);
    if (options.signal?.aborted) stop();
    options.signal?.addEventListener("abort", stop);
    return done;
  }

  /**
   * Stops this engine's workers gracefully: turns are finished, steps get a time of grace, runs are given back. Who waits for a `result()` goes on waiting, but
   * keeps the process up no longer; who begins to wait later does.
   */
  async stop(): Promise<void> {
    for (const worker of this.#workers.keys()) worker.stop();
    await Promise.all(this.#workers.values());
    this.#context.watchers.letGo();
  }
}
