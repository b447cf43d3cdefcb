/**
 * Which runs a worker takes. Runs that were resident when a worker died are suspects: one at a time, and while it is here
 * nothing else is claimed, so that what happens then can be laid at its door. (What was here before stays: a run that has
 * never yet lost a worker may do so beside a suspect, and costs that one a strike, which its next turn takes away.)
 */
import type { Claim, Lease, RunHead, WorkerId } from "../store/store.ts";
import type { EngineContext } from "./context.ts";

export interface Claimant<R> {
  /** How many more fit. */
  free(): number;
  wanted(): boolean;
  /** A run was claimed whose worker has died. */
  tookOver(): void;
  /** Takes the run in, as the claim found it; null when it already is here. */
  admit(lease: Lease, suspect: boolean, head: RunHead): R | null;
}

export class Claims<R = unknown> {
  readonly #context: EngineContext;
  readonly #worker: WorkerId;
  readonly #claimant: Claimant<R>;
  /** The run that is driven alone. */
  #alone: R | null = null;
  #failed = false;

  constructor(context: EngineContext, worker: WorkerId, claimant: Claimant<R>) {
    this.#context = context;
    this.#worker = worker;
    this.#claimant = claimant;
  }

  /** True when the run was the one driven alone: others may be claimed again. */
  cleared(resident: R): boolean {
    if (this.#alone !== resident) return false;
    this.#alone = null;
    return true;
  }

  /** The last look at the store failed: more may be due than it found. */
  get failed(): boolean {
    return this.#failed;
  }

  /**
   * Claims what is due and fits, a suspect before anything else. Returns when something unowned is next due, if that is
   * known.
   */
  async claim(): Promise<number | null> {
    this.#failed = false;
    const free = () => (this.#alone === null && this.#claimant.wanted() ? this.#claimant.free() : 0);
    while (free() > 0) {
      if ((await this.#take(1, 1)) === 0) return this.#nextWake();
      const limit = free();
      if (limit > 0 && (await this.#take(limit, 0)) < limit) return free() > 0 ? this.#nextWake() : null;
    }
    return null;
  }

  /** A run that turned out to be a suspect when it was loaded: its claim was answered to nobody. */
  suspect(resident: R): void {
    this.#alone ??= resident;
  }

  async #take(limit: number, suspects: number): Promise<number> {
    const { store, host, vats, observe } = this.#context;
    let claims: readonly Claim[];
    try {
      claims = await store.claim({ worker: this.#worker, limit, suspects, codes: vats.linked(), now: host.now() });
    } catch (error) {
      // Tried again at the next poll; what it may have claimed is found by `owned`.
      this.#failed = true;
      observe({ type: "store-failed", call: "claim", error });
      return 0;
    }
    // Too late: the lease is lost or given up, and the runs with it.
    if (!this.#claimant.wanted()) return 0;
    for (const { lease, head, takenOver } of claims) {
      host.failpoint?.("after-claim", lease.run);
      const suspect = head.suspect || takenOver;
      if (takenOver) this.#claimant.tookOver();
      const resident = this.#claimant.admit(lease, suspect, head);
      if (suspect && resident !== null) this.#alone = resident;
    }
    return claims.length;
  }

  /** Something is due that nobody has. For workers that are full: it costs a call. */
  async othersWait(): Promise<boolean> {
    const wake = this.#alone === null ? await this.#nextWake() : null;
    return wake !== null && wake <= this.#context.host.now();
  }

  async #nextWake(): Promise<number | null> {
    const { store, vats, observe } = this.#context;
    // A worker that has stopped meanwhile may have left the store to be closed.
    if (!this.#claimant.wanted()) return null;
    try {
      return await store.nextWake(vats.linked());
    } catch (error) {
      this.#failed = true;
      observe({ type: "store-failed", call: "nextWake", error });
      return null;
    }
  }
}
