import { dynamodb, ensureTable } from "perdure/dynamodb";
import { onTestFinished, test } from "vitest";
import { killWorkers } from "../store/killed-workers.ts";
import { startServer } from "./server.ts";

test("workers on DynamoDB are killed, and every order is charged and shipped once", { timeout: 400_000 }, async () => {
  const server = await startServer();
  onTestFinished(() => server.stop());
  const table = "shop";
  await ensureTable({ table, client: server.client, shards: 2 });
  const store = dynamodb({ table, client: server.client });
  await killWorkers({ fixture: "dynamodb-workers", database: server.endpoint, store });
});
