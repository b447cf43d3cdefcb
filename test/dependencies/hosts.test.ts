/** Packages compiled by `include` in hosts that load them one by one: Node and Vitest. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { execute, tool } from "../hosts/app.ts";
import { root } from "../repository/sources.ts";

const folder = join(root, "fixtures/dependencies");

const expected = {
  limit: [[10, 20, 30, 40], expect.anything(), ["A", "B"], 0, 0, 3],
  map: [
    [2, 4, 8],
    [1, "two"],
    [5, 6, 7],
  ],
  queue: [[2, 1], [1, 3, 2], expect.anything(), [true, 1], "late", 0, 0],
  retry: ["service true after 3", expect.anything(), ["no more", false]],
  timeout: ["fallback", ["TimeoutError", "too slow", true, "not wanted"], "in time"],
};

it("node --import", async () => {
  const { stdout, all, failed } = await execute(folder, process.execPath, ["--import", "./register.mjs", "main.ts"]);
  expect(failed, all).toBe(false);
  expect(JSON.parse(stdout)).toEqual(expected);
});

it("vitest", async () => {
  mkdirSync(join(root, "tmp"), { recursive: true });
  const out = mkdtempSync(join(root, "tmp", "dependencies-vitest-"));
  const output = join(out, "output.json");
  const { all, failed } = await execute(folder, process.execPath, [tool("vitest/vitest.mjs"), "run"], {
    APP_OUTPUT: output,
  });
  expect(failed, all).toBe(false);
  expect(JSON.parse(readFileSync(output, "utf8"))).toEqual(expected);
  rmSync(out, { recursive: true, force: true });
});
