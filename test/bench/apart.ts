/** A figure is measured in a process of its own, which may fail or hang without harm to the others. */
import { type ChildProcess, spawn } from "node:child_process";
import { chmodSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Measured } from "./figure.ts";

/** What it started (servers, workers) is in its process group, and goes with it. */
function killGroup({ pid }: ChildProcess): void {
  try {
    process.kill(-pid!, "SIGKILL");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
}

/** The child's answer is its last line. After `seconds` it is given up. */
export async function measureApart(name: string, seconds: number): Promise<Measured> {
  const folder = mkdtempSync(join(process.env["BENCH_DIR"] ?? tmpdir(), "perdure-bench-"));
  // Servers that root starts run as users of their own, who have to get in.
  chmodSync(folder, 0o755);
  const child = spawn(process.execPath, [...process.execArgv, process.argv[1]!, "--measure", name], {
    stdio: ["ignore", "pipe", "inherit"],
    env: { ...process.env, BENCH_DIR: folder },
    detached: true,
  });
  const abandon = () => {
    killGroup(child);
    rmSync(folder, { recursive: true, force: true });
    process.exit(130);
  };
  process.once("SIGINT", abandon).once("SIGTERM", abandon);
  let timer: NodeJS.Timeout | undefined;
  try {
    let output = "";
    child.stdout.on("data", (chunk) => (output += chunk));
    return await new Promise<Measured>((resolve, reject) => {
      timer = setTimeout(() => reject(new Error(`no answer within ${seconds} s`)), seconds * 1000);
      child.on("error", reject);
      child.on("exit", () => killGroup(child));
      child.on("close", (code) => {
        if (code === 0) resolve(JSON.parse(output.trim().split("\n").at(-1)!) as Measured);
        else reject(new Error(`ended with ${code}\n${output}`.trim()));
      });
    });
  } finally {
    clearTimeout(timer);
    process.off("SIGINT", abandon).off("SIGTERM", abandon);
    killGroup(child);
    rmSync(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
  }
}
