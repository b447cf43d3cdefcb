/** What the compiler writes, to be read in review: `fixtures/goldens/<name>/output.ts`. `UPDATE=1` writes it anew. */
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { transformSync } from "esbuild";
import { expect, test } from "vitest";
import { compiled } from "./differential.ts";

const folder = join(dirname(fileURLToPath(import.meta.url)), "../../fixtures/goldens");
const names = readdirSync(folder, { withFileTypes: true }).flatMap((entry) =>
  entry.isDirectory() ? [entry.name] : [],
);

test.each(names)("%s", (name) => {
  const source = readFileSync(join(folder, name, "input.ts"), "utf8");
  const { code } = compiled(source, `${name}.ts`);
  transformSync(code!, { loader: "ts" });
  const output = join(folder, name, "output.ts");
  if (process.env["UPDATE"] || !existsSync(output)) writeFileSync(output, code!);
  expect(code).toBe(readFileSync(output, "utf8"));
});

test("there are enough to see every statement", () => {
  expect(names.length).toBeGreaterThanOrEqual(10);
});
