/** The subcommands and their options. */
import { createRequire } from "node:module";
import { resolve } from "node:path";
import { error } from "../tsc/errors.ts";
import { EXPLAIN_HELP, HELP, TSC_HELP } from "./help.ts";

/** @returns the exit code; undefined: the command goes on until the process ends */
export async function main(args: readonly string[]): Promise<number | undefined> {
  const [command = "--help", ...rest] = args;
  switch (command) {
    case "-h":
    case "--help":
    case "help":
      return print(HELP);
    case "-v":
    case "--version":
      return print(`${createRequire(import.meta.url)("@perdure/plugins/package.json").version}\n`);
    case "tsc":
      return tsc(rest);
    case "explain":
      return explain(rest);
    default:
      if (command.startsWith("-"))
        throw error("PD1302", { command: "itself", name: command, mend: "see `perdure --help`" });
      throw error("PD1301", { name: command, mend: "`perdure tsc` or `perdure explain`" });
  }
}

const isHelp = (argument: string): boolean => argument === "-h" || argument === "--help";

async function tsc(args: readonly string[]): Promise<number | undefined> {
  if (args.some(isHelp)) return print(TSC_HELP);
  const { values, rest } = ownOptions("tsc", args, ["--include", "--root"], ["--explain"]);
  const { runTsc } = await import("../tsc/command.ts");
  return runTsc({ ...placesOf(values), explain: values.has("--explain"), rest });
}

async function explain(args: readonly string[]): Promise<number> {
  if (args.some(isHelp)) return print(EXPLAIN_HELP);
  const spelled = args.map((argument) => (argument === "-p" ? "--project" : argument));
  const { values, rest } = ownOptions("explain", spelled, ["--project", "--include", "--root"], []);
  const unknown = rest.find((argument) => argument.startsWith("-"));
  if (unknown !== undefined)
    throw error("PD1302", { command: "explain", name: unknown, mend: "see `perdure explain --help`" });
  const project = values.get("--project")?.at(-1);
  if (project !== undefined && rest.length > 0)
    throw error("PD1302", {
      command: "explain",
      name: "--project beside files",
      mend: "name the files, or the project",
    });
  const { runExplain } = await import("../tsc/command.ts");
  return runExplain({ ...placesOf(values), project, files: rest });
}

/** Takes the command's own options from the rest. @param valued options with a value; @param flags those without */
function ownOptions(command: string, args: readonly string[], valued: readonly string[], flags: readonly string[]) {
  const values = new Map<string, string[]>();
  const rest: string[] = [];
  for (let i = 0; i < args.length; i++) {
    const [name, attached] = splitOnce(args[i]!);
    if (flags.includes(name) && attached === undefined) values.set(name, []);
    else if (valued.includes(name)) {
      const value = attached ?? args[++i];
      if (value === undefined || value.startsWith("-"))
        throw error("PD1302", {
          command,
          name: `${name} without a value`,
          mend: `write its value after it: ${name} <value>`,
        });
      values.set(name, [...(values.get(name) ?? []), value]);
    } else rest.push(args[i]!);
  }
  return { values, rest };
}

/** `--root=app` is `--root app`. */
const splitOnce = (argument: string): [name: string, value?: string] => {
  const at = argument.startsWith("--") ? argument.indexOf("=") : -1;
  return at < 0 ? [argument] : [argument.slice(0, at), argument.slice(at + 1)];
};

const placesOf = (values: ReadonlyMap<string, readonly string[]>) => ({
  include: values.get("--include") ?? [],
  root: resolve(values.get("--root")?.at(-1) ?? "."),
});

function print(text: string): number {
  process.stdout.write(text);
  return 0;
}
