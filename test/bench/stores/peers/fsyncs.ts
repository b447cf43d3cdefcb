/** Counts with strace how often processes wait for the disk. */
import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { family } from "./processes.ts";

const CALLS = "fsync,fdatasync,sync_file_range,msync";

/** How many such calls the process `root` and its children make while the body runs; undefined where strace is not installed or may not attach. */
export async function fsyncs(root: number, body: () => Promise<unknown>): Promise<number | undefined> {
  if (process.platform !== "linux") return undefined;
  const folder = mkdtempSync(join(process.env["BENCH_DIR"] ?? tmpdir(), "perdure-strace-"));
  const trace = join(folder, "calls");
  const pids = family([root]);
  const strace = spawn(
    "strace",
    ["-f", "-e", `trace=${CALLS}`, "-o", trace, ...pids.flatMap((pid) => ["-p", String(pid)])],
    {
      stdio: ["ignore", "ignore", "pipe"],
    },
  );
  let attached = 0;
  const ended = new Promise<void>((resolve) => strace.once("close", () => resolve()).once("error", () => resolve()));
  const ready = new Promise<boolean>((resolve) => {
    strace.stderr.on("data", (chunk) => {
      attached += String(chunk).split(" attached").length - 1;
      if (attached >= pids.length) resolve(true);
    });
    void ended.then(() => resolve(false));
  });
  try {
    if (!(await ready)) return undefined;
    await body();
    strace.kill("SIGINT");
    await ended;
    return readFileSync(trace, "utf8")
      .split("\n")
      .filter((line) => /\b(f(data)?sync|sync_file_range|msync)\(/.test(line)).length;
  } finally {
    strace.kill("SIGINT");
    await ended;
    rmSync(folder, { recursive: true, force: true });
  }
}
