/** A worker's thread that never comes back is told by the one that renews its lease, since it cannot say so itself. */
import { type ChildProcess, spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { transform } from "@perdure/transformer";
import { afterEach, beforeEach, expect, test } from "vitest";
import { root } from "../repository/sources.ts";
import { until } from "./support.ts";

let folder: string;
let child: ChildProcess | undefined;
beforeEach(() => {
  mkdirSync(join(root, "tmp"), { recursive: true });
  folder = mkdtempSync(join(root, "tmp", "stuck-"));
});
afterEach(() => {
  child?.kill("SIGKILL");
  rmSync(folder, { recursive: true, force: true });
});

const PROGRAM = `"use durable";
import { sleep } from "perdure";
import { compute } from "./ordinary.mjs";
export async function spins() {
  await sleep(5);
  for (;;);
}
export async function rests() {
  await sleep("1 hour");
}
export async function computes() {
  await compute();
}`;

const worker = (fn: string) => `
import { createEngine } from "perdure";
import { sqlite } from "perdure/sqlite";
import { ${fn} } from "./program.mjs";
const engine = createEngine({ store: sqlite(new URL("runs.db", import.meta.url).pathname) });
void engine.work({ lease: 300 });
await engine.start(${fn}, [], { id: "order-7" });
process.stderr.write("started\\n");
// It is at work for most of the time, for a moment each time.
setInterval(() => {
  for (let i = 0; i < 3e8; i++);
}, 50);
`;

/** What the worker has printed, as it grows. */
function printed(fn: string): () => string {
  const { code } = transform(PROGRAM, { fileName: join(folder, "program.mjs"), root: folder });
  writeFileSync(join(folder, "program.mjs"), code!);
  writeFileSync(join(folder, "ordinary.mjs"), "export async function compute() { for (;;); }\n");
  writeFileSync(join(folder, "worker.mjs"), worker(fn));
  child = spawn(process.execPath, [join(folder, "worker.mjs")], { stdio: ["ignore", "inherit", "pipe"] });
  let text = "";
  child.stderr!.setEncoding("utf8").on("data", (more: string) => {
    text += more;
  });
  return () => text;
}

test("in a turn: with its run and function", async () => {
  const text = printed("spins");
  await until(() => text().includes("PD2521"), 30_000);
  expect(text()).toMatch(
    /PD2521: the thread of this worker has not come back for \d+ s: it is in a turn of the run order-7 \(program\.mjs#spins\), and nothing else goes on/,
  );
  expect(text()).toContain("look for a loop that awaits nothing");
});

test("in a step, which is no turn; and once", async () => {
  const text = printed("computes");
  await until(() => text().includes("PD2521"), 30_000);
  expect(text()).toContain("it is in a step, or other code of the process");
  await new Promise((resolve) => setTimeout(resolve, 1_000));
  expect(text().match(/PD2521:/g)).toHaveLength(1);
});

test("a process that was stopped as a whole is told of nothing", async () => {
  const text = printed("rests");
  await until(() => text().includes("started"), 30_000);
  child!.kill("SIGSTOP");
  await new Promise((resolve) => setTimeout(resolve, 6_000));
  child!.kill("SIGCONT");
  await new Promise((resolve) => setTimeout(resolve, 1_500));
  expect(text()).toBe("started\n");
  expect(child!.exitCode).toBe(null);
});
