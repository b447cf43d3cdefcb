/** The server of a store, for the time of a soak. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ensureTable } from "perdure/dynamodb";
import { type StoreName, table } from "../../fixtures/soak/stores.ts";
import { startServer } from "../dynamodb/server.ts";
import { startPostgres } from "../postgres-server.ts";

export interface Database {
  /** What `openStore` takes. */
  readonly address: string;
  stop(): Promise<void>;
}

export async function startDatabase(store: StoreName): Promise<Database> {
  if (store === "postgres") {
    const { url, stop } = await startPostgres();
    return { address: url, stop };
  }
  if (store === "dynamodb") {
    const server = await startServer();
    await ensureTable({ table, client: server.client, shards: 4 });
    return { address: server.endpoint, stop: server.stop };
  }
  const folder = mkdtempSync(join(tmpdir(), "perdure-soak-"));
  return {
    address: join(folder, "runs.db"),
    stop: async () => rmSync(folder, { recursive: true, force: true }),
  };
}
