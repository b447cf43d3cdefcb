/** LISTEN and NOTIFY between processes, each played by a store of its own. */

import type { Store } from "perdure/internal/store/store";
import { postgres } from "perdure/postgres";
import pg from "pg";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type PostgresServer, startPostgres } from "../../postgres-server.ts";
import { commitOf, drive, newRun } from "../fixtures.ts";
import { startFaultProxy } from "./fault-proxy.ts";
import { watched } from "./watched-pool.ts";

let server: PostgresServer;
const open: Store[] = [];
let schemas = 0;

beforeAll(async () => {
  server = await startPostgres();
});
afterAll(async () => {
  for (const store of open) await store.close();
  await server.stop();
});

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
async function until(condition: () => boolean): Promise<void> {
  for (let waited = 0; !condition(); waited += 5) {
    if (waited > 20_000) throw new Error("it does not come");
    await pause(5);
  }
}

/** Stores of as many processes, in one fresh schema. */
function processes(count: number, url = server.url): Store[] {
  const schema = `wakeups_${++schemas}`;
  const stores = Array.from({ length: count }, () => postgres(url, { schema }));
  open.push(...stores);
  return stores;
}

/** What a store hears, once it is surely listening. */
async function hearing(store: Store, others: Store, wakeup: "due" | "known" = "due"): Promise<string[]> {
  const heard: string[] = [];
  store.listen!(wakeup, (run) => heard.push(run));
  for (let n = 0; heard.length === 0; n++) {
    if (n > 100) throw new Error("it never listens");
    if (wakeup === "due") await others.create(newRun(`probe-${wakeup}-${n}-${++schemas}`));
    else {
      const [lease] = await drive(others, `probe-${wakeup}-${n}-${++schemas}`);
      await others.commit([commitOf(lease!, 0, { status: "done", result: "{}" })]);
    }
    await pause(100);
  }
  heard.length = 0;
  return heard;
}

test("a process hears of runs that are due because of another, and not because of itself", async () => {
  const [here, there] = processes(2) as [Store, Store];
  const heard = await hearing(here, there);
  await here.create(newRun("mine"));
  await there.create(newRun("theirs"));
  await until(() => heard.length > 0);
  await there.deliver("mine", null, { key: "k", body: "" });
  await until(() => heard.length > 1);
  expect(heard).toEqual(["theirs", "mine"]);
});

test("mail for a run that a worker holds is told to its process alone", async () => {
  const [holder, bystander, sender] = processes(3) as [Store, Store, Store];
  const [lease] = await drive(holder, "held");
  const [atHolder, atBystander] = [await hearing(holder, sender), await hearing(bystander, sender)];
  atHolder.length = 0;
  await sender.deliver("held", null, { key: "k", body: "" });
  await until(() => atHolder.includes("held"));
  await holder.commit([commitOf(lease!, 0, { release: true, consumed: 1 })]);
  await sender.deliver("held", null, { key: "l", body: "" });
  await until(() => atBystander.length > 0);
  // Told once: when nobody held it any more.
  expect(atBystander).toEqual(["held"]);
});

test("who waits for a result hears when it is known", async () => {
  const [client, worker] = processes(2) as [Store, Store];
  const heard = await hearing(client, worker, "known");
  const [lease] = await drive(worker, "a");
  await worker.commit([commitOf(lease!, 0)]);
  await worker.commit([commitOf(lease!, 1, { status: "done", result: "{}" })]);
  await until(() => heard.length > 0);
  expect(heard).toEqual(["a"]);
});

test("nothing is sent while nobody listens, and little is asked", async () => {
  const pool = new pg.Pool({ connectionString: server.url });
  pool.on("error", () => {});
  const texts: string[] = [];
  const noting = watched(pool, ({ text }) => texts.push(text));
  const store = postgres(noting, { schema: "alone" });
  for (let n = 0; n < 20; n++) {
    await store.create(newRun(`run-${n}`));
    await pause(2);
  }
  await store.close();
  await pool.end();
  expect(texts.filter((text) => text.includes("pg_notify")).length).toBe(1);
});

test("a connection that broke is replaced", async () => {
  const proxy = await startFaultProxy(server.port);
  const [here] = processes(1, server.url.replace(/:\d+\//, `:${proxy.port}/`)) as [Store];
  const there = postgres(server.url, { schema: `wakeups_${schemas}` });
  open.push(there);
  const heard = await hearing(here, there);
  proxy.cut();
  proxy.restore();
  for (let n = 0; heard.length === 0; n++) {
    await there.create(newRun(`later-${n}`));
    await pause(100);
    expect(n).toBeLessThan(100);
  }
  await here.close();
  await proxy.close();
});
