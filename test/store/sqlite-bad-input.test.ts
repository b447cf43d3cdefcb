import { spawnSync } from "node:child_process";
import {
  chmodSync,
  cpSync,
  mkdirSync,
  openSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import Database from "libsql";
import { expect, test } from "vitest";
import { commitOf, drive, failure, newRun, sqlite, sqliteWith, temporary } from "./fixtures.ts";

test("a missing directory is not made", async () => {
  const path = join(temporary(), "no", "runs.db");
  expect(await failure(sqlite(path).create(newRun("a")))).toMatchObject({
    code: "PD3102",
    outcome: "refused",
    message: expect.stringContaining("there is no directory"),
  });
  mkdirSync(join(path, ".."));
  const store = sqlite(path);
  expect(await store.create(newRun("a"))).toEqual({ type: "created" });
  await store.close();
});

test("an error says whether repeating the call can help", async () => {
  const lasting = (promise: Promise<unknown>) =>
    promise.then(
      () => "it resolved",
      (error: { lasting: boolean }) => error.lasting,
    );
  const directory = temporary();
  expect(await lasting(sqlite(join(directory, "no", "runs.db")).read("a"))).toBe(true);
  const path = join(directory, "runs.db");
  const store = sqlite(path, { lockTimeout: 50 });
  await store.create(newRun("a"));
  const other = new Database(path);
  other.exec("BEGIN IMMEDIATE");
  expect(await lasting(store.create(newRun("b")))).toBe(false);
  other.exec("ROLLBACK");
  rmSync(path);
  expect(await lasting(store.create(newRun("b")))).toBe(true);
});

test("a store that could not be opened opens once the cause is mended", async () => {
  const path = join(temporary(), "later", "runs.db");
  const store = sqlite(path);
  expect((await failure(store.read("a"))).code).toBe("PD3102");
  mkdirSync(join(path, ".."));
  expect(await store.read("a")).toBeNull();
  await store.close();
});

test("a directory is no store, nor is a name that is not a path", async () => {
  expect(await failure(sqlite(temporary()).read("a"))).toMatchObject({ code: "PD3102", outcome: "refused" });
  for (const path of [
    undefined as never,
    "",
    ":memory:",
    "file:x?mode=memory",
    "libsql://example.com",
    "https://example.com",
  ]) {
    expect(() => sqlite(path)).toThrow("PD3102");
  }
});

test("a file that is no database is left alone", async () => {
  const path = join(temporary(), "runs.db");
  const text = "these are my notes\n".repeat(1000);
  writeFileSync(path, text);
  expect(await failure(sqlite(path).create(newRun("a")))).toMatchObject({ code: "PD3104", outcome: "refused" });
  expect(readFileSync(path, "utf8")).toBe(text);
});

test("another application's database is left alone", async () => {
  const path = join(temporary(), "runs.db");
  const other = new Database(path);
  other.exec("CREATE TABLE customers (name TEXT)");
  other.close();
  const bytes = readFileSync(path);
  expect(await failure(sqlite(path).create(newRun("a")))).toMatchObject({ code: "PD3105", outcome: "refused" });
  expect(readFileSync(path).equals(bytes)).toBe(true);
});

test("a file of a newer version is left alone", async () => {
  const path = join(temporary(), "runs.db");
  const store = sqlite(path);
  await store.create(newRun("a"));
  await store.close();
  const shell = new Database(path);
  shell.exec("PRAGMA user_version = 2");
  shell.close();
  expect(await failure(sqlite(path).read("a"))).toMatchObject({
    code: "PD3106",
    outcome: "refused",
    message: expect.stringMatching(/version 2, this one knows 1/),
  });
});

test("a file locked by another process is waited for without blocking, then refused", async () => {
  const path = join(temporary(), "runs.db");
  const store = sqlite(path, { lockTimeout: 200 });
  await store.create(newRun("a"));
  const other = new Database(path);
  other.exec("BEGIN IMMEDIATE");

  // A store that blocked the event loop while it waits would leave the timer to after its answer.
  let ticked = false;
  setTimeout(() => (ticked = true), 1);
  expect(await failure(store.create(newRun("b")))).toMatchObject({ code: "PD3107", outcome: "refused" });
  expect(ticked).toBe(true);
  expect((await store.read("a"))!.run).toBe("a");

  const patient = store.create(newRun("c"));
  setTimeout(() => other.exec("ROLLBACK"), 50);
  expect(await patient).toEqual({ type: "created" });
  expect(await store.read("b")).toBeNull();
  await store.close();
});

test("a file that is locked while it is opened is waited for too", async () => {
  const path = join(temporary(), "runs.db");
  const other = new Database(path);
  other.exec("PRAGMA journal_mode = WAL; BEGIN IMMEDIATE");
  expect(await failure(sqlite(path, { lockTimeout: 100 }).create(newRun("a")))).toMatchObject({
    code: "PD3107",
    outcome: "refused",
  });
  const store = sqlite(path);
  const patient = store.create(newRun("a"));
  setTimeout(() => other.exec("ROLLBACK"), 50);
  expect(await patient).toEqual({ type: "created" });
  await store.close();
});

test("a full file refuses what does not fit, and keeps what was saved", async () => {
  const path = join(temporary(), "runs.db");
  const store = sqlite(path, { maxBytes: 400_000 });
  const [lease] = await drive(store, "a");
  const large = { kind: "delta", text: JSON.stringify("x".repeat(100_000)) } as const;
  let position = 0;
  let error: Awaited<ReturnType<typeof failure>> | undefined;
  while (error === undefined && position < 20) {
    const attempt = store.commit([commitOf(lease!, position, { segment: large })]);
    const outcome = await attempt.catch(() => undefined);
    if (outcome === undefined) error = await failure(attempt);
    else position++;
  }
  expect(error).toMatchObject({ code: "PD3108", outcome: "refused" });
  expect(position).toBeGreaterThan(0);
  expect((await store.read("a"))!.position).toBe(position);
  await store.close();

  const roomier = sqlite(path);
  expect(await roomier.commit([commitOf(lease!, position, { segment: large })])).toMatchObject([{ type: "ok" }]);
  expect((await roomier.inspect("a"))!.segments.length).toBe(position + 2);
  await roomier.close();
});

test("what is full for a large call is not for a small one in the same transaction", async () => {
  const store = sqlite(join(temporary(), "runs.db"), { maxBytes: 400_000 });
  const huge = store.create(newRun("huge", JSON.stringify("x".repeat(500_000))));
  const small = store.create(newRun("small"));
  expect((await failure(huge)).code).toBe("PD3108");
  expect(await small).toEqual({ type: "created" });
  expect(await store.read("huge")).toBeNull();
  await store.close();
});

test("a schema that is no text is reported as damaged before a library stumbles over it", async () => {
  const path = join(temporary(), "runs.db");
  const store = sqlite(path);
  await drive(store, "a");
  await store.close();
  const bytes = readFileSync(path);
  const at = bytes.indexOf("INTEGER PRIMARY KEY", bytes.indexOf("CREATE TABLE segments"));
  expect(at).toBeGreaterThan(0);
  // A word of the type that SQLite has for the column, and tells whoever asks.
  bytes.write("x\xf9IMARY", at + "INTEGER ".length, "latin1");
  writeFileSync(path, bytes);
  const damaged = sqlite(path);
  expect(await failure(damaged.create(newRun("b")))).toMatchObject({ code: "PD3110", outcome: "refused" });
  await damaged.close();
});

test("a truncated file is reported as damaged", async () => {
  const path = join(temporary(), "runs.db");
  const store = sqlite(path);
  await drive(store, ...Array.from({ length: 50 }, (_, n) => `run-${n}`));
  await store.close();
  rmSync(`${path}-wal`, { force: true });
  rmSync(`${path}-shm`, { force: true });
  truncateSync(path, 4096 * 3);
  const damaged = sqlite(path);
  expect(await failure(damaged.inspect("run-1"))).toMatchObject({ code: expect.stringMatching(/PD31(10|04)/) });
});

test("a damaged page is reported when it is met, and a commit to it is refused", async () => {
  const path = join(temporary(), "runs.db");
  const store = sqlite(path);
  const [lease] = await drive(store, "a");
  await store.close();
  const file = openSync(path, "r+");
  // Every page but the first, which holds the schema.
  for (let at = 4096; at < statSync(path).size; at += 4096) writeSync(file, Buffer.alloc(512, 0xff), 0, 512, at);
  const damaged = sqlite(path);
  expect(await failure(damaged.inspect("a"))).toMatchObject({ code: "PD3110", outcome: "refused" });
  expect(await failure(damaged.commit([commitOf(lease!, 0)]))).toMatchObject({ code: "PD3110", outcome: "refused" });
});

test.each([
  ["text that is not UTF-8", "UPDATE segments SET text = CAST(x'22ff22' AS TEXT)", "PD3110"],
  ["a name that is not UTF-8", "UPDATE runs SET incarnation = CAST(x'ff' AS TEXT)", "PD3110"],
  ["a position that is a word", "UPDATE runs SET position = 'first'", "PD3110"],
  ["a set of codes that is none", "UPDATE codesets SET codes = '{}'", "PD3110"],
  ["a status that does not exist", "UPDATE runs SET status = '__proto__'", "PD3110"],
])("%s is damage, and no crash", async (_, sql, code) => {
  const path = join(temporary(), "runs.db");
  const store = sqlite(path);
  await drive(store, "a");
  await store.close();
  const db = new Database(path);
  db.exec(sql);
  db.close();
  const damaged = sqlite(path);
  expect(await failure(damaged.inspect("a"))).toMatchObject({ code, outcome: "refused" });
  // Others can still be made.
  expect(await damaged.create(newRun("b"))).toEqual({ type: "created" });
  await damaged.close();
});

test("segments that lead in a circle end", async () => {
  const path = join(temporary(), "runs.db");
  const store = sqlite(path);
  const [lease] = await drive(store, "a");
  for (let position = 0; position < 3; position++) await store.commit([commitOf(lease!, position)]);
  await store.close();
  const db = new Database(path);
  db.exec("UPDATE segments SET previous = (SELECT tail FROM runs) WHERE previous IS NULL");
  db.close();
  const damaged = sqlite(path);
  expect((await damaged.inspect("a"))!.segments.length).toBe(4);
  await damaged.close();
});

test("a read-only file or directory is refused", async () => {
  const directory = temporary();
  const path = join(directory, "runs.db");
  const store = sqlite(path);
  await store.create(newRun("a"));
  await store.close();
  const script = `
    import { sqlite } from ${JSON.stringify(import.meta.resolve("perdure/sqlite"))};
    await sqlite(${JSON.stringify(join(temporary(), "first.db"))}).create(${JSON.stringify(newRun("a"))});
    if (process.getuid?.() === 0) { process.setgid(65534); process.setuid(65534); }
    const run = ${JSON.stringify(newRun("b"))};
    await sqlite(${JSON.stringify(path)}).create(run).then(() => console.log("created"), (e) => console.log(e.code, e.outcome));
  `;
  // A first store loads the libraries before the user is given up: they may lie where only root reads.
  const run = () => spawnSync(process.execPath, ["--input-type=module", "-e", script], { encoding: "utf8" });
  chmodSync(path, 0o444);
  chmodSync(directory, 0o755);
  expect(`${run().stdout}${run().stderr}`).toMatch(/^PD310[23] refused\n$/);
  for (const suffix of ["-wal", "-shm"]) rmSync(path + suffix, { force: true });
  chmodSync(path, 0o666);
  chmodSync(directory, 0o555);
  expect(`${run().stdout}${run().stderr}`).toMatch(/^PD310[23] refused\n$/);
  chmodSync(directory, 0o755);
});

test("a file system that turns read-only refuses, and is written again once it is mended", async () => {
  let readOnly = false;
  const store = sqliteWith(join(temporary(), "runs.db"), (db) => ({
    exec(sql) {
      if (readOnly && sql.startsWith("BEGIN"))
        throw Object.assign(new Error("attempt to write a readonly database"), { code: "SQLITE_READONLY_DBMOVED" });
      db.exec(sql);
    },
  }));
  await store.create(newRun("a"));
  readOnly = true;
  expect(await failure(store.create(newRun("b")))).toMatchObject({ code: "PD3103", outcome: "refused" });
  readOnly = false;
  expect(await store.create(newRun("b"))).toEqual({ type: "created" });
  await store.close();
});

test("without libsql the error says what to install, and only when the store is used", async () => {
  const directory = temporary();
  cpSync(new URL("../../runtime/dist", import.meta.url), join(directory, "dist"), { recursive: true });
  writeFileSync(join(directory, "package.json"), '{"type":"module"}');
  const { sqlite: alone } = (await import(pathToFileURL(join(directory, "dist/store/sqlite/index.js")).href)) as {
    sqlite: typeof sqlite;
  };
  const store = alone(join(directory, "runs.db"), { driver: "libsql" });
  expect(await failure(store.create(newRun("a")))).toMatchObject({
    code: "PD3101",
    outcome: "refused",
    message: expect.stringContaining("npm i libsql"),
  });
});
