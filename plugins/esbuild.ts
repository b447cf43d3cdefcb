/** esbuild adapter: `plugins: [perdure()]`. esbuild composes the inline map with its own and strips the types. */
import { readFile } from "node:fs/promises";
import type { Diagnostic } from "@perdure/transformer";
import type { Loader, PartialMessage, Plugin } from "esbuild";
import {
  CompileFailure,
  createCore,
  folderOf,
  inlineMap,
  nativeDriver,
  type PluginOptions,
  sourceFile,
} from "./core.ts";

export type { PluginOptions } from "./core.ts";

/**
 * Compiles durable modules in an esbuild build, watch mode included.
 *
 * @example
 * ```ts
 * import { perdure } from "@perdure/plugins/esbuild";
 * await build({ entryPoints: ["worker.ts"], bundle: true, platform: "node", format: "esm", sourcemap: true, plugins: [perdure()] });
 * ```
 */
export function perdure(options: PluginOptions = {}): Plugin {
  return {
    name: "perdure",
    setup(build) {
      const core = createCore(options, build.initialOptions.absWorkingDir ?? process.cwd());
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
            resolveDir: folderOf(path),
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

const loaderOf = (path: string): Loader =>
  /\.[cm]?tsx$/.test(path) ? "tsx" : /\.[cm]?ts$/.test(path) ? "ts" : /\.[cm]?jsx$/.test(path) ? "jsx" : "js";

function message(diagnostic: Diagnostic, text: string): PartialMessage {
  const lineText = text.split("\n", diagnostic.line)[diagnostic.line - 1] ?? "";
  return {
    id: diagnostic.code,
    text: `${diagnostic.code}: ${diagnostic.message}`,
    location: {
      file: diagnostic.fileName,
      line: diagnostic.line,
      column: Buffer.byteLength(lineText.slice(0, diagnostic.column - 1)),
      length: Math.max(1, Math.min(diagnostic.end - diagnostic.start, lineText.length - diagnostic.column + 1)),
      lineText,
    },
    notes: [
      { text: `fix: ${diagnostic.fix}` },
      ...diagnostic.notes.map((note) => ({
        text: note.message,
        location: { file: diagnostic.fileName, line: note.line, column: note.column - 1 },
      })),
    ],
  };
}
