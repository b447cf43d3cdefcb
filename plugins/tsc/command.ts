/** `perdure tsc`: `tsc` for projects with durable files. Options, exit codes and printing are those of `tsc`. */
import { findConfig, isBuild } from "./command-line.ts";
import { durablePrograms } from "./durable-program.ts";
import { type DurableSources, durableSources } from "./durable-sources.ts";
import { error } from "./errors.ts";
import { runNative } from "./native-command.ts";
import { buildProject, EXIT, watchProject } from "./project.ts";
import { type Reporter, reporter } from "./reporting.ts";
import { buildSolution, watchSolution } from "./solution.ts";
import { forgetStaleOutputs, projectsInOrder } from "./staleness.ts";
import { type ApiCompiler, findTypeScript } from "./typescript.ts";

export interface TscArguments {
  /** Options for `tsc`, without ours. */
  readonly rest: readonly string[];
  readonly include: readonly string[];
  readonly root: string;
  readonly explain: boolean;
}

/** What `tsc` does instead of building. */
const NOT_BUILDING = new Set(["--init", "--showconfig", "--listfilesonly", "--all"]);

/** Runs the command in the working directory. Undefined: it watches, and ends with the process. */
export async function runTsc(settings: TscArguments): Promise<number | undefined> {
  const odd = settings.rest.find((argument) => NOT_BUILDING.has(argument.toLowerCase()));
  if (odd !== undefined) throw error("PD1306", { name: odd });
  const files = durableSources(settings);
  const build = settings.rest.some(isBuild);
  const compiler = findTypeScript(process.cwd());
  if (!build && settings.rest.some((argument) => /^(-v|--version)$/i.test(argument))) {
    process.stdout.write(`Version ${compiler.version}\n`);
    return EXIT.success;
  }
  if (compiler.kind === "native") return runNative(compiler, files, settings.rest);
  return build ? solution(compiler, files, settings) : project(compiler, files, settings);
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
