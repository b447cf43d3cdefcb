/** Every code of the product is provoked by a test: one that expects it by its name, or a fixture of refused input or of real code that says so. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { catalog } from "../real/catalog.ts";
import { root } from "../repository/sources.ts";

/** No test expects it by its name, and why. */
const UNPROVOKED: Readonly<Record<string, string>> = {
  PD1303: "needs a project with TypeScript 4",
  PD1305: "needs a project with outFile, which TypeScript 7 no longer has",
};

const codes = readdirSync(join(root, "docs/errors")).flatMap((name) => /^(PD\d{4})\.md$/.exec(name)?.[1] ?? []);

/** Without comments, in which a code may only be talked of; they begin their line, since globs look like them elsewhere. */
const withoutComments = (text: string): string => text.replace(/^\s*(?:\/\*[\s\S]*?\*\/|\/\/.*$)/gm, "");

function named(): Set<string> {
  const found = new Set<string>();
  const walk = (folder: string): void => {
    for (const entry of readdirSync(folder, { withFileTypes: true })) {
      const path = join(folder, entry.name);
      if (entry.isDirectory()) walk(path);
      else if (/\.(?:ts|mjs)$/.test(entry.name) && entry.name !== "provoked.test.ts")
        for (const [code] of withoutComments(readFileSync(path, "utf8")).matchAll(/PD\d{4}/g)) found.add(code);
    }
  };
  walk(join(root, "test"));
  for (const name of readdirSync(join(root, "fixtures/rejected"))) found.add(name.slice(0, 6));
  for (const { expects } of catalog()) if (expects.verdict !== "works") found.add(expects.code);
  return found;
}

test("every code is provoked, but for those that say why not", () => {
  const found = named();
  const missing = codes.filter((code) => !found.has(code));
  expect(missing).toEqual(Object.keys(UNPROVOKED));
});
