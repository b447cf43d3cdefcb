/** Projects that refer to each other (`-b`), built in order or watched, by TypeScript's own solution builder. */
import type { ts } from "@ts-morph/common";
import type { CreateProgram } from "./durable-program.ts";
import type { Reporter } from "./reporting.ts";
import type { ApiCompiler } from "./typescript.ts";

export interface SolutionBuild {
  readonly compiler: ApiCompiler;
  readonly command: ReturnType<ApiCompiler["ts"]["parseBuildCommand"]>;
  readonly createProgram: CreateProgram;
  readonly reporter: Reporter;
}

export function buildSolution({ compiler, command, createProgram, reporter }: SolutionBuild): number {
  const { ts, system } = compiler;
  const { buildOptions, projects } = command;
  const reported: ts.Diagnostic[] = [];
  const host = ts.createSolutionBuilderHost(
    system,
    createProgram,
    (diagnostic) => {
      reported.push(diagnostic);
      reporter.report(diagnostic);
    },
    undefined,
    () => reporter.summarize(reported),
  );
  const builder = ts.createSolutionBuilder(host, projects, buildOptions);
  return buildOptions.clean ? builder.clean() : builder.build();
}

/** Watches until the process ends. */
export function watchSolution({ compiler, command, createProgram, reporter }: SolutionBuild): void {
  const { ts, system } = compiler;
  const host = ts.createSolutionBuilderWithWatchHost(system, createProgram, reporter.report);
  ts.createSolutionBuilderWithWatch(host, command.projects, command.buildOptions, command.watchOptions).build();
}
