/** The faults of one seed: what goes wrong, when, and how often. */
import { ENGINE_FAILPOINTS, type Failpoint } from "../../engine/failpoints.ts";
import type { Random } from "./random.ts";

export const KINDS = [
  "crash at an instant",
  "crash at a failpoint",
  "crash as a call of the store leaves",
  "pause past the lease",
  "short pause",
  "request lost",
  "answer lost",
  "request repeated",
  "store outage",
  "hints lost",
  "hints repeated",
] as const;
export type FaultKind = (typeof KINDS)[number];

const CERTAIN: readonly FaultKind[] = ["crash at an instant", "pause past the lease", "short pause", "store outage"];

/** Faults that strike are taken from the plan and counted. */
export interface Fault {
  readonly kind: FaultKind;
  /** When it strikes, or from when on it waits for its occasion; ms since the beginning. */
  readonly at: number;
  /** Length of a pause, an outage, or the time that a crashed process stays down. */
  readonly length: number;
  /** Which process: an index. */
  readonly process: number;
  readonly failpoint: Failpoint;
  /** For faults of calls and failpoints: this many occasions are let pass. */
  skip: number;
}

/** Faults are planned for this long, ms; after that the world is kind. */
export const STORMY = 15_000;

export function planFaults(random: Random, processes: number, lease: number): Fault[] {
  const plan: Fault[] = [];
  const count = random.between(5, 10);
  for (let n = 0; n < count; n++) {
    // Some wait for an occasion that may not come: three at least do not.
    const kind = random.pick(n < 3 ? CERTAIN : KINDS);
    const length =
      kind === "pause past the lease"
        ? random.between(lease, lease * 3)
        : kind === "short pause"
          ? random.between(1, lease)
          : random.between(50, lease * 2);
    plan.push({
      kind,
      at: random.between(0, STORMY),
      length,
      process: random.between(0, processes - 1),
      failpoint: random.pick(ENGINE_FAILPOINTS),
      skip: random.between(0, 5),
    });
  }
  return plan;
}
