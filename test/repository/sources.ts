/** The project's own sources as data: files, their imports, their top-level statements. */
import { readdirSync, readFileSync, statSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { ts } from "@ts-morph/common";

export const root = resolve(dirname(fileURLToPath(import.meta.url)), "../..");

export interface SourceFile {
  /** Relative to the repository, with slashes. */
  readonly path: string;
  readonly text: string;
  /** What it imports, types included: repository paths for relative imports, bare specifiers as they are. */
  readonly imports: readonly string[];
}

const skipped = new Set(["node_modules", "dist", "out", "expected", ".git"]);

export function filesUnder(folder: string, accept: (name: string) => boolean): string[] {
  const found: string[] = [];
  for (const name of readdirSync(join(root, folder))) {
    const path = join(folder, name);
    if (skipped.has(name)) continue;
    if (statSync(join(root, path)).isDirectory()) found.push(...filesUnder(path, accept));
    else if (accept(name)) found.push(path);
  }
  return found;
}

export function readSource(path: string): SourceFile {
  const text = readFileSync(join(root, path), "utf8");
  const imports = ts.preProcessFile(text, true, true).importedFiles.map(({ fileName: specifier }) => {
    return specifier.startsWith(".") ? relative(root, resolve(root, dirname(path), specifier)) : specifier;
  });
  return { path, text, imports };
}

export const packageSources = (name: string): SourceFile[] =>
  filesUnder(name, (file) => /(?<!\.d)\.ts$/.test(file)).map(readSource);
