/** Figures of the stores, in the order of the table in docs/performance.md. A new one is a module of this folder, added here. */
import type { Figure } from "../figure.ts";
import { dbosSteps, dbosWorkflows } from "./dbos.ts";
import { deltaBytes } from "./delta-bytes.ts";
import { dynamodbAlone } from "./dynamodb-alone.ts";
import { fanoutCommits } from "./fanout-commits.ts";
import { postgresAlone } from "./postgres-alone.ts";
import { postgresCpu } from "./postgres-cpu.ts";
import { restateSteps, restateWorkflows } from "./restate.ts";
import { resumePeers } from "./resume-peers.ts";
import { resumeStores } from "./resume-stores.ts";
import { sleeping } from "./sleeping.ts";
import { sqliteAlone, sqliteCpu } from "./sqlite.ts";
import { wakeUp } from "./wake-up.ts";
import { workers } from "./workers.ts";

export const figures: readonly Figure[] = [
  dbosSteps,
  dbosWorkflows,
  restateSteps,
  restateWorkflows,
  sqliteAlone,
  postgresAlone,
  dynamodbAlone,
  sqliteCpu,
  postgresCpu,
  resumeStores,
  resumePeers,
  deltaBytes,
  fanoutCommits,
  sleeping,
  workers,
  wakeUp,
];
