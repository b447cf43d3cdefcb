/**
 * Bun adapter, for `Bun.build` and for the running process alike. esbuild's would do for a build, but for what Bun leaves out of that interface: it ignores the errors
 * and warnings that a plugin returns, so the first are thrown and the second printed. Bun makes maps of its own and heeds none of a plugin's.
 */
import { readFileSync } from "node:fs";
import type { PluginCore } from "../core/core.ts";
import { createCore } from "../core/core.ts";
import { loaderOf, nativeDriver, sourceFile } from "../core/files.ts";
import { placedWarning } from "../core/messages.ts";
import type { PluginOptions } from "../core/options.ts";
import { packageFolder } from "../core/package-folder.ts";
import { requiredCompiler } from "../core/required-compiler.ts";

export type { Explanation, PluginOptions } from "../core/options.ts";

/** What Bun's type of a plugin asks for. */
export interface PerdurePlugin {
  readonly name: string;
  /** `any`: the types of Bun are no dependency of a project that builds with something else. */
  setup(build: any): void;
}

/** As far as it is used; `config` is there in `Bun.build` only. */
interface Builder {
  readonly config?: { readonly root?: string };
  onResolve(filter: { filter: RegExp }, resolve: (it: { path: string }) => object): void;
  onLoad(filter: { filter: RegExp }, load: (it: { path: string }) => Loaded | undefined): void;
}
interface Loaded {
  readonly contents: string;
  readonly loader: string;
}

/** A running process must be told of each file that the pattern takes what it is, so it takes no package. */
const ownFile = /^(?!.*[\\/]node_modules[\\/]).*\.[cm]?[jt]sx?$/;

/**
 * Compiles durable modules in `Bun.build`; or, given to Bun's `plugin`, in the running process, as they are loaded (`@perdure/plugins/bun/preload` does that with the
 * default options).
 *
 * @example
 * ```ts
 * import { perdure } from "@perdure/plugins/bun";
 * await Bun.build({ entrypoints: ["worker.ts"], outdir: "dist", target: "bun", plugins: [perdure()] });
 * ```
 */
export function perdure(options: PluginOptions = {}): PerdurePlugin {
  return {
    name: "perdure",
    setup(build: Builder) {
      const isRunning = build.config === undefined;
      const core = createCore(options, isRunning ? packageFolder() : process.cwd(), {
        mixesModules: true,
        // `bun --hot` evaluates changed modules in the same process.
        watch: isRunning,
      });
      const load = loaderFor(core);
      if (!isRunning) build.onResolve({ filter: nativeDriver }, ({ path }) => ({ path, external: true }));
      const filter = isRunning && options.include === undefined ? ownFile : sourceFile;
      build.onLoad({ filter }, ({ path }) => {
        const text = readFileSync(path, "utf8");
        const contents = load(path, text) ?? (isRunning ? text : undefined);
        return contents === undefined ? undefined : { contents, loader: loaderOf(path) };
      });
    },
  };
}

/** At once, since Bun's `require` waits for no plugin. */
function loaderFor(core: PluginCore): (path: string, text: string) => string | undefined {
  const compiler = requiredCompiler();
  return (path, text) => {
    if (compiler.isLoading || !core.concerns(path, text)) return undefined;
    const file = core.compileNow(path, text, compiler.load);
    for (const warning of file?.warnings ?? []) console.warn(placedWarning(warning));
    return file?.code;
  };
}
