/** Which files are durable, as far as a path and a cheap look at the text can tell: before any compiler is loaded. */
import { statSync } from "node:fs";
import { isAbsolute, resolve } from "node:path";
import picomatch from "picomatch";
import type { PluginOptions } from "./options.ts";

/** Extensions that a durable module may have; esbuild reads it too, whose patterns have no look-behind. */
export const sourceFile = /\.[cm]?[jt]sx?$/;
/** Holds a binary for each platform, so no bundle can hold it: bundlers leave its import alone. */
export const nativeDriver = /^libsql$/;
/** What esbuild and Bun call a source file's language. */
export const loaderOf = (path: string): "tsx" | "ts" | "jsx" | "js" =>
  /\.[cm]?tsx$/.test(path) ? "tsx" : /\.[cm]?ts$/.test(path) ? "ts" : /\.[cm]?jsx$/.test(path) ? "jsx" : "js";
const directive = /["']use durable["']/;
/** The directive, or what was meant to be one, as cheap text. The parser decides, and tells what is none. */
const mention = /["'`]\s*use[\s_-]*durable\s*["'`]/i;

/** What the compiler wrote, as cheap text: a package may be compiled before it is published. */
const compiled = /\bfrom\s*["']perdure\/emitted["']/;

const declarationFile = /\.d\.[cm]?ts$/;
const packages = /[\\/]node_modules[\\/]/;

export interface DurableFiles {
  /** May be durable by its path: what is not need not even be read. */
  candidate(fileName: string): boolean;
  /** Named by the option `include`: durable without a directive. */
  included(fileName: string): boolean;
  /** May be durable: a source file that is included, or one of the user's own whose text mentions the directive. */
  concerns(fileName: string, text: string): boolean;
  /** Is durable as a whole, by a directive at its head or by `include`: then it must have been compiled. */
  isDurable(fileName: string, text: string): boolean;
}

/** @param root absolute path that globs are relative to */
export function durableFiles(include: PluginOptions["include"], root: string): DurableFiles {
  const included = includeFilter(include, root);
  const candidate = (fileName: string): boolean =>
    sourceFile.test(fileName) && !declarationFile.test(fileName) && (!packages.test(fileName) || included(fileName));
  const concerns = (fileName: string, text: string): boolean =>
    candidate(fileName) && !compiled.test(text) && (mention.test(text) || included(fileName));
  return {
    candidate,
    included,
    concerns,
    isDurable: (fileName, text) => concerns(fileName, text) && (included(fileName) || headDirective.test(text)),
  };
}

/** A directive at the head of the file; a mention elsewhere proves nothing. */
const headDirective = new RegExp(
  `^\\uFEFF?(?:#!.*\\n)?(?:\\s|//.*\\n|/\\*[\\s\\S]*?\\*/|["'][^"'\\n]*["'];?)*?${directive.source}`,
);

/**
 * Compiled text without the directive at its head, every other character at its place: it has done its work. Left in, Rollup and Rolldown warn of it,
 * and a second plugin in the chain would compile the file again.
 */
export const withoutDirective = (text: string): string =>
  text.replace(headDirective, (head) => head.slice(0, -DIRECTIVE_LENGTH) + " ".repeat(DIRECTIVE_LENGTH));

const DIRECTIVE_LENGTH = '"use durable"'.length;

const PACKAGES = "node_modules/";

/** A glob that begins with `node_modules/` is of packages wherever they are: hoisted above the root, under another package, in a store. */
function includeFilter(include: PluginOptions["include"], root: string): (fileName: string) => boolean {
  const patterns = include === undefined ? [] : [include].flat();
  const prefix = `${slashes(root).replace(/\/$/, "")}/`;
  const tests = patterns.map((pattern) => {
    // A pattern with the flag g or y keeps a position between calls.
    if (typeof pattern !== "string") return (fileName: string) => fileName.search(pattern) >= 0;
    const matches = picomatch(globOf(pattern, prefix), { dot: true });
    const ofPackage = pattern.startsWith(PACKAGES);
    return (fileName: string) => {
      const path = slashes(fileName);
      if (path.startsWith(prefix) && matches(path.slice(prefix.length))) return true;
      return ofPackage && matches(path.slice(path.lastIndexOf(`/${PACKAGES}`) + 1));
    };
  });
  return (fileName) => tests.some((test) => test(fileName));
}

/** Relative to the root, as file names are asked about: an absolute pattern too. A folder stands for all that is in it. */
function globOf(pattern: string, prefix: string): string {
  const absolute = isAbsolute(pattern) ? slashes(pattern) : pattern;
  const glob = absolute.startsWith(prefix) ? absolute.slice(prefix.length) : absolute;
  const isFolder = statSync(resolve(prefix, glob), { throwIfNoEntry: false })?.isDirectory();
  return isFolder ? `${glob.replace(/\/$/, "")}/**` : glob;
}

/** Globs and code ids are written with slashes on every platform. */
const slashes = (path: string): string =>
  // Shells of Windows disagree about the case of a drive.
  (path.includes("\\") ? path.replaceAll("\\", "/") : path).replace(/^[a-z]:\//, (drive) => drive.toUpperCase());

/** The file that a bundler's module id speaks of: without the query. */
export const fileOf = (id: string): string => id.replace(/[?#].*$/, "");

/** Packages that the option `include` names, for hosts that leave packages alone unless told: `node_modules/{p-map,@scope/x}/**`. */
export function packagesIn(include: PluginOptions["include"]): readonly string[] {
  const patterns = include === undefined ? [] : [include].flat().filter((one) => typeof one === "string");
  const names = patterns.flatMap((pattern) => {
    const [, rest] = pattern.split(PACKAGES);
    const name = rest === undefined ? undefined : /^(?:@[^/]+\/)?(?:\{[^}]*\}|[^/*{]+)/.exec(rest)?.[0];
    return name === undefined ? [] : expanded(name);
  });
  return [...new Set(names)];
}

/** `{a,b}` once. */
function expanded(pattern: string): string[] {
  const [, before, choices, after] = /^([^{]*)\{([^}]*)\}(.*)$/.exec(pattern) ?? [];
  return choices === undefined ? [pattern] : choices.split(",").map((one) => before! + one.trim() + after!);
}
