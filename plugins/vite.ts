/** Vite adapter (and so Vitest): runs before all other transforms, on the text that the user wrote. */
import { readFileSync } from "node:fs";
import type { Plugin, UserConfig } from "vite";
import { CompileFailure, createCore, type PluginCore } from "./core/core.ts";
import { fileOf, nativeDriver, packagesIn } from "./core/files.ts";
import { notCompiled, warningText } from "./core/messages.ts";
import type { PluginOptions } from "./core/options.ts";

export type { Explanation, PluginOptions } from "./core/options.ts";

/**
 * Compiles durable modules in Vite and Vitest, in builds and in the dev server's watch mode.
 *
 * @example
 * ```ts
 * import { perdure } from "@perdure/plugins/vite";
 * export default defineConfig({ plugins: [perdure()] });
 * ```
 */
export function perdure(options: PluginOptions = {}): Plugin {
  let core: PluginCore;
  let builds = false;
  return {
    name: "perdure",
    enforce: "pre",
    // The dev server and Vitest leave packages to Node, unless they are told.
    config() {
      const packages = packagesIn(options.include);
      if (packages.length === 0) return undefined;
      const inline = { server: { deps: { inline: [...packages] } } };
      return {
        ssr: { noExternal: [...packages] },
        optimizeDeps: { exclude: [...packages] },
        test: inline,
      } as UserConfig;
    },
    configResolved(config) {
      core = createCore(options, config.root, { watch: config.command === "serve" });
      builds = config.command === "build";
    },
    // The dev server and Vitest load packages through Node anyway.
    resolveId: (source) => (builds && nativeDriver.test(source) ? { id: source, external: true } : null),
    async transform(text, id) {
      const fileName = fileOf(id);
      if (id.includes("?raw") || !core.concerns(fileName, text)) return null;
      try {
        const file = await core.compile(fileName, text);
        if (file === null) return null;
        for (const warning of file.warnings) {
          this.warn({
            message: warningText(warning),
            id: fileName,
            loc: { file: fileName, line: warning.line, column: warning.column - 1 },
          });
        }
        return { code: file.code, map: file.map as never };
      } catch (failure) {
        if (!(failure instanceof CompileFailure)) throw failure;
        const first = failure.diagnostics[0]!;
        return this.error({
          message: failure.message,
          id: fileName,
          pluginCode: first.code,
          loc: { file: fileName, line: first.line, column: first.column - 1 },
        });
      }
    },
    // A plugin before this one may have handed over other text: then the directive was never seen, and the build must not pass.
    moduleParsed({ id }) {
      const fileName = fileOf(id);
      if (!core.candidate(fileName) || core.seen.has(fileName)) return;
      let text: string;
      try {
        text = readFileSync(fileName, "utf8");
      } catch {
        return; // Not a file: some other plugin's virtual module.
      }
      if (core.isDurable(fileName, text)) {
        this.error(
          notCompiled(
            fileName,
            "put perdure() first in the list of plugins, before the one that loads or rewrites this file",
          ),
        );
      }
    },
  };
}
