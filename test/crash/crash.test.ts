/**
 * A child process is killed with SIGKILL at every named failpoint of the run loop and of the SQLite store, in programs
 * that wait for a step, a timer, a token, a child run, a race, and inside `finally`. A second process continues.
 */
import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { ENGINE_FAILPOINTS } from "perdure/internal/engine/failpoints";
import { SQLITE_FAILPOINTS } from "perdure/sqlite";
import { beforeAll, describe, expect, it } from "vitest";
import type { EffectLine } from "../../fixtures/crash/effects.ts";
import { bundle } from "../bundle.ts";
import { type Expected, faults } from "./oracle.ts";

const programs: Record<string, Expected> = {
  step: { value: ["first done", "second done"], effects: ["first", "second"] },
  timer: { value: [0, 1, 2], effects: ["tick 0", "tick 1", "tick 2"] },
  tokens: { value: [{ ok: true }, "answered done"], effects: ["token", "answered"] },
  child: { value: [[8, 10], "joined done"], effects: ["double 4", "double 5", "joined"] },
  race: { value: ["timer", "timer"], effects: ["slow 0", "won 0", "slow 1", "won 1"] },
  finalizer: { value: ["refused", ["lock", "inner"]], effects: ["acquire", "fail", "inner release", "outer release"] },
};

interface Life {
  readonly killed: boolean;
  readonly outcome: { readonly status: string; readonly value?: unknown } | null;
  readonly stderr: string;
}

function live(program: string, folder: string, aim: string): Promise<Life> {
  const env = { ...process.env, CRASH_EFFECTS: join(folder, "effects.jsonl") };
  const args = ["--enable-source-maps", join(out, "worker.mjs"), program, join(folder, "runs.db"), aim];
  return new Promise((resolve) => {
    execFile(process.execPath, args, { env, timeout: 60_000 }, (error, stdout, stderr) => {
      const last = stdout.trim().split("\n").pop();
      resolve({ killed: error?.signal === "SIGKILL", outcome: last ? JSON.parse(last) : null, stderr });
    });
  });
}

const effectsIn = (folder: string): EffectLine[] => {
  const text = readFileSync(join(folder, "effects.jsonl"), "utf8");
  return text
    .split("\n")
    .filter(Boolean)
    .map((line) => JSON.parse(line) as EffectLine);
};

let out = "";
beforeAll(async () => {
  const built = await bundle("crash", "worker");
  out = built.folder;
  return built.remove;
});

describe.each(Object.entries(programs))("%s", (program, expected) => {
  it("ends as expected when nobody dies", async () => {
    const folder = mkdtempSync(join(out, "calm-"));
    const life = await live(program, folder, "");
    expect(life.stderr).toBe("");
    expect(life.outcome).toEqual({ status: "fulfilled", value: expected.value });
    expect(faults(effectsIn(folder), expected, 0)).toEqual([]);
  });

  it.concurrent.each([...ENGINE_FAILPOINTS, ...SQLITE_FAILPOINTS])("survives a kill at %s", async (failpoint) => {
    const folder = mkdtempSync(join(out, "kill-"));
    let deaths = 0;
    // First pass, then a later one: the first commit of a run is not like the others.
    for (const pass of [1, 3]) if ((await live(program, folder, `${failpoint}:${pass}`)).killed) deaths++;
    const life = await live(program, folder, "");
    expect(life.outcome, life.stderr).toEqual({ status: "fulfilled", value: expected.value });
    expect(faults(effectsIn(folder), expected, deaths)).toEqual([]);
  });
});
