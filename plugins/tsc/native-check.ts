/** One run of a native compiler over one project: types, declarations, build info, but no JavaScript. */
import { type ChildProcess, spawn } from "node:child_process";
import type { NativeBuild, NativeProject } from "./native-project.ts";

export interface Check {
  /** What it printed is kept back, so that two that run at once do not mix. */
  readonly done: Promise<{ readonly code: number; readonly printed: string }>;
  stop(): void;
}

/** @param nothing it may write no declarations either */
export function startCheck({ native, options }: NativeBuild, project: NativeProject, nothing = false): Check {
  const { configPath, parsed } = project;
  const args = [native.script];
  if (configPath !== undefined) args.push("-p", configPath);
  args.push(...options, ...writes(parsed.options, nothing));
  if (process.stdout.isTTY && parsed.options["pretty"] === undefined) args.push("--pretty");
  const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "inherit"] });
  return { done: ended(child), stop: () => child.kill() };
}

/** The JavaScript is not this compiler's, so it is told to write declarations alone, or nothing. */
function writes(options: NativeProject["parsed"]["options"], nothing: boolean): readonly string[] {
  if (nothing) return ["--noEmit"];
  if (options.noEmit || options.emitDeclarationOnly) return [];
  return options.declaration || options.composite ? ["--emitDeclarationOnly"] : ["--noEmit"];
}

const ended = (child: ChildProcess): Check["done"] =>
  new Promise((resolve, reject) => {
    let printed = "";
    child.stdout!.setEncoding("utf8").on("data", (text: string) => {
      printed += text;
    });
    child.once("error", reject);
    // A check that was stopped has no verdict.
    child.once("close", (code) => resolve({ code: code ?? 1, printed }));
  });
