/** The file of a store may be replaced under it: nothing is acknowledged that went to another one, and looks cost little. */
import { copyFileSync, cpSync, existsSync, mkdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { PROCESS } from "perdure/internal/store/sqlite/environment";
import { watchIdentity } from "perdure/internal/store/sqlite/identity";
import { expect, test } from "vitest";
import { commitOf, drive, failure, newRun, sqlite, sqliteWith, temporary } from "./fixtures.ts";

const replacements: Record<string, (path: string) => void> = {
  "another store moved over it": (path) => renameSync(`${path}.other`, path),
  deleted: (path) => rmSync(path),
  "its WAL deleted": (path) => rmSync(`${path}-wal`),
  "a copy of itself moved over it": (path) => {
    copyFileSync(path, `${path}.copy`);
    renameSync(`${path}.copy`, path);
  },
};
/** When it is replaced: the folder answers for its files only once it has been quiet for a while. */
const moments: Record<string, (folder: string) => Promise<void>> = {
  "just after it was opened": async () => {},
  "in a folder that has long been quiet": () => pause(250),
  "in the instant in which another entry of a quiet folder changes": async (folder) => {
    await pause(250);
    writeFileSync(join(folder, "beside.txt"), "");
  },
};
for (const [what, replace] of Object.entries(replacements)) {
  test.each(
    Object.entries(moments),
  )(`a file replaced under the store acknowledges nothing: ${what}, %s`, async (_, wait) => {
    const path = join(temporary(), "runs.db");
    const other = sqlite(`${path}.other`);
    await other.create(newRun("z"));
    await other.close();
    const store = sqlite(path);
    const [lease] = await drive(store, "a");
    await wait(dirname(path));
    // Two: the first look finds the folder quiet, the second trusts it.
    for (const position of [0, 1])
      expect(await store.commit([commitOf(lease!, position)])).toMatchObject([{ type: "ok" }]);
    await wait(dirname(path));
    replace(path);
    const calls = [
      store.commit([commitOf(lease!, 2)]),
      store.create(newRun("b")),
      store.deliver("a", null, { key: "k", body: "1" }),
    ];
    for (const call of calls) expect(await failure(call)).toMatchObject({ code: "PD3109", outcome: "refused" });
    expect((await failure(store.read("a"))).code).toBe("PD3109");
    if (existsSync(path) && what !== "its WAL deleted") {
      const fresh = sqlite(path);
      expect(await fresh.read("b")).toBeNull();
      await fresh.close();
    }
  });
}

test("a folder that has been quiet answers for its files; one that has just changed, or is a link's, does not", async () => {
  const folder = temporary();
  const path = join(folder, "runs.db");
  const linked = join(temporary(), "linked.db");
  symlinkSync(path, linked);
  const looks = async (at: string): Promise<number> => {
    let count = 0;
    const identify: typeof PROCESS.identify = (name) => {
      count++;
      return PROCESS.identify(name);
    };
    const identity = watchIdentity(at, PROCESS.identify(at), { ...PROCESS, identify });
    await pause(250);
    identity.check("refused");
    count = 0;
    for (let n = 0; n < 10; n++) identity.check("refused");
    return count;
  };
  const store = sqlite(path);
  await store.create(newRun("a"));
  expect(await looks(path)).toBe(0);
  expect(await looks(linked)).toBe(20);
  const identity = watchIdentity(path, PROCESS.identify(path), PROCESS);
  await pause(250);
  identity.check("refused");
  writeFileSync(join(folder, "beside.txt"), "");
  expect(PROCESS.folderOf(path)!()!.settled).toBe(false);
  identity.check("refused");
  rmSync(`${path}-wal`);
  expect(() => identity.check("unknown")).toThrow("PD3109");
});

test("a folder of which another has taken the place is another", async () => {
  const parent = temporary();
  const path = join(parent, "data", "runs.db");
  mkdirSync(join(parent, "data"));
  const store = sqlite(path);
  const [lease] = await drive(store, "a");
  await pause(250);
  for (const position of [0, 1])
    expect(await store.commit([commitOf(lease!, position)])).toMatchObject([{ type: "ok" }]);
  renameSync(join(parent, "data"), join(parent, "moved"));
  expect(await failure(store.commit([commitOf(lease!, 2)]))).toMatchObject({ code: "PD3109", outcome: "refused" });
  cpSync(join(parent, "moved"), join(parent, "data"), { recursive: true });
  expect(await failure(store.commit([commitOf(lease!, 2)]))).toMatchObject({ code: "PD3109", outcome: "refused" });
});

test("a file replaced between the check and the commit is not acknowledged either", async () => {
  const path = join(temporary(), "runs.db");
  let armed = false;
  const store = sqlite(path, {
    failpoint: (name) => {
      if (armed && name === "sqlite:before-commit") renameSync(path, `${path}.moved`);
    },
  });
  const [lease] = await drive(store, "a");
  armed = true;
  expect(await failure(store.commit([commitOf(lease!, 0)]))).toMatchObject({ code: "PD3109", outcome: "unknown" });
});

test("a store that has to connect anew does not take another file for its own", async () => {
  const path = join(temporary(), "runs.db");
  const other = sqlite(`${path}.other`);
  await other.create(newRun("z"));
  await other.close();
  // As who restores a backup does: the log is of the file before it. When a connection that is given up lets go of it, the library decides.
  let replace = (): void => {
    renameSync(`${path}.other`, path);
    for (const end of ["-wal", "-shm"]) rmSync(path + end, { force: true });
  };
  let armed = false;
  const replacing = (name: string) =>
    sqliteWith(name, (db) => ({
      run(sql, ...values) {
        if (!armed || sql !== "COMMIT") return db.run(sql, ...values);
        // The connection is given up just when the file has been replaced.
        armed = false;
        replace();
        throw Object.assign(new Error("injected"), { code: "SQLITE_BUSY" });
      },
    }));
  const store = replacing(path);
  await store.create(newRun("a"));
  armed = true;
  expect(await failure(store.create(newRun("b")))).toMatchObject({ code: "PD3109", outcome: "refused" });
  expect((await failure(store.create(newRun("b")))).code).toBe("PD3109");
  const replacement = sqlite(path);
  expect((await replacement.list({})).map(({ run }) => run)).toEqual(["z"]);
  await replacement.close();

  const gone = join(temporary(), "runs.db");
  replace = () => rmSync(gone);
  const orphan = replacing(gone);
  await orphan.create(newRun("a"));
  armed = true;
  expect((await failure(orphan.create(newRun("b")))).code).toBe("PD3109");
  expect(existsSync(gone)).toBe(false);
});

test.each([
  "as it is opened",
  "while it waits for its lock",
])("a store whose file is replaced %s goes on with the one that stands there", async (when) => {
  const path = join(temporary(), "runs.db");
  for (const [name, run] of [
    [path, "a"],
    [`${path}.other`, "z"],
  ] as const) {
    const store = sqlite(name);
    await store.create(newRun(run));
    await store.close();
  }
  let armed = true;
  const replace = (): void => {
    if (armed) renameSync(`${path}.other`, path);
    armed = false;
  };
  const store = sqliteWith(path, (db) => {
    if (when === "as it is opened") replace();
    return {
      value(sql, ...values) {
        replace();
        return db.value(sql, ...values);
      },
    };
  });
  await store.create(newRun("b"));
  expect((await store.list({})).map(({ run }) => run)).toEqual(["b", "z"]);
  await store.close();
  const later = sqlite(path);
  expect((await later.list({})).map(({ run }) => run)).toEqual(["b", "z"]);
  await later.close();
});
