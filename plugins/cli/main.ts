/** The subcommands and their options. */
import { resolve } from "node:path";
import { error } from "../tsc/errors.ts";
import { HELP, TSC_HELP } from "./help.ts";

/** @returns the exit code; undefined: the command goes on until the process ends */
export async function main(args: readonly string[]): Promise<number | undefined> {
  const [command = "--help", ...rest] = args;
  switch (command) {
    case "-h":
    case "--help":
    case "help":
      process.stdout.write(HELP);
      return 0;
    case "-v":
    case "--version":
      process.stdout.write(`${await ownVersion()}\n`);
      return 0;
    case "tsc":
      return tsc(rest);
    default:
      throw error("PD1301", { name: command, mend: "`perdure tsc`" });
  }
}

async function tsc(args: readonly string[]): Promise<number | undefined> {
  const own = { include: [] as string[], root: process.cwd(), explain: false };
  const rest: string[] = [];
  for (let i = 0; i < args.length; i++) {
    const argument = args[i]!;
    if (argument === "-h" || argument === "--help") {
      process.stdout.write(TSC_HELP);
      return 0;
    }
    if (argument === "--include") own.include.push(valueOf(args, ++i));
    else if (argument === "--root") own.root = resolve(valueOf(args, ++i));
    else rest.push(argument);
  }
  const { runTsc } = await import("../tsc/command.ts");
  return runTsc({ ...own, rest });
}

function valueOf(args: readonly string[], at: number): string {
  const value = args[at];
  if (value === undefined || value.startsWith("-"))
    throw error("PD1302", {
      command: "tsc",
      name: `${args[at - 1]} without a value`,
      mend: "write its value after it",
    });
  return value;
}

async function ownVersion(): Promise<string> {
  const { createRequire } = await import("node:module");
  return createRequire(import.meta.url)("@perdure/plugins/package.json").version;
}
