/** Builds the programs as their author would: once as they are, once through the plugin. */
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { perdure } from "@perdure/plugins/esbuild";
import { build, type Plugin } from "esbuild";
import type { Codec } from "perdure";
import { root } from "../repository/sources.ts";
import { folder, type RealProgram } from "./catalog.ts";

export interface LoadedProgram {
  readonly main: Function;
  /** What it would give to `createEngine({ codecs })`. */
  readonly codecs?: readonly Codec[];
}

export interface Built {
  /** The compiled module. */
  path(program: RealProgram): string;
  load(program: RealProgram): Promise<LoadedProgram>;
  remove(): void;
}

async function bundle(name: string, programs: readonly RealProgram[], plugins: Plugin[]): Promise<Built> {
  mkdirSync(join(root, "tmp"), { recursive: true });
  const outdir = mkdtempSync(join(root, "tmp", `real-${name}-`));
  const options = {
    absWorkingDir: folder,
    outdir,
    outbase: folder,
    bundle: true,
    splitting: true,
    platform: "node",
    // Decorators are lowered, as every build does.
    target: "node20",
    format: "esm",
    sourcemap: true,
    packages: "external",
    outExtension: { ".js": ".mjs" },
    logLevel: "silent",
  } as const;
  await build({ ...options, entryPoints: programs.map(({ file }) => file), plugins });
  const path = ({ name: program }: RealProgram) => join(outdir, `${program}.mjs`);
  return {
    path,
    load: async (program) => (await import(pathToFileURL(path(program)).href)) as LoadedProgram,
    remove: () => rmSync(outdir, { recursive: true, force: true }),
  };
}

export const buildNative = (programs: readonly RealProgram[]): Promise<Built> => bundle("native", programs, []);

export const buildDurable = (programs: readonly RealProgram[], types: "auto" | false): Promise<Built> =>
  bundle(types === false ? "untyped" : "durable", programs, [
    // Names of code are relative to the root: two, so that both builds can be loaded side by side.
    perdure({ types, root: types === false ? dirname(folder) : folder }),
  ]);
