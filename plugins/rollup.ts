/**
 * Rollup and Rolldown adapter. It loads durable files itself and hands over JavaScript, for two reasons: the usual TypeScript plugin of Rollup emits
 * from its own program, whatever the text before it became, and Rollup on its own strips no types at all.
 */
import { readFile } from "node:fs/promises";
import type { Plugin } from "rollup";
import { CompileFailure, createCore } from "./core/core.ts";
import { nativeDriver } from "./core/files.ts";
import { notCompiled, warningText } from "./core/messages.ts";
import type { PluginOptions } from "./core/options.ts";

export type { Explanation, PluginOptions } from "./core/options.ts";

/**
 * Compiles durable modules in Rollup and Rolldown, watch mode included.
 *
 * @example
 * ```ts
 * import { perdure } from "@perdure/plugins/rollup";
 * export default { input: "worker.ts", output: { dir: "dist" }, plugins: [perdure(), typescript()] };
 * ```
 */
export function perdure(options: PluginOptions = {}): Plugin {
  const core = createCore(options, process.cwd());
  return {
    name: "perdure",
    resolveId: (source) => (nativeDriver.test(source) ? { id: source, external: true } : null),
    load: {
      order: "pre",
      async handler(id) {
        // With a query, it is another plugin's view of the file.
        if (!core.candidate(id)) return null;
        const text = await readFile(id, "utf8").catch(() => null);
        if (text === null || !core.concerns(id, text)) return null;
        // Who loads a file has it watched, also when it is refused.
        this.addWatchFile(id);
        try {
          const file = await core.compile(id, text);
          if (file === null) return null;
          for (const warning of file.warnings) {
            const { line, column } = warning;
            this.warn({ message: warningText(warning), id, loc: { file: id, line, column: column - 1 } });
          }
          const { code, map } = core.toJavaScript(id, file, "esm");
          return { code, map: map as never };
        } catch (failure) {
          if (!(failure instanceof CompileFailure)) throw failure;
          const { code, line, column } = failure.diagnostics[0]!;
          return this.error({
            message: failure.message,
            id,
            pluginCode: code,
            loc: { file: id, line, column: column - 1 },
          });
        }
      },
    },
    // Only the first plugin that loads a file is asked; if that was another one, the build must not pass.
    async moduleParsed({ id }) {
      if (!core.candidate(id) || core.seen.has(id)) return;
      const text = await readFile(id, "utf8").catch(() => null);
      if (text !== null && core.isDurable(id, text))
        this.error(notCompiled(id, "put perdure() first in the list of plugins, before the one that loads it"));
    },
  };
}
