/**
 * The one core of all plugins: which files are durable, what they become, what is reported. Adapters translate between a
 * host's hooks and these three calls; no rule about durability lives in them.
 *
 * The compiler is loaded with the first durable file: a build without one pays nothing.
 */
import { dirname, resolve } from "node:path";
import type { Diagnostic, Manifest, TransformOptions, TypeSource } from "@perdure/transformer";
import picomatch from "picomatch";

/** Options of every plugin. */
export interface PluginOptions {
  /**
   * Files that are durable without a directive: globs relative to the root (`"src/workflows/**"`), or regular
   * expressions over the absolute path. Default: none. It reaches into `node_modules` when a pattern names it.
   */
  readonly include?: string | RegExp | readonly (string | RegExp)[];
  /**
   * Types for classifying calls: `"auto"` (default) where a tsconfig covers the file, `false` by position alone, or the
   * path of a tsconfig.
   */
  readonly types?: "auto" | false | (string & {});
  /** Folder that code ids are relative to. Default: the host's root, else the working directory. Keep it the same in all builds. */
  readonly root?: string;
}

/** What became of one durable file. */
export interface CompiledFile {
  readonly code: string;
  readonly map: unknown;
  readonly manifest: Manifest;
  readonly warnings: readonly Diagnostic[];
}

/** The build must stop: errors of the compiler in one file. */
export class CompileFailure extends Error {
  readonly diagnostics: readonly Diagnostic[];
  constructor(diagnostics: readonly Diagnostic[], text: string) {
    super(text);
    this.name = "CompileFailure";
    this.diagnostics = diagnostics;
  }
}

export interface PluginCore {
  /** Cheap test on path and text, before any compiler is loaded. */
  concerns(fileName: string, text: string): boolean;
  /** Compiles one file; null when it turns out to have nothing durable. Throws {@link CompileFailure}. */
  compile(fileName: string, text: string): Promise<CompiledFile | null>;
  /** Files compiled so far, for the check that nothing durable was left out. */
  readonly compiled: ReadonlyMap<string, CompiledFile>;
}

/** Extensions that a durable module may have; esbuild reads it too, whose patterns have no look-behind. */
export const sourceFile = /\.[cm]?[jt]sx?$/;
/** Holds a binary for each platform, so no bundle can hold it: bundlers leave its import alone. */
export const nativeDriver = /^libsql$/;
const declarationFile = /\.d\.[cm]?ts$/;

/** The directive, as cheap text. The parser decides whether it really is one. */
export const directive = /["']use durable["']/;

/** @param watch the host evaluates changed modules in the same process (a dev server) */
export function createCore(options: PluginOptions, defaultRoot: string, watch = false): PluginCore {
  const root = resolve(options.root ?? defaultRoot);
  const included = includeFilter(options.include, root);
  const compiled = new Map<string, CompiledFile>();
  let types: TypeSource | null | undefined;

  return {
    compiled,
    concerns(fileName, text) {
      if (!sourceFile.test(fileName) || declarationFile.test(fileName)) return false;
      if (included(fileName)) return true;
      return directive.test(text) && !fileName.includes("/node_modules/");
    },
    async compile(fileName, text) {
      const { createTypeSource, formatDiagnostic, transform } = await import("@perdure/transformer");
      if (types === undefined) {
        types = options.types === false ? null : createTypeSource({ tsconfig: options.types ?? "auto" });
      }
      const request: TransformOptions = {
        fileName,
        root,
        include: included(fileName),
        watch,
        ...(types ? { types } : {}),
      };
      const result = transform(text, request);
      const errors = result.diagnostics.filter((d) => d.severity === "error");
      if (errors.length > 0) {
        throw new CompileFailure(errors, errors.map((error) => formatDiagnostic(error, text, { root })).join("\n\n"));
      }
      if (result.code === null || result.manifest === null) {
        compiled.delete(fileName);
        return null;
      }
      const file = { code: result.code, map: result.map, manifest: result.manifest, warnings: result.diagnostics };
      compiled.set(fileName, file);
      return file;
    },
  };
}

function includeFilter(include: PluginOptions["include"], root: string): (fileName: string) => boolean {
  const patterns = include === undefined ? [] : [include].flat();
  const tests = patterns.map((pattern) => {
    if (typeof pattern !== "string") return (fileName: string) => pattern.test(fileName);
    const matches = picomatch(pattern, { dot: true });
    const prefix = `${root}/`;
    return (fileName: string) => fileName.startsWith(prefix) && matches(fileName.slice(prefix.length));
  });
  return (fileName) => tests.some((test) => test(fileName));
}

/** Source map as a data URL comment, for hosts that compose inline maps. */
export const inlineMap = (map: unknown): string =>
  `\n//# sourceMappingURL=data:application/json;base64,${Buffer.from(JSON.stringify(map)).toString("base64")}`;

/** Where a relative import of a file is resolved. */
export const folderOf = (fileName: string): string => dirname(fileName);
