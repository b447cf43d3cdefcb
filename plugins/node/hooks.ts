/** The hooks' own thread, in versions of Node where hooks run in one (20, and 22 before 22.15). */
import type { InitializeHook, LoadHook } from "node:module";
import type { PluginOptions } from "../core/options.ts";
import { createLoader, type Loader } from "./loader.ts";

let loader: Loader;

export const initialize: InitializeHook<PluginOptions> = (options) => {
  loader = createLoader(options);
};

export const load: LoadHook = (url, context, nextLoad) => loader.loadLater(url, context, nextLoad);
