/** The protocol of the Postgres store, wrong on purpose. */
import type { ServerMutation } from "./server.ts";

export const SERVER_MUTATIONS = {
  "parking by a subquery": { parkBySubquery: true, slowToLock: true },
  "commits without a fence": { noFence: true },
  "claims of what was seen": { claimWhatWasSeen: true },
  "commits that are not recognized": { forgetCommits: true },
} as const satisfies Record<string, ServerMutation>;
export type ServerMutationName = keyof typeof SERVER_MUTATIONS;
