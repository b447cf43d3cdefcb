/**
 * A child process is killed with SIGKILL at every named failpoint of the run loop and of the SQLite store, in programs
 * that wait for a step, a timer, a token, messages, a child run, a race, and inside `finally`. A second process continues.
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

const winners = (lines: readonly EffectLine[]): unknown[] =>
  ["won 0", "won 1"].map((what) => (lines.find((line) => line.what === what)?.args as { winner: string }).winner);

const programs: Record<string, Expected> = {
  step: { value: ["first done", "second done"], effects: ["first", "second"] },
  timer: { value: [0, 1, 2], effects: ["tick 0", "tick 1", "tick 2"] },
  tokens: { value: [{ ok: true }, "answered done"], effects: ["token", "answered"] },
  messages: { value: [1, 2, 3, 4], effects: ["got 1", "got 2", "got 3", "got 4"] },
  child: { value: [[8, 10], "joined done"], effects: ["double 4", "double 5", "joined"] },
  // Either may win; whoever did is stored, and told to the effect that follows, in every attempt.
  race: { value: winners, effects: ["slow 0", "won 0", "slow 1", "won 1"] },
  finalizer: { value: ["refused", ["lock", "inner"]], effects: ["acquire", "fail", "inner release", "outer release"] },
};

const failpoints: readonly string[] = [...ENGINE_FAILPOINTS, ...SQLITE_FAILPOINTS];
/** Failpoints at which some program was killed. */
const hit = new Set<string>();

interface Life {
  readonly killed: boolean;
  readonly outcome: { readonly status: string; readonly value?: unknown } | null;
  readonly stderr: string;
}

function live(program: string, folder: string, aim: string): Promise<Life> {
  const env = { ...process.env, CRASH_EFFECTS: join(folder, "effects.jsonl") };
  const args = [join(out, "worker.mjs"), program, join(folder, "runs.db"), aim];
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

function expectRight(life: Life, folder: string, expected: Expected, deaths: number): void {
  const effects = effectsIn(folder);
  const value = typeof expected.value === "function" ? expected.value(effects) : expected.value;
  expect(life.outcome, life.stderr).toEqual({ status: "fulfilled", value });
  expect(faults(effects, expected, deaths)).toEqual([]);
}

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
    expectRight(life, folder, expected, 0);
  });

  it.concurrent.each(failpoints)("survives a kill at %s", async (failpoint) => {
    const folder = mkdtempSync(join(out, "kill-"));
    // First pass, then a later one: the first commit of a run is not like the others.
    let deaths = 0;
    let life = await live(program, folder, `${failpoint}@1`);
    if (life.killed) {
      deaths++;
      hit.add(failpoint);
      life = await live(program, folder, `${failpoint}@3`);
      if (life.killed) {
        deaths++;
        life = await live(program, folder, "");
      }
    }
    expectRight(life, folder, expected, deaths);
  });
});

it("reaches every failpoint", () => {
  expect(failpoints.filter((name) => !hit.has(name))).toEqual([]);
});
