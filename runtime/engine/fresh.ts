/**
 * Runs that this engine has just created, on their way to a worker of its own. The vat that wrote a run's first segment holds what a load of that segment
 * would give, so a worker that claims the run at once goes on with it, and reads nothing.
 */
import type { VatHost, VatLike } from "../machine/contract.ts";
import type { LoadedRun, NewRun, RunHead, RunId } from "../store/store.ts";
import type { Host } from "./host.ts";
import type { Observer } from "./options.ts";

/** What a worker tells a vat when it takes the run in. Ordinary code that breaks the contract between turns breaks the next one: that comes at once. */
export type VatHooks = Required<Pick<VatHost, "broken" | "disposeFailed">>;

export const vatHooks = (run: RunId, observe: Observer, broken: () => void): VatHooks => ({
  broken,
  disposeFailed: (error) => observe({ type: "dispose-failed", run, error }),
});

interface Fresh {
  readonly record: NewRun;
  readonly vat: VatLike;
  readonly hook: (hooks: VatHooks) => void;
  readonly until: number;
}

/** How many are kept: what one worker holds by default. */
const MOST = 256;
/** How long, ms. Longer, and what a load would look up (modules, provided hosts) may have been exchanged. */
const LIFE = 1_000;
/** Characters of the first segment of one that is kept. */
const LARGEST = 64 * 1024;

export class FreshRuns {
  readonly #host: Host;
  readonly #runs = new Map<RunId, Fresh>();
  #workers = 0;

  constructor(host: Host) {
    this.#host = host;
  }

  /** A worker is here that may claim what is started. Returns what ends that. */
  expect(): () => void {
    this.#workers++;
    return () => {
      if (--this.#workers === 0) this.#runs.clear();
    };
  }

  /** Does a worker of this engine claim what is due, sooner or later? */
  get areExpected(): boolean {
    return this.#workers > 0;
  }

  /** The run has been created; `hook` gives the vat's host what a worker's has. */
  keep(record: NewRun, vat: VatLike, hook: (hooks: VatHooks) => void): void {
    if (this.#workers === 0 || record.segment.text.length > LARGEST) return;
    const now = this.#host.now();
    for (const [run, { until }] of this.#runs) {
      if (until > now && this.#runs.size < MOST) break;
      this.#runs.delete(run);
    }
    this.#runs.set(record.run, { record, vat, hook, until: now + LIFE });
  }

  /** A worker of this engine will drive it: nothing of it is known yet. */
  has(run: RunId, incarnation: string | null): boolean {
    const fresh = this.#runs.get(run);
    return fresh !== undefined && fresh.record.incarnation === incarnation && this.#host.now() < fresh.until;
  }

  /** What a load of the run that was claimed would give, and its vat; undefined: it is to be loaded. */
  take(head: RunHead, hooks: VatHooks): { readonly loaded: LoadedRun; readonly vat: VatLike } | undefined {
    const fresh = this.#runs.get(head.run);
    if (fresh === undefined) return undefined;
    this.#runs.delete(head.run);
    const { record, vat, hook, until } = fresh;
    if (record.incarnation !== head.incarnation || this.#host.now() >= until) return undefined;
    // Somebody has driven it meanwhile, or it has mail.
    if (head.position > 0 || head.inboxSeq > 0 || head.suspect || head.status !== "running") return undefined;
    hook(hooks);
    return { loaded: { head, segments: [record.segment], inbox: [], outbox: [] }, vat };
  }
}
