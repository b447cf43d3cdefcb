/** Has programs observed in processes of their own, each for a number of modules. */
import { type ChildProcess, fork } from "node:child_process";
import { rmSync } from "node:fs";
import { join } from "node:path";
import { build } from "esbuild";
import { root } from "../compile.ts";
import type { Answer, Job } from "./observer.ts";

/** How many modules a process observes: more cost a new process less often, fewer keep what it looks at small. */
const MODULES = 6;
/** Of nothing but virtual time: a program that takes longer never ends. */
const PATIENCE_MS = 120_000;

export interface Observers {
  /** Jobs wait for each other. */
  observe(job: Job): Promise<Answer>;
  close(): void;
}

export async function openObservers(native: string, machine: string): Promise<Observers> {
  const outfile = join(root, "test/differential/dist", `observer-${process.pid}.mjs`);
  await build({
    entryPoints: [join(root, "test/differential/fuzz/observer.ts")],
    ...{ outfile, bundle: true, platform: "node", format: "esm", packages: "external", logLevel: "warning" },
  });
  let child: ChildProcess | undefined;
  let left = 0;
  /** It ends when nobody talks to it any more. */
  const end = (): void => {
    if (child?.connected) child.disconnect();
    child = undefined;
  };
  const start = async (): Promise<ChildProcess> => {
    end();
    left = MODULES;
    // Without source maps: a run reads the stack of each error that it saves.
    const execArgv = process.execArgv.filter((it) => it !== "--enable-source-maps");
    child = fork(outfile, [native, machine], { execArgv });
    await answerOf(child);
    return child;
  };
  const observeNow = async (job: Job): Promise<Answer> => {
    const ready = child === undefined || left === 0 ? await start() : child;
    left--;
    ready.send(job);
    const answer = await answerOf<Answer>(ready);
    if ("broken" in answer) {
      ready.kill("SIGKILL");
      end();
    }
    return answer;
  };
  let last: Promise<unknown> = Promise.resolve();
  const observe = (job: Job): Promise<Answer> => {
    const answer = last.then(() => observeNow(job));
    last = answer.catch(() => {});
    return answer;
  };
  const close = (): void => {
    end();
    rmSync(outfile, { force: true });
  };
  return { observe, close };
}

/** What a process says next; that it died, or said nothing for long, is an answer too. */
function answerOf<T>(child: ChildProcess): Promise<T | { broken: string }> {
  return new Promise((resolve) => {
    const done = (answer: T | { broken: string }): void => {
      clearTimeout(timer);
      child.removeAllListeners();
      resolve(answer);
    };
    const timer = setTimeout(() => done({ broken: "it does not end" }), PATIENCE_MS);
    child.once("message", (answer) => done(answer as T));
    child.once("exit", (code, signal) => done({ broken: `the process ended with ${signal ?? code}` }));
  });
}
