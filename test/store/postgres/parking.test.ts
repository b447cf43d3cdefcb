/**
 * A commit that parks its run waits for the lock of a delivery: its snapshot is older than the message, the row that it then judges is not.
 * A store that asks the inbox instead of the head leaves the run asleep with mail, for ever.
 */
import { cpSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { postgres } from "perdure/postgres";
import pg from "pg";
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import { type PostgresServer, startPostgres } from "../../postgres-server.ts";
import { commitOf, drive } from "../fixtures.ts";

let server: PostgresServer;
let pool: pg.Pool;
beforeAll(async () => {
  server = await startPostgres();
  pool = new pg.Pool({ connectionString: server.url, max: 10 });
  pool.on("error", () => {});
});
afterAll(async () => {
  await pool.end();
  await server.stop();
});

/** When the run is due after a delivery and a parking commit have met, the delivery first in line for the row. */
async function dueAfterMeeting(make: typeof postgres, schema: string): Promise<number | null> {
  const store = make(pool, { schema, notify: false });
  const [lease] = await drive(store, "a");
  await store.read("a");
  const holder = await pool.connect();
  const waiting = async (count: number): Promise<void> => {
    const asleep = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'";
    for (let n = 0; Number((await pool.query(asleep)).rows[0].count) < count; n++) {
      expect(n).toBeLessThan(2_000);
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  };
  try {
    await holder.query("BEGIN");
    await holder.query(`SELECT FROM ${schema}.runs WHERE run = 'a' FOR UPDATE`);
    const delivered = store.deliver("a", null, { key: "k", body: "1" });
    await waiting(1);
    const parked = store.commit([commitOf(lease!, 0, { release: true })]);
    await waiting(2);
    await holder.query("COMMIT");
    expect(await delivered).toEqual({ type: "accepted" });
    expect((await parked)[0]!.type).toBe("ok");
  } finally {
    holder.release();
  }
  const head = (await store.read("a"))!;
  expect([head.owner, head.inboxSeq, head.consumed]).toEqual([null, 1, 0]);
  const due = await store.nextWake(new Set(["code"]));
  await store.close();
  return due;
}

test("a run that is parked while mail arrives is due", async () => {
  expect(await dueAfterMeeting(postgres, "heads")).toBe(0);
});

test("the same meeting shows a store that parks by a subquery over the inbox", async () => {
  // Beside the build, so that it finds `pg` where the store does.
  const directory = join(import.meta.dirname, "dist", `mutant-${process.pid}`);
  mkdirSync(directory, { recursive: true });
  const { rmSync } = await import("node:fs");
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  cpSync(new URL("../../../runtime/dist", import.meta.url), join(directory, "dist"), { recursive: true });
  writeFileSync(join(directory, "package.json"), '{"type":"module"}');
  const replace = (file: string, from: string, to: string): void => {
    const path = join(directory, "dist/store/postgres", file);
    const text = readFileSync(path, "utf8");
    expect(text.split(from).length, `"${from}" stands once in ${file}`).toBe(2);
    writeFileSync(path, text.replace(from, to));
  };
  replace("schema.js", "WHEN inbox_seq > consumed THEN 0 ELSE wake_at END", "ELSE wake_at END");
  const mail = "EXISTS (SELECT FROM perdure.inbox WHERE inbox.run_id = applied.id AND inbox.seq > applied.consumed)";
  replace("commits.js", "THEN NULL ELSE applied.wake_at END", `THEN NULL WHEN ${mail} THEN 0 ELSE applied.wake_at END`);
  const mutant = (await import(pathToFileURL(join(directory, "dist/store/postgres/index.js")).href)) as {
    postgres: typeof postgres;
  };
  expect(await dueAfterMeeting(mutant.postgres, "subquery")).toBeNull();
});
