/** One project, built once or watched: what `tsc -p` does, over programs that know durable files. */
import type { ts } from "@ts-morph/common";
import type { CreateProgram } from "./durable-program.ts";
import type { Reporter } from "./reporting.ts";
import type { ApiCompiler } from "./typescript.ts";

/** The exit codes of `tsc`. */
export const EXIT = { success: 0, outputsSkipped: 1, outputsGenerated: 2 } as const;

export interface ProjectBuild {
  readonly compiler: ApiCompiler;
  /** Undefined: the files of the command line, without a project. */
  readonly configPath: string | undefined;
  readonly commandLine: ts.ParsedCommandLine;
  readonly createProgram: CreateProgram;
  readonly reporter: Reporter;
}

/** Reads a tsconfig under the options of the command line; what cannot be read is reported. */
export function parseConfig(
  { ts, system }: ApiCompiler,
  configPath: string,
  options: ts.CompilerOptions,
  report: ts.DiagnosticReporter,
): ts.ParsedCommandLine | undefined {
  return ts.getParsedCommandLineOfConfigFile(configPath, options, {
    ...system,
    onUnRecoverableConfigFileDiagnostic: report,
  });
}

export function buildProject({ compiler, configPath, commandLine, createProgram, reporter }: ProjectBuild): number {
  const { ts, system } = compiler;
  const parsed =
    configPath === undefined ? commandLine : parseConfig(compiler, configPath, commandLine.options, reporter.report);
  if (!parsed) return EXIT.outputsSkipped;
  const program = ts.createIncrementalProgram<ts.EmitAndSemanticDiagnosticsBuilderProgram>({
    rootNames: parsed.fileNames,
    options: parsed.options,
    configFileParsingDiagnostics: ts.getConfigFileParsingDiagnostics(parsed),
    ...(parsed.projectReferences ? { projectReferences: parsed.projectReferences } : {}),
    host: ts.createIncrementalCompilerHost(parsed.options, system),
    createProgram,
  });
  const { diagnostics, emitResult } = emitAndCollect(ts, program);
  diagnostics.forEach(reporter.report);
  if (parsed.options.listEmittedFiles)
    for (const path of emitResult.emittedFiles ?? [])
      system.write(`TSFILE: ${system.resolvePath(path)}${system.newLine}`);
  if (parsed.options.listFiles)
    for (const file of program.getSourceFiles()) system.write(`${file.fileName}${system.newLine}`);
  reporter.summarize(diagnostics);
  if (diagnostics.length === 0) return EXIT.success;
  return emitResult.emitSkipped ? EXIT.outputsSkipped : EXIT.outputsGenerated;
}

/** In the order of `tsc`: what is wrong with the settings or the syntax hides what follows from it. */
function emitAndCollect(api: ApiCompiler["ts"], program: ts.EmitAndSemanticDiagnosticsBuilderProgram) {
  const all: ts.Diagnostic[] = [...program.getConfigFileParsingDiagnostics()];
  const before = all.length;
  all.push(...program.getSyntacticDiagnostics());
  if (all.length === before) {
    all.push(...program.getOptionsDiagnostics(), ...program.getGlobalDiagnostics());
    if (all.length === before) all.push(...program.getSemanticDiagnostics());
    const { noEmit, declaration, composite } = program.getCompilerOptions();
    if (noEmit && (declaration || composite) && all.length === before) all.push(...program.getDeclarationDiagnostics());
  }
  const emitResult = program.emit();
  all.push(...emitResult.diagnostics);
  return { emitResult, diagnostics: api.sortAndDeduplicateDiagnostics(all) };
}

/** Watches until the process ends. */
export function watchProject({ compiler, configPath, commandLine, createProgram, reporter }: ProjectBuild): void {
  const { ts, system } = compiler;
  const host =
    configPath === undefined
      ? ts.createWatchCompilerHost(
          commandLine.fileNames,
          commandLine.options,
          system,
          createProgram,
          reporter.report,
          undefined,
          undefined,
          commandLine.watchOptions,
        )
      : ts.createWatchCompilerHost(
          configPath,
          commandLine.options,
          system,
          createProgram,
          reporter.report,
          undefined,
          commandLine.watchOptions,
        );
  // The two overloads differ in what is watched only.
  ts.createWatchProgram(host as ts.WatchCompilerHostOfConfigFile<ts.EmitAndSemanticDiagnosticsBuilderProgram>);
}
