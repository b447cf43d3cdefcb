import type { WorkOptions } from "perdure/internal/engine/options";
import type { World } from "../../../fixtures/preemption/world.ts";

export type Program = (world: World) => Promise<unknown>;

/** Length of a lease, ms. */
export const LEASE = 1_000;
/** Everything that a worker does now and then, it does in each of the programs. */
export const WORK: WorkOptions = {
  lease: LEASE,
  poll: 400,
  linger: 50,
  grace: 200,
  probation: 20,
  sweep: 900,
  compactDeltas: 2,
};
