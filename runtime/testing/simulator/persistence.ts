/** Over what the processes of a simulation save their runs. */
import { chooseDriver } from "../../store/sqlite/choose-driver.ts";
import type { Store } from "../../store/store.ts";
import { type ProtocolMutation, simulatedDynamoDB } from "./dynamodb/installation.ts";
import type { History } from "./history.ts";
import { type Installation, sharedMemory } from "./installation.ts";
import { simulatedPostgres } from "./postgres/installation.ts";
import type { ServerMutation } from "./postgres/server.ts";
import type { Random } from "./random.ts";
import { type SqliteMutation, simulatedSqlite } from "./sqlite/installation.ts";
import type { Timeline } from "./timeline.ts";

/** One shared store; or the DynamoDB, Postgres or SQLite store of each process over a model of their table or server, or over their file. */
export type Persistence =
  | "memory"
  | { readonly dynamodb: ProtocolMutation }
  | { readonly postgres: ServerMutation }
  | { readonly sqlite: SqliteMutation };

export interface Surroundings {
  readonly timeline: Timeline;
  readonly history: History;
  /** Not called by a persistence that leaves nothing to chance. */
  readonly random: () => Random;
  /** How often a hint arrives that is sent now. */
  readonly notified: () => number;
}

export async function installer(
  persistence: Persistence,
  mutated?: (store: Store) => Store,
): Promise<(surroundings: Surroundings) => Installation> {
  if (persistence === "memory") return () => sharedMemory(mutated);
  if ("sqlite" in persistence) {
    const library = await chooseDriver();
    return ({ timeline, history, random }) =>
      simulatedSqlite({ library, timeline, history, random: random(), mutation: persistence.sqlite });
  }
  return ({ timeline, history, random, notified }) => {
    const world = { timeline, history, random: random() };
    if ("dynamodb" in persistence) return simulatedDynamoDB({ ...world, mutation: persistence.dynamodb });
    return simulatedPostgres({ ...world, mutation: persistence.postgres, notified });
  };
}
