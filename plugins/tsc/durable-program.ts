/**
 * The user's program, as TypeScript's own builders make it, with one difference: where it writes the JavaScript of a
 * durable file, that of the transformed text is written instead. So incremental builds, watch mode and project
 * references stay TypeScript's, and at no moment does an output stand there that was not transformed.
 */
import type { ts } from "@ts-morph/common";
import { type DurableFile, type DurableSources, hasErrors } from "./durable-sources.ts";
import { error } from "./errors.ts";
import { loweredProgram, type Outputs } from "./lowered-program.ts";
import { asTypeScript } from "./reporting.ts";
import type { Transformed } from "./source-map.ts";
import type { ApiCompiler } from "./typescript.ts";

export type CreateProgram = ts.CreateProgram<ts.EmitAndSemanticDiagnosticsBuilderProgram>;

/** @param warn is told the transformer's warnings, which leave the exit code alone */
export function durablePrograms(
  compiler: ApiCompiler,
  files: DurableSources,
  warn: ts.DiagnosticReporter,
): CreateProgram {
  const { ts } = compiler;
  return (...settings) => {
    const builder = ts.createEmitAndSemanticDiagnosticsBuilderProgram(...settings);
    const emit = builder.emit;
    const writeToDisk = settings[2]?.writeFile.bind(settings[2]) ?? compiler.system.writeFile;
    builder.emit = (target, writeFile = writeToDisk, ...rest) => {
      const program = builder.getProgram();
      const durable = transformAll(compiler, program, files);
      const problems = durable.diagnostics.filter((one) => one.category === ts.DiagnosticCategory.Error);
      for (const diagnostic of durable.diagnostics) if (!problems.includes(diagnostic)) warn(diagnostic);
      if (problems.length > 0 && program.getCompilerOptions().noEmitOnError)
        return { emitSkipped: true, diagnostics: problems };
      const result = emit(target, replacing(compiler, program, durable, writeFile), ...rest);
      return { ...result, diagnostics: [...result.diagnostics, ...problems] };
    };
    return builder;
  };
}

export interface DurableProgram {
  readonly transformed: ReadonlyMap<string, Transformed>;
  /** Durable files that have errors: there is no JavaScript of them. */
  readonly refused: ReadonlySet<string>;
  readonly diagnostics: readonly ts.Diagnostic[];
}

/** Transforms the durable files of a program. */
export function transformAll(compiler: ApiCompiler, program: ts.Program, files: DurableSources): DurableProgram {
  const { configFilePath, outFile } = program.getCompilerOptions();
  const transformed = new Map<string, Transformed>();
  const refused = new Set<string>();
  const diagnostics: ts.Diagnostic[] = [];
  for (const source of program.getSourceFiles()) {
    const { fileName, text } = source;
    if (source.isDeclarationFile || program.isSourceFileFromExternalLibrary(source)) continue;
    if (!files.concerns(fileName, text)) continue;
    const file: DurableFile = files.transform(fileName, text, configFilePath as string | undefined);
    // TypeScript has said already what is no TypeScript.
    const isSyntax = program.getSyntacticDiagnostics(source).length > 0;
    if (!isSyntax) for (const one of file.diagnostics) diagnostics.push(asTypeScript(compiler, one, source));
    if (hasErrors(file)) refused.add(fileName);
    if (file.transformed && outFile) throw error("PD1305", { file: fileName, out: outFile });
    if (file.transformed) transformed.set(fileName, file.transformed);
  }
  return { transformed, refused, diagnostics };
}

/** JavaScript and its map, not declarations. */
const isJavaScript = (path: string): boolean => /(?<!\.d)\.[cm]?jsx?(\.map)?$/.test(path);

/** Writes the transformed file's JavaScript where the program writes that of the user's text. */
export function replacing(
  compiler: ApiCompiler,
  program: ts.Program,
  { transformed, refused }: DurableProgram,
  writeFile: ts.WriteFileCallback,
): ts.WriteFileCallback {
  if (transformed.size === 0 && refused.size === 0) return writeFile;
  const emitted = new Map<string, Outputs>();
  const emit = loweredProgram(compiler, program, transformed);
  return (path, text, byteOrderMark, onError, sources, data) => {
    const source = sources?.length === 1 ? sources[0]!.fileName : undefined;
    if (source === undefined || !isJavaScript(path))
      return writeFile(path, text, byteOrderMark, onError, sources, data);
    if (refused.has(source)) {
      // What an earlier build left there would run as if it were this one's.
      if (compiler.system.fileExists(path)) compiler.system.deleteFile?.(path);
      return;
    }
    let own = text;
    if (transformed.has(source)) {
      let outputs = emitted.get(source);
      if (!outputs) emitted.set(source, (outputs = emit(source)));
      own = outputs.get(path)!.text;
    }
    writeFile(path, own, byteOrderMark, onError, sources, data);
  };
}
