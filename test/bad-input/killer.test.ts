/** A run that kills its worker every time, among 50 innocent ones: real processes on one SQLite file. */
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import type { StackEntry } from "perdure/internal/machine/contract";
import { afterAll, beforeAll, expect, test } from "vitest";
import { lineOf, type Product, places, product } from "../product.ts";

let built: Product<unknown>;
beforeAll(async () => {
  built = await product("bad-input", "killer-worker");
});
afterAll(() => built.remove());

test("the innocent ones finish, the killer is quarantined alone, and the reason says where", () => {
  const database = join(built.folder, "runs.db");
  let deaths = 0;
  for (;;) {
    const { signal, status, stdout, stderr } = spawnSync(process.execPath, [built.entry, database], {
      encoding: "utf8",
      timeout: 60_000,
    });
    if (signal === "SIGKILL") {
      expect(++deaths, "it is set aside after a few deaths").toBeLessThanOrEqual(6);
      continue;
    }
    expect(status, stderr).toBe(0);
    const seen = JSON.parse(stdout.trim().split("\n").at(-1)!) as {
      results: number[];
      status: string;
      error: string;
      stack: StackEntry[];
    };
    expect(seen.results).toEqual(Array.from({ length: 50 }, (_, n) => 6 * n));
    expect(seen.status).toBe("quarantined");
    expect(seen.error).toContain("PD2508: the run killer is quarantined: its worker was lost 3 times in a row");
    expect(seen.error).toContain("in killer.ts#killer: `await engine.run(id).stack()`");
    expect(places(seen.stack)).toEqual([`killer ${lineOf("bad-input", "killer.ts", "await crash(victims)")}`]);
    expect(seen.stack[0]!.waitsFor).toBe("step crash(victims)");
    break;
  }
  expect(deaths, "the first beside the others, then three alone").toBeGreaterThanOrEqual(4);
});
