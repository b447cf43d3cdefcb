/**
 * The one core of all plugins: which files are durable, what they become, what is reported. Adapters translate between a
 * host's hooks and these calls; no rule about durability lives in them.
 *
 * The compiler is loaded with the first durable file: a build without one pays nothing.
 */
import { resolve } from "node:path";
import type { Diagnostic, Manifest, Stripped, StripRequest, TransformOptions, TypeSource } from "@perdure/transformer";
import { type Explanation, explain as explanationOf } from "./explain.ts";
import { type DurableFiles, durableFiles, withoutDirective } from "./files.ts";
import { checkPluginOptions, type PluginOptions } from "./options.ts";
import { packageNames } from "./package-folder.ts";
import { composeMaps } from "./source-map.ts";

/** What became of one durable file. */
export interface CompiledFile {
  /** TypeScript (or JSX) as it was: the host strips types. */
  readonly code: string;
  /** Source map of `code`, version 3; its only source is the file's base name. */
  readonly map: unknown;
  readonly manifest: Manifest;
  readonly warnings: readonly Diagnostic[];
}

/** The build must stop: errors of the compiler in one file. Its message has each with `file:line:column`, the lines and the fix. */
export class CompileFailure extends Error {
  readonly diagnostics: readonly Diagnostic[];
  constructor(diagnostics: readonly Diagnostic[], text: string) {
    super(text);
    this.name = "CompileFailure";
    this.diagnostics = diagnostics;
  }
}

/** The package `@perdure/transformer`, however the host could load it. */
export type Compiler = typeof import("@perdure/transformer");

/** What the compiler must know of the host: {@link TransformOptions}. */
export type HostKind = Pick<TransformOptions, "watch" | "mixesModules">;

export interface Session {
  /** Compiles one file; null when it turns out to have nothing durable. Throws {@link CompileFailure}. */
  compile(fileName: string, text: string): CompiledFile | null;
}

/**
 * Compiles files one after the other with one service for types.
 *
 * @param root absolute path that code ids are relative to
 */
export function createSession(
  { createTypeSource, formatDiagnostic, transform }: Compiler,
  files: DurableFiles,
  { types, explain }: Pick<PluginOptions, "types" | "explain">,
  root: string,
  host: HostKind = {},
): Session {
  const source: TypeSource | null =
    types === false ? null : createTypeSource({ tsconfig: types ?? "auto", included: files.included });
  const packageOf = packageNames();
  return {
    compile(fileName, text) {
      const request: TransformOptions = {
        fileName,
        root,
        include: files.included(fileName),
        ...packageOf(fileName),
        ...host,
        ...(source ? { types: source } : {}),
      };
      const { code, map, manifest, diagnostics } = transform(text, request);
      const errors = diagnostics.filter((one) => one.severity === "error");
      if (errors.length > 0)
        throw new CompileFailure(errors, errors.map((error) => formatDiagnostic(error, text, { root })).join("\n\n"));
      if (code === null || manifest === null) return null;
      if (explain) tell(explain, explanationOf(fileName, root, manifest));
      return { code: withoutDirective(code), map, manifest, warnings: diagnostics };
    },
  };
}

function tell(explain: true | ((explanation: Explanation) => void), explanation: Explanation): void {
  if (explain === true) process.stdout.write(`${explanation.text}\n`);
  else explain(explanation);
}

export interface PluginCore extends DurableFiles {
  /** As {@link Session.compile}; loads the compiler first. */
  compile(fileName: string, text: string): Promise<CompiledFile | null>;
  /** The same at once, for hosts whose hooks cannot wait; `load` requires the compiler. */
  compileNow(fileName: string, text: string, load: () => Compiler): CompiledFile | null;
  /** A compiled file all the way to JavaScript, with one map, for hosts where nobody is sure to strip its types. */
  toJavaScript(fileName: string, file: CompiledFile, module: StripRequest["module"]): Stripped;
  /** Files given to the compiler so far, whatever it found in them, for the check that nothing durable was left out. */
  readonly seen: ReadonlySet<string>;
}

/** @param defaultRoot the host's root */
export function createCore(options: PluginOptions, defaultRoot: string, host: HostKind = {}): PluginCore {
  checkPluginOptions(options);
  const root = resolve(options.root ?? defaultRoot);
  const files = durableFiles(options.include, root);
  const seen = new Set<string>();
  let session: Session | undefined;
  let strip: ReturnType<Compiler["createStripper"]>;

  const run = (fileName: string, text: string, compiler: Compiler): CompiledFile | null => {
    session ??= createSession(compiler, files, options, root, host);
    strip ??= compiler.createStripper();
    seen.add(fileName);
    return session.compile(fileName, text);
  };
  return {
    ...files,
    seen,
    compile: async (fileName, text) => run(fileName, text, await import("@perdure/transformer")),
    compileNow: (fileName, text, load) => run(fileName, text, load()),
    toJavaScript(fileName, file, module) {
      const { code, map } = strip(file.code, { fileName, module });
      return { code, map: composeMaps(map, file.map) };
    },
  };
}
