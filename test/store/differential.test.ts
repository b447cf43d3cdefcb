/** The stores were written apart: any sequence of calls must give the same answers on both, and leave the same state. */
import { join } from "node:path";
import { sqlite } from "perdure/sqlite";
import { test } from "vitest";
import { temporary } from "./fixtures.ts";
import { agreesWithMemory } from "./random-calls.ts";

test("memory and SQLite give the same answers to any sequence of calls", { timeout: 300_000 }, async () => {
  const directory = temporary();
  let files = 0;
  await agreesWithMemory(() => sqlite(join(directory, `${++files}.db`), { synchronous: "normal" }), 50);
});
