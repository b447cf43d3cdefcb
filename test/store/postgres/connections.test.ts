/** The pool that a store has of its own: connections that it keeps for the next call. */
import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { postgres } from "perdure/postgres";
import pg from "pg";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type PostgresServer, startPostgres } from "../../postgres-server.ts";
import { commitOf, drive, newRun } from "../fixtures.ts";

let server: PostgresServer;
let pool: pg.Pool;
beforeAll(async () => {
  server = await startPostgres();
  pool = new pg.Pool({ connectionString: server.url, max: 2 });
  pool.on("error", () => {});
});
afterAll(async () => {
  await pool.end();
  await server.stop();
});

const OTHERS = "FROM pg_stat_activity WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()";
const others = async (): Promise<number> => Number((await pool.query(`SELECT count(*) ${OTHERS}`)).rows[0].count);

test("more calls than connections are answered, and all connections end with the store", async () => {
  const store = postgres(server.url, { schema: "few", connections: 2, notify: false });
  const names = Array.from({ length: 20 }, (_, n) => `run ${n}`);
  const leases = await drive(store, ...names);
  const commits = leases.map((lease) => store.commit([commitOf(lease, 0, { reason: 'a "reason"', wakeAt: 0.5 })]));
  expect((await Promise.all(commits)).flat().map(({ type }) => type)).toEqual(names.map(() => "ok"));
  const inspected = await Promise.all(names.map((run) => store.inspect(run)));
  expect(inspected.map((run) => [run!.head.run, run!.head.reason, run!.head.wakeAt])).toEqual(
    names.map((run) => [run, 'a "reason"', 0.5]),
  );
  expect(await others()).toBe(2);
  await store.close();
  for (let n = 0; (await others()) > 0; n++) expect(n).toBeLessThan(10_000);
});

test("a connection that breaks while it is kept is not lent again", async () => {
  const store = postgres(server.url, { schema: "broken", connections: 1, notify: false });
  await store.create(newRun("a"));
  await pool.query(`SELECT pg_terminate_backend(pid) ${OTHERS}`);
  // Only a call that is quicker than the word of the end may fail.
  const first = await store.read("a").catch((error: { outcome: string }) => error.outcome);
  expect(first === "unknown" || first !== null).toBe(true);
  expect(await store.read("a")).toMatchObject({ run: "a" });
  await store.close();
});

test("a statement that the server refuses leaves the connection as it was", async () => {
  const store = postgres(server.url, { schema: "refused", connections: 1, notify: false });
  await store.create(newRun("a"));
  await pool.query("ALTER TABLE refused.runs RENAME TO hidden");
  await expect(store.inspect("a")).rejects.toThrow("PD3207");
  await expect(store.read("a")).rejects.toThrow("PD3207");
  await pool.query("ALTER TABLE refused.hidden RENAME TO runs");
  expect((await store.inspect("a"))!.head.run).toBe("a");
  await store.close();
});

test("a kept connection does not keep the process up", async () => {
  const program = `
    import { postgres } from "perdure/postgres";
    const store = postgres(${JSON.stringify(server.url)}, { schema: "left", notify: false });
    console.log(await store.read("nobody"));`;
  const { stdout } = await promisify(execFile)(process.execPath, ["--input-type=module", "-e", program], {
    timeout: 100_000,
  });
  expect(stdout.trim()).toBe("null");
});
