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

  /** Resolves after the first attempt. Each submission is answered once, unless the worker loses its lease before. */
  async commit(group: readonly Submission[]): Promise<void> {
    this.#first++;
    let done: boolean;
    try {
      done = await this.#attempt(group);
    } finally {
      this.#first--;
    }
    if (!done) void this.#retry(group);
  }

  async #attempt(group: readonly Submission[]): Promise<boolean> {
    const { store, host, observe } = this.#context;
    const commits = group.map(({ commit }) => commit);
    for (const { lease } of commits) host.failpoint?.("before-commit", lease.run);
    let outcomes: readonly CommitOutcome[];
    try {
      outcomes = await store.commit(commits);
    } catch (error) {
      observe({ type: "store-failed", call: "commit", error });
      if (group.length > 1 || !isUnacceptable(error)) return false;
      if (this.#wanted()) group[0]!.refused(error);
      return true;
    }
    this.#context.meter.committed(commits);
    for (const { lease } of commits) host.failpoint?.("after-commit", lease.run);
    if (!this.#wanted()) return true;
    for (const [index, submission] of group.entries()) submission.answered(outcomes[index]!);
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
