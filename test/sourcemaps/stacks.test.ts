/** After a resume in another process, an error shows the user's line; a breakpoint on a source line is hit. */
import { execFile } from "node:child_process";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { beforeAll, expect, it } from "vitest";
import { bundle } from "../bundle.ts";

const here = dirname(fileURLToPath(import.meta.url));

let out = "";
beforeAll(async () => {
  const built = await bundle("sourcemaps", "worker", "local");
  out = built.folder;
  return built.remove;
});

const node = (...args: string[]): Promise<{ stdout: string; stderr: string; signal: string | null }> =>
  new Promise((resolve) => {
    execFile(process.execPath, args, { timeout: 60_000 }, (error, stdout, stderr) =>
      resolve({ stdout, stderr, signal: error?.signal ?? null }),
    );
  });

it("an error thrown after a resume in another process names the user's file, line and column", async () => {
  const worker = ["--enable-source-maps", join(out, "worker.mjs"), join(out, "runs.db")];
  expect((await node(...worker, "start")).signal).toBe("SIGKILL");
  const { stdout, stderr } = await node(...worker, "finish");
  expect(stderr).toBe("");
  expect(stdout).toMatch(/^RangeError: too dear: 250/);
  expect(stdout).toMatch(/fails-late\.ts:13:26/); // new RangeError(…)
  expect(stdout).toMatch(/fails-late\.ts:8:19/); // double(price), in the machine
});

it.each([
  ["in a machine, after an await", "fails-late.ts", 8],
  ["in a machine, at an await", "fails-late.ts", 6],
  ["in a lifted closure", "fails-late.ts", 14],
])("a breakpoint %s is hit", async (_where, source, line) => {
  const { stdout } = await node(join(here, "breakpoint-probe.mjs"), join(out, "local.mjs"), source, String(line));
  expect(stdout).toContain(`stopped at ${source}:${line}`);
});
