/** webpack and Rspack adapter: puts the loader before all others, and sees to it that no durable module went around it. */
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { Compiler } from "webpack";
import { durableFiles, fileOf, nativeDriver, sourceFile } from "./core/files.ts";
import { notCompiled } from "./core/messages.ts";
import type { PluginOptions } from "./core/options.ts";

export type { Explanation, PluginOptions } from "./core/options.ts";

const loader = fileURLToPath(new URL("./webpack-loader.js", import.meta.url));

/** What webpack's and Rspack's compilers have in common, as far as it is used; each takes the plugin in its own configuration. */
export interface PerdurePlugin {
  /** `any`: the two hosts have no type of a compiler in common. */
  apply(compiler: any): void;
}

/**
 * Compiles durable modules in webpack 5 and Rspack, watch mode included. Types are stripped as always, by `swc-loader`, `ts-loader` with
 * `transpileOnly` …
 *
 * @example
 * ```ts
 * import { perdure } from "@perdure/plugins/webpack";
 * export default { entry: "./worker.ts", target: "node", plugins: [perdure()] };
 * ```
 */
export function perdure(options: PluginOptions = {}): PerdurePlugin {
  return { apply: (compiler: Compiler) => install(compiler, options) };
}

function install(compiler: Compiler, options: PluginOptions): void {
  const { module, output } = compiler.options;
  module.rules.unshift({
    test: sourceFile,
    // A file imported as text stays as it is.
    resourceQuery: { not: [/^\?raw\b/] },
    ...(options.include === undefined ? { exclude: /[\\/]node_modules[\\/]/ } : {}),
    enforce: "pre",
    use: [{ loader, options: { ...options } }],
  });
  new compiler.webpack.ExternalsPlugin(output.module ? "module-import" : "commonjs", [nativeDriver]).apply(compiler);

  const files = durableFiles(options.include, options.root ?? compiler.context);
  compiler.hooks.compilation.tap("perdure", (compilation) => {
    compilation.hooks.finishModules.tap("perdure", (modules) => {
      for (const one of modules as Iterable<LoadedModule>) {
        if (!one.resource || !one.type?.startsWith("javascript/") || one.resource.includes("?raw")) continue;
        // Loaders belong to what a module is, so this holds for one from webpack's cache too.
        // Rspack's names have the options behind a question mark.
        if (one.loaders?.some((used) => used.loader.split("?")[0] === loader)) continue;
        const fileName = fileOf(one.resource);
        if (files.candidate(fileName) && files.isDurable(fileName, textOf(fileName))) {
          const fix = "import it without !! or -!, which leave out the loaders of the configuration";
          const { WebpackError } = compiler.webpack;
          compilation.errors.push(new WebpackError(notCompiled(fileName, fix)));
        }
      }
    });
  });
}

interface LoadedModule {
  readonly resource?: string;
  readonly type?: string;
  readonly loaders?: readonly { readonly loader: string }[];
}

function textOf(fileName: string): string {
  try {
    return readFileSync(fileName, "utf8");
  } catch {
    return ""; // Not a file: some other plugin's virtual module.
  }
}
