import { postgres } from "perdure/postgres";
import { onTestFinished, test } from "vitest";
import { startPostgres } from "../../postgres-server.ts";
import { killWorkers } from "../killed-workers.ts";

test("workers on Postgres are killed, and every order is charged and shipped once", { timeout: 400_000 }, async () => {
  const server = await startPostgres();
  onTestFinished(() => server.stop());
  await killWorkers({ fixture: "postgres-workers", database: server.url, store: postgres(server.url) });
});
