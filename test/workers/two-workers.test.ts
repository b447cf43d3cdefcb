/**
 * Two worker processes on one SQLite file and 1,000 runs. One is stopped (SIGSTOP) past its lease and continued: it must not
 * commit under its old epoch, must say that it lost its lease, and every run's log must be right.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { EngineEvent } from "perdure";
import { sqlite } from "perdure/sqlite";
import { beforeAll, expect, it } from "vitest";
import type { Line } from "../../fixtures/workers/record.ts";
import type { CommitLine } from "../../fixtures/workers/recording-store.ts";
import { bundle } from "../bundle.ts";

const runs = 1_000;

const pause = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));
/** A line without its end is still being written. */
const readLines = <T>(file: string): T[] =>
  existsSync(file)
    ? readFileSync(file, "utf8")
        .split("\n")
        .slice(0, -1)
        .map((line) => JSON.parse(line) as T)
    : [];

interface Worker {
  readonly process: ChildProcess;
  readonly output: () => string;
  readonly exited: Promise<number | null>;
}

function startWorker(first: number, count: number): Worker {
  const child = spawn(process.execPath, [join(out, "worker.mjs"), database, String(first), String(count)], { env });
  let output = "";
  child.stdout.on("data", (chunk) => (output += chunk));
  child.stderr.on("data", (chunk) => (output += chunk));
  const exited = new Promise<number | null>((resolve) => child.once("exit", (code) => resolve(code)));
  return { process: child, output: () => output, exited };
}

/** What the worker's engine has told so far. */
const events = (worker: Worker): EngineEvent[] =>
  worker
    .output()
    .split("\n")
    .slice(0, -1)
    .filter((line) => line.startsWith("{"))
    .map((line) => JSON.parse(line) as EngineEvent);

let out = "";
let database = "";
let env: NodeJS.ProcessEnv & Record<"WORKERS_LOG" | "WORKERS_COMMITS", string>;
beforeAll(async () => {
  const built = await bundle("workers", "worker");
  out = built.folder;
  database = join(out, "runs.db");
  env = { ...process.env, WORKERS_LOG: join(out, "log.jsonl"), WORKERS_COMMITS: join(out, "commits.jsonl") };
  return built.remove;
});

it("a paused worker is fenced, and 1,000 runs come out right", { timeout: 180_000 }, async () => {
  const paused = startWorker(0, runs / 2);
  const other = startWorker(runs / 2, runs / 2);
  // In the middle of its work: it holds dozens of runs, and there are more to start.
  while (readLines<CommitLine>(env.WORKERS_COMMITS).filter((line) => line.pid === paused.process.pid).length < 200)
    await pause(10);

  paused.process.kill("SIGSTOP");
  const before = readLines<CommitLine>(env.WORKERS_COMMITS).filter((line) => line.pid === paused.process.pid).length;
  expect(before).toBeGreaterThanOrEqual(200);
  const store = sqlite(database);
  const workers = new Set(events(paused).flatMap((event) => (event.type === "claimed" ? [event.worker] : [])));
  const held = async () =>
    (await store.list({ limit: 2 * runs })).filter(({ owner }) => owner !== null && workers.has(owner));
  expect((await held()).length).toBeGreaterThan(0);
  // Its lease runs out, and the other takes what it held; unless it was stopped inside a transaction, whose lock nobody can take.
  for (let waited = 0; (await held()).length > 0; waited += 100) {
    if (waited >= 8_000) {
      waited = 0;
      paused.process.kill("SIGCONT");
      await pause(30);
      paused.process.kill("SIGSTOP");
    }
    await pause(100);
  }
  paused.process.kill("SIGCONT");

  for (;;) {
    const heads = await store.list({ limit: 2 * runs });
    if (heads.length === runs && heads.every((head) => head.status === "done")) break;
    const odd = heads.filter((head) => ["blocked", "failed", "stuck", "quarantined"].includes(head.status));
    expect(odd.map((head) => head.reason)).toEqual([]);
    await pause(200);
  }
  await store.close();
  for (const worker of [paused, other]) worker.process.stdin?.write("stop\n");
  expect(await Promise.all([paused.exited, other.exited])).toEqual([0, 0]);
  expect(events(paused).some((event) => event.type === "lease-lost")).toBe(true);
  expect(events(paused).filter((event) => event.type === "lost").length).toBeGreaterThan(0);

  // One writer: positions go up one by one, and an epoch never comes back after a later one.
  const commits = readLines<CommitLine>(env.WORKERS_COMMITS);
  const last = new Map<string, CommitLine>();
  for (const line of commits.filter((line) => line.segment).sort((a, b) => a.position - b.position)) {
    const earlier = last.get(line.run);
    expect(line.position).toBe((earlier?.position ?? 0) + 1);
    expect(line.epoch).toBeGreaterThanOrEqual(earlier?.epoch ?? 0);
    last.set(line.run, line);
  }
  expect(last.size).toBe(runs);
  expect(new Set(commits.map((line) => line.pid)).size).toBe(2);

  // Every log is right: each leg under one key, with the nonce of the run, in order.
  const byRun = new Map<string, Line[]>();
  for (const line of readLines<Line>(env.WORKERS_LOG)) byRun.set(line.run, [...(byRun.get(line.run) ?? []), line]);
  expect(byRun.size).toBe(runs);
  for (const [, lines] of byRun) {
    expect(new Set(lines.map((line) => line.nonce)).size).toBe(1);
    for (const leg of [1, 2, 3])
      expect(new Set(lines.filter((line) => line.leg === leg).map((line) => line.key)).size).toBe(1);
    expect([...new Set(lines.map((line) => line.leg))]).toEqual([1, 2, 3]);
  }
});
