/** Other stores for the processes to share: SQLite's own, and those of Postgres and DynamoDB, one for each process, over models of their servers. */
import { mkdtempSync } from "node:fs";
import { join } from "node:path";
import { simulatedDynamoDB } from "perdure/internal/testing/simulator/dynamodb/installation";
import { throughNetwork } from "perdure/internal/testing/simulator/network";
import { simulatedPostgres } from "perdure/internal/testing/simulator/postgres/installation";
import { seeded } from "perdure/internal/testing/simulator/random";
import { sqlite } from "perdure/sqlite";
import type { Install } from "./stage.ts";

/** `prepare` is called with the path of each new file, once it is a store. */
export const onSqlite =
  (folder: string, prepare: (path: string) => void = () => {}): Install =>
  async (stage) => {
    const path = join(mkdtempSync(join(folder, "store-")), "runs.db");
    const store = stage.waitedFor(sqlite(path, { synchronous: "normal" }));
    await store.list({ limit: 1 });
    prepare(path);
    return { store, open: (process, network) => throughNetwork(store, process, network) };
  };

export const onPostgres: Install = ({ timeline, history }) =>
  simulatedPostgres({ timeline, history, random: seeded(2), mutation: {}, notified: () => 1 });

export const onDynamoDB: Install = ({ timeline, history }) =>
  simulatedDynamoDB({ timeline, history, random: seeded(2), mutation: {} });
