/**
 * An incremental build leaves alone what its build info calls up to date. If plain `tsc` wrote that, or an earlier build was refused,
 * outputs of durable files stand there untransformed, or not at all: then the build info is taken away, and everything is built.
 */
import type { ts } from "@ts-morph/common";
import type { DurableSources } from "./durable-sources.ts";
import { parseConfig } from "./project.ts";
import type { ApiCompiler } from "./typescript.ts";

/** What every transformed file imports. */
const RUNTIME = "perdure/emitted";

/** The projects and all that they refer to, each once, those that are referred to first. */
export function projectsInOrder(
  compiler: ApiCompiler,
  configPaths: readonly string[],
  options: ts.CompilerOptions = {},
): { readonly configPath: string; readonly parsed: ts.ParsedCommandLine }[] {
  const found = new Map<string, ts.ParsedCommandLine | null>();
  const order: { configPath: string; parsed: ts.ParsedCommandLine }[] = [];
  const visit = (configPath: string): void => {
    if (found.has(configPath)) return;
    const parsed = parseConfig(compiler, configPath, options, () => {});
    found.set(configPath, parsed ?? null);
    if (!parsed) return;
    for (const reference of parsed.projectReferences ?? []) visit(compiler.ts.resolveProjectReferencePath(reference));
    order.push({ configPath, parsed });
  };
  configPaths.forEach(visit);
  return order;
}

/** Takes the build info away where outputs are not those of its durable files. */
export function forgetStaleOutputs(compiler: ApiCompiler, parsed: ts.ParsedCommandLine, files: DurableSources): void {
  const { ts, system } = compiler;
  const { options } = parsed;
  if (options.noEmit || options.emitDeclarationOnly) return;
  const buildInfo = ts.getTsBuildInfoEmitOutputFilePath(options);
  if (buildInfo === undefined || !system.fileExists(buildInfo)) return;
  const isStale = parsed.fileNames.some((fileName) => {
    if (/\.d\.[cm]?ts$/.test(fileName)) return false;
    const text = system.readFile(fileName);
    if (text === undefined || !files.concerns(fileName, text)) return false;
    return ts
      .getOutputFileNames(parsed, fileName, !system.useCaseSensitiveFileNames)
      .filter((path) => /\.[cm]?jsx?$/.test(path))
      .some((path) => !system.readFile(path)?.includes(RUNTIME));
  });
  if (isStale) system.deleteFile?.(buildInfo);
}
