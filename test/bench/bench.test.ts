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

it("gives up a figure that takes too long, says so, and goes on", async () => {
  const env = { ...process.env, BENCH_SECONDS: "0.01" };
  const failure = await run(process.execPath, [start, "--json", "--only", "size", "--only", "walk"], { env }).then(
    () => expect.fail("the command should end with 1"),
    (error: { code: number; stdout: string }) => error,
  );
  expect(failure.code).toBe(1);
  const error = "no answer within 0.01 s";
  expect((JSON.parse(failure.stdout) as { figures: unknown }).figures).toEqual([
    { name: "size", ratio: null, value: null, unit: "", against: "", error },
    { name: "walk", ratio: null, value: null, unit: "", against: "", error },
  ]);
});

it("says which figures there are", async () => {
  await expect(run(process.execPath, [start, "--only", "speed"])).rejects.toThrow(
    /no figure is called speed; there are .*turn-alone/,
  );
});
