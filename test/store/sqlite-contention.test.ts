import { type ChildProcess, spawn } from "node:child_process";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import Database from "libsql";
import { expect, test } from "vitest";
import { newRun, sqlite, temporary } from "./fixtures.ts";

interface Tally {
  commits: number;
  fenced: number;
  created: number;
  delivered: number;
  longest: number;
  blocked: number;
  applied: Record<string, number>;
}

const contender = fileURLToPath(new URL("contender.mjs", import.meta.url));

/** Collects what a child prints; resolves at the first match. */
function printed(child: ChildProcess, pattern: RegExp): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = "";
    child.stdout!.on("data", (chunk: Buffer) => {
      text += chunk;
      const match = pattern.exec(text);
      if (match !== null) resolve(match[0]);
    });
    child.once("error", reject);
    child.once("exit", (code, signal) => reject(new Error(`it ended with ${code ?? signal}: ${text}`)));
  });
}

test("two processes drive the same runs in one file: none starves, no commit is lost", async () => {
  const path = join(temporary(), "runs.db");
  const store = sqlite(path);
  const runs = Array.from({ length: 12 }, (_, n) => `shared-${n}`);
  for (const run of runs) await store.create(newRun(run));

  const children = ["left", "right"].map((name) =>
    spawn(process.execPath, [contender, path, name, "3"], { stdio: ["pipe", "pipe", "inherit"] }),
  );
  const results = children.map((child) => printed(child, /\{.*\}\n/s));
  await Promise.all(children.map((child) => printed(child, /ready/)));
  for (const child of children) child.stdin!.write("go\n");
  const tallies = (await Promise.all(results)).map((text) => JSON.parse(text) as Tally);

  const total = tallies.reduce((sum, { commits }) => sum + commits, 0);
  for (const { commits, fenced, longest, blocked, created } of tallies) {
    expect(fenced).toBe(0);
    expect(commits / total).toBeGreaterThan(0.1);
    expect(longest).toBeLessThan(2_000);
    expect(blocked).toBeLessThan(1_000);
    expect(created).toBeGreaterThan(10);
  }
  for (const run of runs) {
    const saved = (await store.inspect(run))!;
    const applied = tallies.reduce((sum, tally) => sum + (tally.applied[run] ?? 0), 0);
    expect([run, saved.head.position]).toEqual([run, applied]);
    expect(saved.segments.length).toBe(applied + 1);
    // Each segment was written by whoever held the run then: epochs never go back along the chain.
    const epochs = saved.segments.slice(1).map(({ text }) => (JSON.parse(text) as [string, number, number])[1]);
    expect(epochs).toEqual([...epochs].sort((a, b) => a - b));
  }
  const mail = tallies.reduce((sum, { delivered }) => sum + delivered, 0);
  expect((await store.read("shared-0"))!.inboxSeq).toBe(mail);
  await store.close();
  const shell = new Database(path);
  expect(shell.prepare("PRAGMA integrity_check").get([])).toMatchObject({ integrity_check: "ok" });
});
