/**
 * Projects with TypeScript 7 or later, a native program that takes no plugins: it checks, and writes declarations and
 * build info. The JavaScript comes from the TypeScript that the transformer carries, beside it, unchecked.
 */
import { mkdirSync } from "node:fs";
import { dirname } from "node:path";
import type { ts } from "@ts-morph/common";
import { type DurableProgram, replacing, transformAll } from "./durable-program.ts";
import { javaScriptOnly } from "./lowered-program.ts";
import { type Check, startCheck } from "./native-check.ts";
import type { NativeBuild, NativeProject } from "./native-project.ts";
import { EXIT } from "./project.ts";
import type { ApiCompiler } from "./typescript.ts";

/** Builds one project, whose references have been built. */
export async function buildNatively(build: NativeBuild, project: NativeProject): Promise<number> {
  const { options } = project.parsed;
  const program = javaScriptProgram(build.carried, project.parsed);
  let check: Check | undefined;
  // The other compiler works while this one transforms, unless what it may write depends on that.
  if (!options.noEmitOnError) check = startCheck(build, project);
  const durable = transformAll(build.carried, program, build.files);
  const refuses = problems(build.carried, durable).length > 0;
  check ??= startCheck(build, project, refuses);
  if (!options.noEmitOnError) emitJavaScript(build.carried, program, durable, options);
  const { code, printed } = await check.done;
  process.stdout.write(printed);
  durable.diagnostics.forEach(build.reporter.report);
  const failed = code !== 0 || refuses;
  if (options.noEmitOnError && !failed) emitJavaScript(build.carried, program, durable, options);
  if (options.noEmit) return code === 0 && refuses ? EXIT.outputsGenerated : code;
  return !failed ? EXIT.success : options.noEmitOnError ? EXIT.outputsSkipped : EXIT.outputsGenerated;
}

export const problems = ({ ts }: ApiCompiler, { diagnostics }: DurableProgram): readonly ts.Diagnostic[] =>
  diagnostics.filter((one) => one.category === ts.DiagnosticCategory.Error);

/** The project as the carried TypeScript sees it. It is asked for JavaScript alone. */
function javaScriptProgram({ ts, system }: ApiCompiler, parsed: ts.ParsedCommandLine): ts.Program {
  const options = javaScriptOnly(parsed.options);
  return ts.createProgram({
    rootNames: parsed.fileNames,
    options,
    ...(parsed.projectReferences ? { projectReferences: parsed.projectReferences } : {}),
    host: ts.createIncrementalCompilerHost(options, system),
  });
}

/** Writes what has changed. @param options those of the user, who may want declarations alone, or nothing */
export function emitJavaScript(
  compiler: ApiCompiler,
  program: ts.Program,
  durable: DurableProgram,
  options: ts.CompilerOptions,
): void {
  if (options.noEmit || options.emitDeclarationOnly) return;
  const { system } = compiler;
  const write: ts.WriteFileCallback = (path, text, byteOrderMark) => {
    if (system.readFile(path) === text) return;
    mkdirSync(dirname(path), { recursive: true });
    system.writeFile(path, text, byteOrderMark);
  };
  program.emit(undefined, replacing(compiler, program, durable, write));
}
