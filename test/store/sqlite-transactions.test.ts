import { join } from "node:path";
import Database from "libsql";
import type { Driver } from "perdure/internal/store/sqlite/driver";
import { libsql } from "perdure/internal/store/sqlite/libsql-driver";
import { SQLITE_FAILPOINTS, type SqliteFailpoint } from "perdure/sqlite";
import { expect, test } from "vitest";
import { commitOf, drive, failure, newRun, sqlite, temporary } from "./fixtures.ts";

const names = (count: number): string[] => Array.from({ length: count }, (_, n) => `run-${n}`);

test("calls made in the same tick share one transaction", async () => {
  let commits = 0;
  const failpoint = (name: SqliteFailpoint): void => void (commits += name === "sqlite:after-commit" ? 1 : 0);
  const store = sqlite(join(temporary(), "runs.db"), { failpoint });
  const leases = await drive(store, ...names(100));
  commits = 0;
  await Promise.all([
    ...leases.map((lease) => store.commit([commitOf(lease, 0)])),
    store.create(newRun("other")),
    store.deliver("run-1", null, { key: "k", body: "1" }),
  ]);
  expect(commits).toBe(1);
  await store.close();
});

test("calls made while one waits for the lock share its transaction", async () => {
  const path = join(temporary(), "runs.db");
  let commits = 0;
  const failpoint = (name: SqliteFailpoint): void => void (commits += name === "sqlite:after-commit" ? 1 : 0);
  const store = sqlite(path, { failpoint });
  const leases = await drive(store, ...names(10));
  const other = new Database(path);
  other.exec("BEGIN IMMEDIATE");
  commits = 0;
  const calls = [];
  for (const lease of leases) {
    calls.push(store.commit([commitOf(lease, 0)]));
    await new Promise((resolve) => setTimeout(resolve, 3));
  }
  other.exec("COMMIT");
  for (const outcome of await Promise.all(calls)) expect(outcome).toMatchObject([{ type: "ok" }]);
  expect(commits).toBe(1);
  await store.close();
});

test("failpoints are called in the order in which they are listed", async () => {
  const seen: SqliteFailpoint[] = [];
  const store = sqlite(join(temporary(), "runs.db"), { failpoint: (name) => seen.push(name) });
  await store.create(newRun("a"));
  expect(seen).toEqual([...SQLITE_FAILPOINTS]);
  await store.close();
});

for (const point of SQLITE_FAILPOINTS) {
  test(`a failure at ${point} leaves all of the transaction or nothing, and the repetition is right`, async () => {
    let armed = false;
    const failpoint = (name: SqliteFailpoint): void => {
      if (!armed || name !== point) return;
      armed = false;
      throw new Error("the disk is gone");
    };
    const store = sqlite(join(temporary(), "runs.db"), { failpoint });
    const [a, b] = await drive(store, "a", "b");
    armed = true;
    const group = [commitOf(a!, 0), commitOf(b!, 0)];
    const { code, outcome } = await failure(store.commit(group));
    const applied = point === "sqlite:after-commit";
    expect([code, outcome]).toEqual(["PD3111", applied ? "unknown" : "refused"]);
    for (const run of ["a", "b"]) expect((await store.read(run))!.position).toBe(applied ? 1 : 0);
    expect(await store.commit(group)).toMatchObject([
      { type: "ok", position: 1 },
      { type: "ok", position: 1 },
    ]);
    expect((await store.inspect("a"))!.segments.map(({ text }) => text)).toEqual(['"0"', "1"]);
    await store.close();
  });
}

/** `libsql`, but `fail` sees every statement first and may throw in its place, or after it. */
const faulty =
  (fail: (sql: string, really: () => unknown) => unknown): (() => Promise<Driver>) =>
  async () => {
    const driver = await libsql();
    return {
      open(path) {
        const db = driver.open(path);
        return {
          exec: (sql) => fail(sql, () => db.exec(sql)) as undefined,
          run: (sql, ...values) => fail(sql, () => db.run(sql, ...values)) as number,
          value: (sql, ...values) => fail(sql, () => db.value(sql, ...values)) as ReturnType<typeof db.value>,
          all: (sql, ...values) => fail(sql, () => db.all(sql, ...values)) as ReturnType<typeof db.all>,
          get inTransaction() {
            return db.inTransaction;
          },
          close: () => db.close(),
        };
      },
    };
  };
const sqliteFailure = (code: string): Error => Object.assign(new Error(`injected ${code}`), { code });

for (const applied of [true, false]) {
  test(`COMMIT fails with an I/O error and ${applied ? "was" : "was not"} applied: the outcome is unknown`, async () => {
    let armed = false;
    const driver = faulty((sql, really) => {
      if (!armed || sql !== "COMMIT") return really();
      armed = false;
      if (applied) really();
      throw sqliteFailure("SQLITE_IOERR_FSYNC");
    });
    const store = sqlite(join(temporary(), "runs.db"), { driver });
    const [lease] = await drive(store, "a");
    armed = true;
    const commit = commitOf(lease!, 0);
    expect(await failure(store.commit([commit]))).toMatchObject({ code: "PD3111", outcome: "unknown" });
    expect(await store.commit([commit])).toEqual([{ type: "ok", position: 1, inboxSeq: 0 }]);
    expect((await store.inspect("a"))!.segments.length).toBe(2);
    await store.close();
  });
}

test("one call that SQLite refuses does not fail the others of its transaction", async () => {
  const store = sqlite(join(temporary(), "runs.db"), {
    driver: async () => {
      const { open } = await libsql();
      return {
        open(path) {
          const db = open(path);
          const run: typeof db.run = (sql, ...values) => {
            if (values.includes("too big")) throw sqliteFailure("SQLITE_TOOBIG");
            return db.run(sql, ...values);
          };
          return Object.create(db, { run: { value: run } }) as typeof db;
        },
      };
    },
  });
  const answers = await Promise.allSettled(["a", "too big", "b"].map((run) => store.create(newRun(run))));
  expect(answers.map(({ status }) => status)).toEqual(["fulfilled", "rejected", "fulfilled"]);
  expect((answers[1] as PromiseRejectedResult).reason).toMatchObject({ code: "PD3111", outcome: "refused" });
  expect((await store.list({})).map(({ run }) => run)).toEqual(["a", "b"]);
  await store.close();
});

test("the lock is asked for again after SQLITE_BUSY, and a read too", async () => {
  let busy = 5;
  const driver = faulty((sql, really) => {
    if (sql.startsWith("BEGIN") && busy-- > 0) throw sqliteFailure("SQLITE_BUSY_SNAPSHOT");
    return really();
  });
  const store = sqlite(join(temporary(), "runs.db"), { driver });
  expect(await store.create(newRun("a"))).toEqual({ type: "created" });
  busy = 5;
  expect((await store.read("a"))!.run).toBe("a");
  await store.close();
});

test("a transaction that SQLite is too busy to commit is tried again, on a fresh connection", async () => {
  let busy = 0;
  let opened = 0;
  const driver = faulty((sql, really) => {
    if (sql === "PRAGMA application_id") opened++;
    if (sql === "COMMIT" && busy-- > 0) throw sqliteFailure("SQLITE_BUSY");
    return really();
  });
  const store = sqlite(join(temporary(), "runs.db"), { driver });
  const [a, b] = await drive(store, "a", "b");
  busy = 2;
  opened = 0;
  const outcomes = await Promise.all([store.commit([commitOf(a!, 0)]), store.commit([commitOf(b!, 0)])]);
  expect(outcomes).toMatchObject([[{ type: "ok", position: 1 }], [{ type: "ok", position: 1 }]]);
  expect(opened).toBe(2);
  expect((await store.inspect("a"))!.segments.length).toBe(2);
  await store.close();
});

test("the file is in WAL mode, synced fully, and readable with another SQLite", async () => {
  const path = join(temporary(), "runs.db");
  const pragmas: string[] = [];
  const driver = faulty((sql, really) => {
    if (sql.startsWith("PRAGMA")) pragmas.push(sql);
    return really();
  });
  const store = sqlite(path, { driver });
  const [lease] = await drive(store, "a");
  await store.commit([commitOf(lease!, 0)]);
  expect(pragmas).toContain("PRAGMA synchronous = full");
  const shell = new Database(path);
  expect(shell.prepare("PRAGMA journal_mode").get([])).toMatchObject({ journal_mode: "wal" });
  expect(
    shell.prepare("SELECT runs.run, status, runs.position, text FROM runs JOIN segments ON segments.id = tail").get([]),
  ).toMatchObject({
    run: "a",
    status: "waiting",
    position: 1,
    text: "1",
  });
  await store.close();
});
