/** `perdure tsc`: `tsc` for projects with durable files. Options, exit codes and printing are those of `tsc`. */
import type { Explanation } from "../core/explain.ts";
import { findConfig, isBuild } from "./command-line.ts";
import { durablePrograms } from "./durable-program.ts";
import { type DurableSources, durableSources } from "./durable-sources.ts";
import { error } from "./errors.ts";
import { explainFiles, explainProjects } from "./explain.ts";
import { runNative } from "./native-command.ts";
import { buildProject, EXIT, watchProject } from "./project.ts";
import { type Reporter, reporter } from "./reporting.ts";
import { buildSolution, watchSolution } from "./solution.ts";
import { forgetStaleOutputs, projectsInOrder } from "./staleness.ts";
import { type ApiCompiler, carriedTypeScript, findTypeScript } from "./typescript.ts";

export interface TscArguments {
  /** Options for `tsc`, without ours. */
  readonly rest: readonly string[];
  readonly include: readonly string[];
  readonly root: string;
  readonly explain: boolean;
}

/** What `tsc` does instead of building. */
const NOT_BUILDING = new Set(["--init", "--showconfig", "--listfilesonly", "--all"]);

/** `perdure explain`: what the durable files of a project, or these files, were taken for, without building it. */
export function runExplain({ project, files, include, root }: ExplainArguments): number {
  const { text, errors } =
    files.length > 0
      ? explainFiles(files, include, root)
      : explainProjects([findConfig(project)], durableSources({ include, root }), root);
  process.stdout.write(text);
  process.stderr.write(errors);
  return errors === "" ? EXIT.success : EXIT.outputsSkipped;
}

export interface ExplainArguments {
  /** A tsconfig, or a folder that has one. */
  readonly project: string | undefined;
  /** In place of a project. */
  readonly files: readonly string[];
  readonly include: readonly string[];
  readonly root: string;
}

const watches = (args: readonly string[]): boolean => args.some((argument) => /^--?w(atch)?$/i.test(argument));

/** Runs the command in the working directory. Undefined: it watches, and ends with the process. */
export async function runTsc(settings: TscArguments): Promise<number | undefined> {
  const { rest, include, root, explain } = settings;
  const odd = rest.find((argument) => NOT_BUILDING.has(argument.toLowerCase()));
  if (odd !== undefined) throw error("PD1306", { name: odd });
  const compiler = findTypeScript(process.cwd());
  const build = rest.some(isBuild);
  if (!build && rest.some((argument) => /^(-v|--version)$/i.test(argument))) {
    process.stdout.write(`Version ${compiler.version}\n`);
    return EXIT.success;
  }
  const watch = watches(rest);
  const explained = explain && watch ? ({ text }: Explanation) => process.stdout.write(`${text}\n`) : undefined;
  const files = durableSources({ include, root, explained });
  const code =
    compiler.kind === "native"
      ? await runNative(compiler, files, rest)
      : build
        ? solution(compiler, files, settings)
        : project(compiler, files, settings);
  if (explain && !watch) process.stdout.write(explainProjects(configsOf(rest), files, root).text);
  return code;
}

/** The projects that the command line names. */
function configsOf(args: readonly string[]): readonly string[] {
  const { ts, system } = carriedTypeScript();
  const known = args.filter((argument) => !isBuild(argument));
  if (known.length < args.length) return ts.parseBuildCommand(known).projects.map((path) => findConfig(path));
  return [findConfig(ts.parseCommandLine(known, system.readFile).options.project)];
}

function project(compiler: ApiCompiler, files: DurableSources, { rest }: TscArguments): number | undefined {
  const { ts, system } = compiler;
  const commandLine = ts.parseCommandLine(rest, system.readFile);
  const printing = reporter(compiler, commandLine.options);
  if (commandLine.errors.length > 0) return failed(printing, commandLine.errors);
  const configPath = commandLine.fileNames.length > 0 ? undefined : findConfig(commandLine.options.project);
  const createProgram = durablePrograms(compiler, files, printing.report);
  const build = { compiler, configPath, commandLine, createProgram, reporter: printing };
  if (configPath !== undefined) {
    const own = projectsInOrder(compiler, [configPath], commandLine.options).find(
      (one) => one.configPath === configPath,
    );
    if (own) forgetStaleOutputs(compiler, own.parsed, files);
  }
  if (!commandLine.options.watch) return buildProject(build);
  watchProject(build);
  return undefined;
}

function solution(compiler: ApiCompiler, files: DurableSources, { rest }: TscArguments): number | undefined {
  const command = compiler.ts.parseBuildCommand(rest.filter((argument) => !isBuild(argument)));
  const printing = reporter(compiler, command.buildOptions);
  if (command.errors.length > 0) return failed(printing, command.errors);
  const createProgram = durablePrograms(compiler, files, printing.report);
  const build = { compiler, command, createProgram, reporter: printing };
  if (!command.buildOptions.clean) {
    const roots = command.projects.map((path) => findConfig(path));
    for (const { parsed } of projectsInOrder(compiler, roots)) forgetStaleOutputs(compiler, parsed, files);
  }
  if (!command.buildOptions.watch) return buildSolution(build);
  watchSolution(build);
  return undefined;
}

function failed({ report, summarize }: Reporter, errors: Parameters<Reporter["summarize"]>[0]): number {
  errors.forEach(report);
  summarize(errors);
  return EXIT.outputsSkipped;
}
