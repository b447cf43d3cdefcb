/** Figures of the stores that need a server. A new one is a module of this folder, added here. */
import type { Figure } from "../figure.ts";
import { dbosSteps, dbosWorkflows } from "./dbos.ts";
import { dynamodbAlone } from "./dynamodb-alone.ts";
import { fanoutCommits } from "./fanout-commits.ts";
import { postgresAlone } from "./postgres-alone.ts";
import { postgresCpu } from "./postgres-cpu.ts";
import { restateSteps, restateWorkflows } from "./restate.ts";
import { sleeping } from "./sleeping.ts";

export const figures: readonly Figure[] = [
  dbosSteps,
  dbosWorkflows,
  restateSteps,
  restateWorkflows,
  postgresAlone,
  postgresCpu,
  fanoutCommits,
  sleeping,
  dynamodbAlone,
];
