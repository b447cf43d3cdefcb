/**
 * Before `perdure` is packed: copies `docs/` into the package, since every message of the product names its page there. What a page links beside it (fixtures,
 * tests) is not in the package: there the words stand alone.
 */
import { cpSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const copy = join(root, "runtime/docs");
rmSync(copy, { recursive: true, force: true });
cpSync(join(root, "docs"), copy, { recursive: true });

const leaves = (file, target) =>
  !/^[a-z]+:|^#/.test(target) && relative(copy, resolve(dirname(file), target)).startsWith("..");

for (const name of readdirSync(copy, { recursive: true, encoding: "utf8" }).filter((one) => one.endsWith(".md"))) {
  const file = join(copy, name);
  const text = readFileSync(file, "utf8");
  writeFileSync(
    file,
    text.replace(/\[([^\]\n]+)\]\(([^)\s]+)\)/g, (link, words, target) => (leaves(file, target) ? words : link)),
  );
}
