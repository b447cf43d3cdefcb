/** What a user can set, the same for every host. */

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
  /**
   * Folder that code ids are relative to: a run started by one build is continued by another when both name its code alike, so keep it the same in
   * all of them. Default: the host's root (Vite's `root`, webpack's `context`, Jest's `rootDir` …), else the working directory.
   */
  readonly root?: string;
}
