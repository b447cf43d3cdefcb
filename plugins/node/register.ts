/** Puts the compiler into this process's module loading: hooks for `import`, and for `require` where hooks do not reach it. */
import * as nodeModule from "node:module";
import type { PluginOptions } from "../core/options.ts";
import { packageFolder } from "../core/package-folder.ts";
import { createLoader, type Loader } from "./loader.ts";
import { requireDurable } from "./require.ts";

export type { Explanation, PluginOptions } from "../core/options.ts";

/** Node 22.15 and later; they run in this thread, and `require` passes through them. */
type RegisterHooks = (hooks: Pick<Loader, "load">) => void;
/** Node 22.14 and later. */
type SetSourceMapsSupport = (enabled: boolean, options: { readonly nodeModules: boolean }) => void;

/**
 * Compiles durable modules from now on, and strips the types of other TypeScript files where neither Node nor another hook does (Node 20). Stacks name lines
 * of the sources, as under `node --enable-source-maps`.
 * Put it into a file of your own when you need options, and name that file: `node --import ./perdure.mjs app.ts`.
 *
 * Code ids are relative to the folder of the nearest package.json above the program, wherever it is started from; `root` says otherwise.
 *
 * @example
 * ```ts
 * import { register } from "@perdure/plugins/node/register";
 * register({ include: "src/workflows/**" });
 * ```
 */
export function register(options: PluginOptions = {}): void {
  const settings: PluginOptions = { ...options, root: options.root ?? packageFolder() };
  const loader = createLoader(settings);
  const { registerHooks } = nodeModule as { registerHooks?: RegisterHooks };
  if (registerHooks) registerHooks({ load: loader.load });
  else nodeModule.register(new URL("./hooks.js", import.meta.url), { data: settings });
  requireDurable(loader);
  mapStacks();
}

/** What is compiled here stands at other lines than its source, and nobody has files of it to look at. */
function mapStacks(): void {
  const { setSourceMapsSupport } = nodeModule as { setSourceMapsSupport?: SetSourceMapsSupport };
  if (setSourceMapsSupport) setSourceMapsSupport(true, { nodeModules: false });
  else process.setSourceMapsEnabled(true);
}
