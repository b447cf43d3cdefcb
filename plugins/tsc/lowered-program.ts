/**
 * A second program beside the user's, in which the durable files have the transformer's text: it is asked for their
 * JavaScript alone. The user's own program gives diagnostics and declarations, which so know nothing of the transformer.
 */
import { dirname } from "node:path";
import type { ts } from "@ts-morph/common";
import { composeInlineMap, composeMaps, type Transformed } from "./source-map.ts";
import type { ApiCompiler } from "./typescript.ts";

/** Names and texts of the files that one source file becomes: `.js`, and `.js.map` where maps are asked for. */
export type Outputs = ReadonlyMap<string, { readonly text: string; readonly byteOrderMark: boolean }>;

/** @param transformed by file name, as the program has it */
export function loweredProgram(
  { ts, system }: ApiCompiler,
  program: ts.Program,
  transformed: ReadonlyMap<string, Transformed>,
): (fileName: string) => Outputs {
  const options = javaScriptOnly(program.getCompilerOptions());
  const host = ts.createIncrementalCompilerHost(options, system);
  const read = host.getSourceFile;
  host.getSourceFile = (fileName, languageVersion, ...rest) => {
    const file = transformed.get(fileName);
    if (file) return ts.createSourceFile(fileName, file.code, languageVersion, true);
    return program.getSourceFile(fileName) ?? read(fileName, languageVersion, ...rest);
  };
  let second: ts.Program | undefined;

  return (fileName) => {
    second ??= ts.createProgram({
      rootNames: program.getRootFileNames(),
      options,
      host,
      oldProgram: program,
      ...(program.getProjectReferences() ? { projectReferences: program.getProjectReferences()! } : {}),
    });
    const outputs = new Map<string, { text: string; byteOrderMark: boolean }>();
    second.emit(second.getSourceFile(fileName), (name, text, byteOrderMark) => {
      outputs.set(name, { text: ledBack(name, text, transformed.get(fileName)!), byteOrderMark });
    });
    return outputs;
  };
}

const ledBack = (name: string, text: string, file: Transformed): string =>
  name.endsWith(".map") ? JSON.stringify(composeMaps(JSON.parse(text), file)) : composeInlineMap(text, file);

/** Same paths and same JavaScript, and nothing else: the transformed text is not checked, and has no declarations. */
export function javaScriptOnly(options: ts.CompilerOptions): ts.CompilerOptions {
  const { tsBuildInfoFile: _, declarationDir: _dir, ...rest } = options;
  const rootDir = options.rootDir ?? (options.composite ? dirname(options["configFilePath"] as string) : undefined);
  return {
    ...rest,
    ...(rootDir === undefined ? {} : { rootDir }),
    noCheck: true,
    noEmit: false,
    noEmitOnError: false,
    emitDeclarationOnly: false,
    declaration: false,
    declarationMap: false,
    isolatedDeclarations: false,
    composite: false,
    incremental: false,
  };
}
