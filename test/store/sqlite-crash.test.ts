import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import Database from "libsql";
import { SQLITE_FAILPOINTS } from "perdure/sqlite";
import { expect, test } from "vitest";
import { newRun, sqlite, temporary } from "./fixtures.ts";

const crasher = fileURLToPath(new URL("crasher.mjs", import.meta.url));
const runs = Array.from({ length: 10 }, (_, n) => `run-${n}`);

for (const point of SQLITE_FAILPOINTS) {
  test(`SIGKILL at ${point}: what was acknowledged is there, what is there is whole`, async () => {
    const path = join(temporary(), "runs.db");
    const seed = sqlite(path);
    for (const run of runs) await seed.create(newRun(run));
    await seed.close();
    const before = new Map(runs.map((run) => [run, 0]));
    for (const count of [1, 2, 7]) {
      const child = spawnSync(process.execPath, [crasher, path, point, String(count)], { encoding: "utf8" });
      expect([child.signal, child.stderr]).toEqual(["SIGKILL", ""]);
      const acknowledged = new Map(before);
      for (const line of child.stdout.trim().split("\n").filter(Boolean)) {
        const [run, position] = line.split(" ");
        acknowledged.set(run!, Number(position));
      }

      const store = sqlite(path);
      const pending = await store.pendingOutbox(100_000);
      for (const run of runs) {
        const { head, segments } = (await store.inspect(run))!;
        const known = acknowledged.get(run)!;
        // Only the last transaction may be there without anybody having been told; it must be, once it was committed.
        expect(head.position - known).toBe(point === "sqlite:after-commit" ? 1 : 0);
        const lastBase = head.position - (head.position % 4);
        expect(segments.map(({ text }) => text)).toEqual([
          lastBase === 0 ? '"0"' : `base ${lastBase}`,
          ...Array.from({ length: head.position % 4 }, (_, n) => `${lastBase + n + 1}`),
        ]);
        const sent = pending.filter((one) => one.run === run).map(({ entry }) => entry.seq);
        expect(sent).toEqual(Array.from({ length: head.position }, (_, n) => n + 1));
        before.set(run, head.position);
      }
      // The dead worker's runs are the next one's to take over.
      for (const { owner } of await store.list({})) if (owner !== null) await store.retire(owner);
      await store.close();
    }
    const shell = new Database(path);
    expect(shell.prepare("PRAGMA integrity_check").get([])).toMatchObject({ integrity_check: "ok" });
  });
}
