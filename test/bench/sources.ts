/** What the compiler's figures compile: the durable modules of this repository that are written as people write them. */
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

/** The benchmarks run from a bundle in `dist`. */
export const benchFolder = join(dirname(fileURLToPath(import.meta.url)), "..");
export const fixtures = join(benchFolder, "../../fixtures");

export interface Module {
  readonly fileName: string;
  readonly text: string;
}

/** Programs, patterns and examples, over and over under names of their own. */
export function durableModules(count: number): readonly Module[] {
  const texts = ["checkout", "examples", "programs/workflows", "programs/patterns"]
    .flatMap((folder) => readdirSync(join(fixtures, folder), { recursive: true, withFileTypes: true }))
    .filter((entry) => entry.isFile() && /(?<!\.d)\.ts$/.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((path) => !/[\\/](?:out|node_modules)[\\/]/.test(path))
    .sort()
    .map((path) => readFileSync(path, "utf8"))
    .filter((text) => text.startsWith('"use durable"'));
  return Array.from({ length: count }, (_, i) => ({
    fileName: `/project/src/module-${i}.ts`,
    text: texts[i % texts.length]!,
  }));
}
