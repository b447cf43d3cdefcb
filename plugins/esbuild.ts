/** esbuild adapter: `plugins: [perdure()]`. esbuild composes the inline map with its own and strips the types. */
import { readFile } from "node:fs/promises";
import { dirname } from "node:path";
import type { Diagnostic } from "@perdure/transformer";
import type { PartialMessage, Plugin } from "esbuild";
import { CompileFailure, createCore } from "./core/core.ts";
import { loaderOf, nativeDriver, sourceFile } from "./core/files.ts";
import type { PluginOptions } from "./core/options.ts";
import { inlineMap } from "./core/source-map.ts";

export type { Explanation, PluginOptions } from "./core/options.ts";

/**
 * Compiles durable modules in an esbuild build, watch mode included.
 *
 * @example
 * ```ts
 * import { perdure } from "@perdure/plugins/esbuild";
 * await build({ entryPoints: ["worker.ts"], outdir: "dist", bundle: true, platform: "node", format: "esm", sourcemap: true, plugins: [perdure()] });
 * ```
 */
export function perdure(options: PluginOptions = {}): Plugin {
  return {
    name: "perdure",
    setup(build) {
      const core = createCore(options, build.initialOptions.absWorkingDir ?? process.cwd(), {
        mixesModules: true,
      });
      if (build.initialOptions.bundle) {
        build.onResolve({ filter: nativeDriver }, ({ path }) => ({ path, external: true }));
      }
      build.onLoad({ filter: sourceFile, namespace: "file" }, async ({ path }) => {
        const text = await readFile(path, "utf8");
        if (!core.concerns(path, text)) return undefined;
        try {
          const file = await core.compile(path, text);
          if (file === null) return undefined;
          return {
            contents: file.code + inlineMap(file.map),
            loader: loaderOf(path),
            resolveDir: dirname(path),
            warnings: file.warnings.map((warning) => message(warning, text)),
          };
        } catch (failure) {
          if (failure instanceof CompileFailure) return { errors: failure.diagnostics.map((d) => message(d, text)) };
          throw failure;
        }
      });
    },
  };
}

function message(diagnostic: Diagnostic, text: string): PartialMessage {
  /** esbuild counts columns in bytes, from 0. */
  const placeOf = (line: number, column: number, length = 1) => {
    const lineText = text.split("\n", line)[line - 1] ?? "";
    return {
      file: diagnostic.fileName,
      line,
      column: Buffer.byteLength(lineText.slice(0, column - 1)),
      length: Math.max(1, Math.min(length, lineText.length - column + 1)),
      lineText,
    };
  };
  return {
    id: diagnostic.code,
    text: `${diagnostic.code}: ${diagnostic.message}`,
    location: placeOf(diagnostic.line, diagnostic.column, diagnostic.end - diagnostic.start),
    notes: [
      { text: `fix: ${diagnostic.fix}` },
      ...diagnostic.notes.map((note) => ({
        text: note.message,
        location: placeOf(note.line, note.column),
      })),
    ],
  };
}
