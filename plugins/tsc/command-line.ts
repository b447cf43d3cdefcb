/** What the command line names: a build of several projects, a tsconfig. */
import { existsSync, statSync } from "node:fs";
import { join, resolve } from "node:path";
import { error } from "./errors.ts";

/** `-b` or `--build`. */
export const isBuild = (argument: string): boolean => /^--?b(uild)?$/i.test(argument);

/** The tsconfig that `-p` names, a file or a folder; or the nearest one. */
export function findConfig(named: string | undefined): string {
  if (named !== undefined) {
    const path = resolve(named);
    const file = existsSync(path) && statSync(path).isDirectory() ? join(path, "tsconfig.json") : path;
    if (!existsSync(file)) throw error("PD1304", { path: named });
    return file;
  }
  for (let folder = process.cwd(); ; folder = resolve(folder, "..")) {
    const path = join(folder, "tsconfig.json");
    if (existsSync(path)) return path;
    if (resolve(folder, "..") === folder) throw error("PD1304", { path: "tsconfig.json" });
  }
}
