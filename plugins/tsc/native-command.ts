/** The command line of a project with a native TypeScript: which projects, in which order, with which options. */
import { spawn } from "node:child_process";
import type { ts } from "@ts-morph/common";
import { findConfig, isBuild } from "./command-line.ts";
import type { DurableSources } from "./durable-sources.ts";
import { buildNatively } from "./native.ts";
import type { NativeBuild, NativeProject } from "./native-project.ts";
import { watchNatively } from "./native-watch.ts";
import { EXIT, parseConfig } from "./project.ts";
import { reporter } from "./reporting.ts";
import { forgetStaleOutputs, projectsInOrder } from "./staleness.ts";
import { carriedTypeScript, type NativeCompiler } from "./typescript.ts";

/** Builds, or watches until the process ends. */
export async function runNative(
  native: NativeCompiler,
  files: DurableSources,
  args: readonly string[],
): Promise<number | undefined> {
  const carried = carriedTypeScript();
  const isSolution = args.some(isBuild);
  const given = args.filter((argument) => !isBuild(argument));
  const known = withoutNewer(given);
  const solution = isSolution ? carried.ts.parseBuildCommand(known) : undefined;
  const { options, fileNames, watch, errors } = solution
    ? {
        ...solution,
        options: solution.buildOptions as ts.CompilerOptions,
        fileNames: [],
        watch: solution.buildOptions.watch,
      }
    : watchOf(carried.ts.parseCommandLine(known, carried.system.readFile));
  const printing = reporter(carried, options);

  // What builds nothing, and what the command line itself has wrong, is the compiler's own to say.
  if (errors.length > 0) return (await passOn(native, args)) || EXIT.outputsSkipped;
  if (solution?.buildOptions.clean || solution?.buildOptions.dry) return passOn(native, args);

  let projects: NativeProject[];
  if (solution) {
    const roots = solution.projects.map((path) => findConfig(path));
    const override = optionsOnly(options);
    projects = projectsInOrder(carried, roots, override).map((project) => ({ ...project, override }));
  } else if (fileNames.length > 0) {
    projects = [{ configPath: undefined, parsed: { options, fileNames, errors: [] }, override: options }];
  } else {
    const configPath = findConfig(options["project"] as string | undefined);
    const parsed = parseConfig(carried, configPath, options, () => {});
    if (!parsed) return passOn(native, args);
    projects = [{ configPath, parsed, override: options }];
  }
  for (const { parsed } of projects) {
    const buildInfo = carried.ts.getTsBuildInfoEmitOutputFilePath(parsed.options);
    if (solution?.buildOptions.force && buildInfo !== undefined) carried.system.deleteFile?.(buildInfo);
    forgetStaleOutputs(carried, parsed, files);
  }
  const build: NativeBuild = { native, carried, files, reporter: printing, options: passed(given, solution?.projects) };
  if (watch) {
    await watchNatively(build, projects);
    return undefined;
  }
  let worst: number = EXIT.success;
  for (const project of projects) {
    if (project.parsed.fileNames.length === 0 && project.parsed.projectReferences?.length) continue;
    const code = await buildNatively(build, project);
    worst = Math.max(worst, code);
    if (code !== EXIT.success && solution?.buildOptions["stopBuildOnErrors"]) break;
  }
  return worst;
}

const watchOf = ({ options, fileNames, errors }: ts.ParsedCommandLine) => ({
  options,
  fileNames,
  errors,
  watch: options.watch,
});

/** Options that version 7 brought, with and without a value: the carried TypeScript does not know them. */
const NEWER_VALUED = /^--?(checkers|builders|pprofDir)$/i;
const NEWER = /^--?(singleThreaded|quiet|q|deduplicatePackages)$/i;

const withoutNewer = (args: readonly string[]): string[] =>
  args.filter((argument, i) => {
    if (NEWER.test(argument) || NEWER_VALUED.test(argument)) return false;
    return i === 0 || !NEWER_VALUED.test(args[i - 1]!);
  });

/** Settings of the build itself are none of a project. */
function optionsOnly(options: ts.CompilerOptions): ts.CompilerOptions {
  const { verbose, dry, force, clean, stopBuildOnErrors, watch, build, ...rest } = options;
  return rest;
}

const VALUED = /^--?(p|project)$/i;
const OF_THE_BUILD = /^--?(w|watch|preserveWatchOutput|verbose|v|force|f|stopBuildOnErrors)$/i;

/** The options that each project's check gets. */
function passed(args: readonly string[], projects: readonly string[] | undefined): string[] {
  const rest: string[] = [];
  for (let i = 0; i < args.length; i++) {
    const argument = args[i]!;
    if (VALUED.test(argument)) i++;
    else if (!OF_THE_BUILD.test(argument) && !projects?.includes(argument)) rest.push(argument);
  }
  return rest;
}

function passOn(native: NativeCompiler, args: readonly string[]): Promise<number> {
  const child = spawn(process.execPath, [native.script, ...args], { stdio: "inherit" });
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code) => resolve(code ?? 1));
  });
}
