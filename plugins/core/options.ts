/** What a user can set, the same for every host. */

import type { Explanation } from "./explain.ts";

export type { Explanation } from "./explain.ts";

/** Options of every plugin. */
export interface PluginOptions {
  /**
   * Files that are durable without a directive: globs relative to the root (`"src/workflows/**"`), or regular
   * expressions over the absolute path. Default: none. A glob that begins with `node_modules/` compiles a package into durable code, wherever it is installed
   * (`"node_modules/p-map/**"`): then what it does between awaits is part of the run. The packages that it is made of are named too.
   */
  readonly include?: string | RegExp | readonly (string | RegExp)[];
  /**
   * Types for classifying calls: `"auto"` (default) where a tsconfig covers the file, `false` by position alone, or the
   * path of a tsconfig.
   */
  readonly types?: "auto" | false | (string & {});
  /**
   * Folder that code ids are relative to: a run started by one build is continued by another when both name its code alike, so keep it the same in
   * all of them. Default: the host's root (Vite's `root`, webpack's `context`, Jest's `rootDir` …), else the working directory.
   */
  readonly root?: string;
  /**
   * Says what each call in durable code was taken for, and why: `true` prints it to the standard output, file by file, a function gets it as data.
   * Calls that could not be classified stand at the end. Default: false.
   */
  readonly explain?: boolean | ((explanation: Explanation) => void);
}
