/** Spreads tests over processes. One that does not answer in time is killed and replaced. */
import { type ChildProcess, fork } from "node:child_process";
import type { Result } from "./execute.ts";

export interface PoolOptions {
  readonly worker: string;
  /** Argument of the worker. */
  readonly settings: string;
  readonly jobs: number;
  /** Milliseconds for one test. */
  readonly timeout: number;
}

/** Realms are not given back: a process is replaced after so many. */
const TESTS_PER_PROCESS = 1000;

/**
 * A realm is garbage after some milliseconds, and its code is never hot: a large young generation and the baseline compiler save a quarter of the
 * time, and so does optimizing late.
 */
const V8 = ["--max-semi-space-size=64", "--sparkplug", "--baseline-batch-compilation", "--interrupt-budget=1000000"];

export async function runTests(
  paths: readonly string[],
  { worker, settings, jobs, timeout }: PoolOptions,
  tell: (path: string, result: Result) => void,
): Promise<void> {
  let next = 0;
  const start = async (): Promise<ChildProcess> => {
    const child = fork(worker, [settings], {
      execArgv: ["--experimental-vm-modules", "--no-warnings", "--expose-gc", ...V8],
      stdio: ["ignore", "ignore", "ignore", "ipc"],
    });
    await new Promise((resolve, reject) => {
      child.once("message", resolve);
      child.once("exit", () => reject(new Error("a worker could not be started")));
    });
    child.removeAllListeners("exit");
    return child;
  };
  const execute = (child: ChildProcess, path: string): Promise<Result> =>
    new Promise((resolve) => {
      const end = (result: Result): void => {
        clearTimeout(timer);
        child.removeAllListeners();
        resolve(result);
      };
      const timer = setTimeout(
        () => end({ passed: false, phase: "timeout", error: `no answer in ${timeout} ms` }),
        timeout,
      );
      child.once("message", (result) => end(result as Result));
      child.once("exit", () => end({ passed: false, phase: "crash", error: "the process ended" }));
      child.send(path);
    });
  const lane = async (): Promise<void> => {
    let child: ChildProcess | undefined;
    let executed = 0;
    for (let path = paths[next++]; path !== undefined; path = paths[next++]) {
      child ??= await start();
      const result = await execute(child, path);
      const isBroken = result.phase === "timeout" || result.phase === "crash";
      if (isBroken || ++executed % TESTS_PER_PROCESS === 0) {
        child.kill("SIGKILL");
        child = undefined;
      }
      tell(path, result);
    }
    child?.kill("SIGKILL");
  };
  await Promise.all(Array.from({ length: jobs }, lane));
}
