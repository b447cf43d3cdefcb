/** The benchmark command works and prints what it promises; what the figures are is no test's business. */
import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, it } from "vitest";
import { root } from "../repository/sources.ts";

const run = promisify(execFile);
const start = join(root, "test/bench/start.mjs");

it("prints a figure as JSON", async () => {
  const { stdout } = await run(process.execPath, [start, "--json", "--only", "size"]);
  const { machine, figures } = JSON.parse(stdout) as { machine: string; figures: Record<string, unknown>[] };
  expect(machine).toContain("Node");
  expect(figures).toEqual([
    expect.objectContaining({
      name: "size",
      ratio: expect.any(Number),
      value: expect.any(Number),
      unit: expect.any(String),
      against: expect.any(String),
    }),
  ]);
});

it("says which figures there are", async () => {
  await expect(run(process.execPath, [start, "--only", "speed"])).rejects.toThrow(
    /no figure is called speed; there are .*turn-alone/,
  );
});
