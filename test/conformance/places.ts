/** Where the repository is, seen from a bundle of this folder (`test/conformance/dist`) or from its source. */
import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

export const root = find(dirname(fileURLToPath(import.meta.url)));
export const folder = join(root, "test/conformance");

function find(directory: string): string {
  return existsSync(join(directory, "biome.json")) ? directory : find(dirname(directory));
}
