/** What the statements of the store on SQLite leave to indexes, and which columns they trust. */
import { join } from "node:path";
import Database from "libsql";
import { ENDED_BEFORE } from "perdure/internal/store/sqlite/mail";
import type { Commit } from "perdure/internal/store/store";
import { expect, test } from "vitest";
import { commitOf, drive, sqlite, temporary } from "./fixtures.ts";

/** As files of earlier versions have it. */
const EARLIER = `DROP INDEX runs_ended;
  CREATE INDEX runs_ended ON runs(updated_at) WHERE status IN ('done', 'failed', 'cancelled')`;

for (const [what, change] of [
  ["new", ""],
  ["old", EARLIER],
] as const) {
  test(`ended runs are found by their index in a ${what} file, and forgotten`, async () => {
    const path = join(temporary(), "runs.db");
    const store = sqlite(path);
    const [lease] = await drive(store, "a");
    const db = new Database(path);
    db.exec(change);
    const plan = db.prepare(`EXPLAIN QUERY PLAN ${ENDED_BEFORE}`).all([0, 1]) as unknown as { detail: string }[];
    expect(plan[0]!.detail).toContain("USING INDEX runs_ended");
    db.close();
    const last: Commit = { ...commitOf(lease!, 0), status: "done", result: "1", wakeAt: null, release: true };
    expect(await store.commit([last])).toEqual([{ type: "ok", position: 1, inboxSeq: 0 }]);
    expect(await store.sweep(Number.MAX_SAFE_INTEGER, 10)).toBe(1);
    expect(await store.read("a")).toBeNull();
    await store.close();
  });
}

test("a turn with a set of codes that nobody has had yet is found behind the others", async () => {
  const store = sqlite(join(temporary(), "runs.db"));
  const [first, other] = await drive(store, "a", "b");
  for (let n = 0; n < 3; n++) await store.commit([{ ...commitOf(other!, n), codes: ["f@1"] }]);
  const turn: Commit = { ...commitOf(first!, 0), codes: ["f@1", "new@1"] };
  expect(await store.commit([turn])).toEqual([{ type: "ok", position: 1, inboxSeq: 0 }]);
  const saved = await store.load(first!);
  expect(saved).toMatchObject({ head: { codes: ["f@1", "new@1"], position: 1 } });
  expect(saved !== "fenced" && saved.segments.map(({ kind }) => kind)).toEqual(["base", "delta"]);
  await store.close();
});
