/** What a user can set, the same for every host. */
import { existsSync } from "node:fs";
import { resolve } from "node:path";
import type { Explanation } from "./explain.ts";
import { messages } from "./messages.ts";

export type { Explanation } from "./explain.ts";

/** Options of every plugin. */
export interface PluginOptions {
  /**
   * Files that are durable without a directive: globs relative to the root (`"src/workflows/**"`), or regular
   * expressions over the absolute path. A folder stands for all that is in it. Default: none. A glob that begins with `node_modules/` compiles a package into durable code, wherever it is installed
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

type Option = keyof PluginOptions;

const isPattern = (value: unknown): boolean =>
  typeof value === "string" || Object.prototype.toString.call(value) === "[object RegExp]";

/** What each option takes, in words, and whether a value is that. */
const OPTIONS: { readonly [option in Option]-?: readonly [wanted: string, fits: (value: unknown) => boolean] } = {
  include: [
    "a glob, a regular expression, or a list of them",
    (value) => isPattern(value) || (Array.isArray(value) && value.every(isPattern)),
  ],
  types: ['"auto", false, or the path of a tsconfig', (value) => value === false || typeof value === "string"],
  root: ["the path of a folder", (value) => typeof value === "string"],
  explain: ["true, false or a function", (value) => typeof value === "boolean" || typeof value === "function"],
};

function refused(code: keyof typeof messages, details: Readonly<Record<string, string>>): Error {
  const fill = (text: string) => text.replace(/%(\w+)%/g, (_, name: string) => details[name]!);
  const { text, fix } = messages[code];
  return new Error(`${code}: ${fill(text)}\n  fix: ${fill(fix)}\n  see: node_modules/perdure/docs/errors/${code}.md`);
}

/** Throws PD1401, PD1402 and PD1403. */
export function checkPluginOptions(options: unknown): void {
  if (typeof options !== "object" || options === null || Array.isArray(options))
    throw refused("PD1402", { option: "its options", value: shown(options), wanted: "an object" });
  for (const [option, value] of Object.entries(options)) {
    if (!Object.hasOwn(OPTIONS, option)) throw refused("PD1401", { option });
    const [wanted, fits] = OPTIONS[option as Option];
    if (value !== undefined && !fits(value)) throw refused("PD1402", { option, value: shown(value), wanted });
  }
  const { types } = options as PluginOptions;
  if (typeof types === "string" && types !== "auto" && !existsSync(resolve(types)))
    throw refused("PD1403", { file: types });
}

const shown = (value: unknown): string =>
  typeof value === "string"
    ? JSON.stringify(value)
    : Array.isArray(value)
      ? "a list"
      : value === null
        ? "null"
        : typeof value === "object"
          ? "an object"
          : String(value);
