/**
 * The TypeScript that a project is checked with: its own, whatever it is. Up to version 6 that is a JavaScript API; from
 * version 7 on it is a native program without one. A project that has none gets the copy that the transformer carries.
 */
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { loadTypeScript, TS } from "@perdure/transformer/internal/1-parse/typescript";
import type { ts } from "@ts-morph/common";
import { error } from "./errors.ts";

/** The JavaScript API of TypeScript 5 and 6. */
export interface ApiCompiler {
  readonly kind: "api";
  readonly ts: typeof ts & Internals;
  readonly system: ts.System;
  readonly version: string;
}

/** TypeScript 7 and later: a program that is run. */
export interface NativeCompiler {
  readonly kind: "native";
  /** The script that starts it. */
  readonly script: string;
  readonly version: string;
}

/** What `tsc` itself is made of, and its declarations leave out; in every version from 5.0 to 6. */
interface Internals {
  parseBuildCommand(args: readonly string[]): {
    readonly buildOptions: ts.BuildOptions & { clean?: boolean; watch?: boolean; help?: boolean };
    readonly watchOptions: ts.WatchOptions | undefined;
    readonly projects: string[];
    readonly errors: ts.Diagnostic[];
  };
  getTsBuildInfoEmitOutputFilePath(options: ts.CompilerOptions): string | undefined;
  getErrorSummaryText(count: number, files: readonly unknown[], newLine: string, host: unknown): string;
  getFilesInErrorForSummary(diagnostics: readonly ts.Diagnostic[]): readonly unknown[];
}

/** @param folder of the project */
export function findTypeScript(folder: string): ApiCompiler | NativeCompiler {
  const require = createRequire(join(folder, "package.json"));
  let manifestPath: string;
  try {
    manifestPath = require.resolve("typescript/package.json");
  } catch {
    return carriedTypeScript();
  }
  const { version } = require(manifestPath) as { version: string };
  if (Number.parseInt(version, 10) < 5) throw error("PD1303", { version, folder });
  const api = require("typescript") as ApiCompiler["ts"];
  if (typeof api.createProgram === "function") return { kind: "api", ts: api, system: api.sys, version };
  return { kind: "native", script: join(dirname(manifestPath), "bin/tsc"), version };
}

/** The transformer's own copy. Its library files are inside of it, not in a folder. */
export function carriedTypeScript(): ApiCompiler {
  loadTypeScript();
  // Resolved as the transformer resolves it, so that there is one copy.
  const common = createRequire(import.meta.resolve("@perdure/transformer"))("@ts-morph/common") as {
    getLibFiles(): { fileName: string; text: string }[];
    libFolderInMemoryPath: string;
  };
  const folder = common.libFolderInMemoryPath;
  const library = new Map(common.getLibFiles().map(({ fileName, text }) => [`${folder}/${fileName}`, text]));
  const { sys } = TS;
  const system: ts.System = {
    ...sys,
    getExecutingFilePath: () => `${folder}/typescript.js`,
    fileExists: (path) => library.has(path) || sys.fileExists(path),
    readFile: (path, encoding) => library.get(path) ?? sys.readFile(path, encoding),
    directoryExists: (path) => path === folder || sys.directoryExists(path),
    ...(sys.realpath ? { realpath: (path: string) => (library.has(path) ? path : sys.realpath!(path)) } : {}),
  };
  return { kind: "api", ts: TS as ApiCompiler["ts"], system, version: TS.version };
}
