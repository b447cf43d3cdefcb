/** Reads that are asked for together share a transaction, and nothing else. */
import { renameSync } from "node:fs";
import { join } from "node:path";
import Database from "libsql";
import { expect, test } from "vitest";
import { commitOf, drive, failure, newRun, sqliteWith, temporary } from "./fixtures.ts";

/** A store that counts transactions of reads, and lets the next of them, or the next commits, meet another connection so many times. */
function watched(path: string, met: () => void = () => {}) {
  const seen = { reads: 0, busy: 0, commits: 0 };
  const meet = (): never => {
    met();
    throw Object.assign(new Error("injected"), { code: "SQLITE_BUSY" });
  };
  const store = sqliteWith(path, (db) => ({
    run(sql, ...values) {
      if (sql === "BEGIN") seen.reads++;
      if (sql === "COMMIT" && seen.commits > 0) {
        seen.commits--;
        meet();
      }
      return db.run(sql, ...values);
    },
    value(sql, ...values) {
      if (db.inTransaction && seen.busy > 0) {
        seen.busy--;
        meet();
      }
      return db.value(sql, ...values);
    },
  }));
  return { store, seen };
}

const runs = Array.from({ length: 20 }, (_, n) => `run-${n}`);

test("reads made at once are one transaction, those made later are others", async () => {
  const { store, seen } = watched(join(temporary(), "runs.db"));
  await Promise.all(runs.map((run) => store.create(newRun(run))));
  seen.reads = 0;
  const heads = await Promise.all(runs.map((run) => store.read(run)));
  expect(heads.map((head) => head!.run)).toEqual(runs);
  expect(seen.reads).toBe(1);
  for (const run of runs.slice(0, 3)) await store.read(run);
  expect(seen.reads).toBe(4);
  await store.close();
});

test("a read sees what was acknowledged before it was asked for", async () => {
  const { store } = watched(join(temporary(), "runs.db"));
  const [lease] = await drive(store, "a");
  const early = store.read("a");
  await store.commit([commitOf(lease!, 0)]);
  const [before, after] = await Promise.all([early, store.read("a")]);
  expect(after!.position).toBe(1);
  expect([0, 1]).toContain(before!.position);
  await store.close();
});

test("one that cannot be read is refused, the others are answered", async () => {
  const path = join(temporary(), "runs.db");
  const { store, seen } = watched(path);
  await Promise.all(runs.map((run) => store.create(newRun(run))));
  const db = new Database(path);
  db.prepare("UPDATE runs SET position = -1 WHERE run = 'run-7'").run();
  db.close();
  seen.reads = 0;
  const [broken, ...others] = await Promise.all([
    failure(store.read("run-7")),
    ...runs.filter((run) => run !== "run-7").map((run) => store.read(run)),
  ]);
  expect(broken).toMatchObject({ code: "PD3110", outcome: "refused" });
  expect(others.map((head) => (head as { run: string }).run)).toEqual(runs.filter((run) => run !== "run-7"));
  expect(seen.reads).toBe(1);
  await store.close();
});

test("reads that meet another connection are all made again", async () => {
  const { store, seen } = watched(join(temporary(), "runs.db"));
  await Promise.all(runs.map((run) => store.create(newRun(run))));
  seen.reads = 0;
  seen.busy = 2;
  const heads = await Promise.all(runs.map((run) => store.read(run)));
  expect(heads.map((head) => head!.run)).toEqual(runs);
  expect(seen).toMatchObject({ reads: 3, busy: 0 });
  await store.close();
});

test("a read that has waited looks again whether the file is still the one", async () => {
  const path = join(temporary(), "runs.db");
  const { store, seen } = watched(path, () => renameSync(path, `${path}.away`));
  await store.create(newRun("a"));
  seen.busy = 1;
  expect(await failure(store.read("a"))).toMatchObject({ code: "PD3109", outcome: "refused" });
  await store.close();
});

test("a read that waits goes on with another connection when its own is given up", async () => {
  const { store, seen } = watched(join(temporary(), "runs.db"));
  const [lease] = await drive(store, "a");
  seen.busy = 1;
  seen.commits = 1;
  const [head, outcomes] = await Promise.all([store.read("a"), store.commit([commitOf(lease!, 0)])]);
  expect([head!.run, outcomes[0]!.type, seen.busy, seen.commits]).toEqual(["a", "ok", 0, 0]);
  await store.close();
});

test("reads that wait when the store is closed are answered or refused with its code", async () => {
  const { store } = watched(join(temporary(), "runs.db"));
  await store.create(newRun("a"));
  const reading = store.read("a").then(
    (head) => head!.run,
    (error: { code: string }) => error.code,
  );
  await store.close();
  expect(["a", "PD3002"]).toContain(await reading);
});

test("a read that waits for another connection when the store is closed is answered first", async () => {
  const { store, seen } = watched(join(temporary(), "runs.db"));
  await store.create(newRun("a"));
  seen.busy = 3;
  const reading = store.read("a");
  const closed = store.close();
  expect((await reading)!.run).toBe("a");
  expect(seen.busy).toBe(0);
  await closed;
});

test("a read made while a write takes the lock is answered, at whatever instant", async () => {
  const reads: Promise<unknown>[] = [];
  const read = () => reads.push(store.read("a"));
  const store = sqliteWith(join(temporary(), "runs.db"), (db) => ({
    exec(sql) {
      db.exec(sql);
      if (sql !== "BEGIN IMMEDIATE") return;
      let instant = Promise.resolve();
      for (let n = 0; n < 8; n++) instant = instant.then(() => void read());
    },
  }));
  const [lease] = await drive(store, "a");
  await Promise.all([store.create(newRun("b")), store.create(newRun("c"))]);
  await store.commit([commitOf(lease!, 0)]);
  expect(await store.read("a")).toMatchObject({ position: 1 });
  expect(reads.length).toBeGreaterThan(30);
  const outcomes = await Promise.allSettled(reads);
  expect(outcomes.filter(({ status }) => status === "rejected")).toEqual([]);
  await store.close();
});

test("the first commit and the first read of a store, at once, are both done", async () => {
  const path = join(temporary(), "runs.db");
  const first = watched(path).store;
  const [lease] = await drive(first, "a");
  await first.close();
  const { store } = watched(path);
  const [outcomes, head] = await Promise.all([store.commit([commitOf(lease!, 0)]), store.read("a")]);
  expect([outcomes[0]!.type, head!.run]).toEqual(["ok", "a"]);
  await store.close();
});
