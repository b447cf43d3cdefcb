/** Counts what the workers of one engine do. */
import type { Commit } from "../store/store.ts";

/** Since the engine was made. */
export interface WorkMetrics {
  /** Runs held in memory now. */
  resident: number;
  /** Characters of these, as they were last encoded. */
  residentBytes: number;
  /** Calls of the store that committed, of which each may hold the turns of many runs. */
  commits: number;
  turns: number;
  /** Characters of segments that turns wrote; bases written apart are not in it. */
  bytes: number;
  /** Attempts at steps that were begun. */
  attempts: number;
  /** Those of them at steps that were pending when their run was loaded: another worker may have begun them before. */
  repeatedAttempts: number;
  /** Leases that ran out, or were ended by others, under a worker. */
  leaseLosses: number;
  /** Runs that others had taken over when this engine came to write them. */
  fenced: number;
  /** Runs given back sooner than they would have been, since others waited for their place. */
  evicted: number;
}

export class Meter implements WorkMetrics {
  resident = 0;
  residentBytes = 0;
  commits = 0;
  turns = 0;
  bytes = 0;
  attempts = 0;
  repeatedAttempts = 0;
  leaseLosses = 0;
  fenced = 0;
  evicted = 0;

  committed(group: readonly { readonly commit: Commit }[]): void {
    this.commits++;
    for (const { commit } of group) {
      const { segment } = commit;
      if (segment === null) continue;
      this.turns++;
      this.bytes += segment.text.length;
    }
  }
}
