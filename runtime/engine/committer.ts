/**
 * Commits of many runs in one call of the store. A commit is handed over once and is then tried, unchanged, until the store
 * answers for it: its id tells the store a repetition from a second commit.
 */
import { isPerdureError, type PerdureError } from "../errors.ts";
import type { Commit, CommitOutcome, StoreFailure } from "../store/store.ts";
import type { EngineContext } from "./context.ts";
import { backoff, pause } from "./retry.ts";

export interface Submission {
  readonly commit: Commit;
  readonly answered: (outcome: CommitOutcome) => void;
  /** The store will never take this commit, and says why. */
  readonly refused: (error: PerdureError) => void;
}

/** Repeating it cannot help. */
const isUnacceptable = (error: unknown): error is PerdureError & StoreFailure =>
  isPerdureError(error) && (error as Partial<StoreFailure>).unacceptable === true;

/** Failures of a whole group before it is halved, to find the one commit that the store cannot take. */
const PATIENCE = 3;

export class Committer {
  readonly #context: EngineContext;
  readonly #wanted: () => boolean;
  #first = 0;

  /** `wanted` turns false when the worker's lease is lost: commits without an answer are then given up. */
  constructor(context: EngineContext, wanted: () => boolean) {
    this.#context = context;
    this.#wanted = wanted;
  }

  /** A group is at its first attempt: what settles meanwhile should wait and leave together. Groups that failed before hold nobody up. */
  get busy(): boolean {
    return this.#first > 0;
  }

  /** Calls `done` after the first attempt. Each submission is answered once, unless the worker loses its lease before. */
  commit(group: readonly Submission[], done: () => void): void {
    this.#first++;
    const tried = (isDone: boolean) => {
      this.#first--;
      if (!isDone) void this.#retry(group);
      done();
    };
    // No async function: a turn that is committed at once goes through here, and each promise has its price.
    this.#send(group).then(
      (outcomes) => {
        try {
          this.#answer(group, outcomes);
        } finally {
          tried(true);
        }
      },
      (error: unknown) => tried(this.#failed(group, error)),
    );
  }

  #send(group: readonly Submission[]): Promise<readonly CommitOutcome[]> {
    const { store, host } = this.#context;
    if (host.failpoint !== undefined) for (const { commit } of group) host.failpoint("before-commit", commit.lease.run);
    try {
      return store.commit(group.map((submission) => submission.commit));
    } catch (error) {
      return Promise.reject(error);
    }
  }

  #answer(group: readonly Submission[], outcomes: readonly CommitOutcome[]): void {
    const { host, meter } = this.#context;
    meter.committed(group);
    if (host.failpoint !== undefined) for (const { commit } of group) host.failpoint("after-commit", commit.lease.run);
    if (!this.#wanted()) return;
    for (let i = 0; i < group.length; i++) group[i]!.answered(outcomes[i]!);
  }

  /** Is it of no use to try again? */
  #failed(group: readonly Submission[], error: unknown): boolean {
    this.#context.observe({ type: "store-failed", call: "commit", error });
    if (group.length > 1 || !isUnacceptable(error)) return false;
    if (this.#wanted()) group[0]!.refused(error);
    return true;
  }

  async #attempt(group: readonly Submission[]): Promise<boolean> {
    let outcomes: readonly CommitOutcome[];
    try {
      outcomes = await this.#send(group);
    } catch (error) {
      return this.#failed(group, error);
    }
    this.#answer(group, outcomes);
    return true;
  }

  async #retry(group: readonly Submission[]): Promise<void> {
    const { host } = this.#context;
    for (let n = 1; this.#wanted(); n++) {
      await pause(host, backoff(host, n));
      if (!this.#wanted() || (await this.#attempt(group))) return;
      if (n >= PATIENCE && group.length > 1) {
        const half = group.length >> 1;
        void this.#retry(group.slice(0, half));
        return this.#retry(group.slice(half));
      }
    }
  }
}
