/**
 * What the pattern library does: the outcomes of `fixtures/programs/patterns` on the virtual clock, written down. That the programs observe the same as
 * machines, and in a run that is killed at the end of every turn and between any two jobs, is seen by test/differential, with all other programs.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { makeTree, modules, root, type Tree } from "../differential/compile.ts";
import { printed } from "../differential/observation.ts";
import { observePlain } from "../differential/plain.ts";

const path = join(root, "test/patterns/outcomes.txt");

let tree: Tree;
beforeAll(async () => {
  tree = await makeTree("native", null);
});
afterAll(() => tree.remove());

test("outcomes are those written down", async () => {
  const outcomes: string[] = [];
  for (const module of modules().filter((it) => it.startsWith("patterns/"))) {
    const programs = Object.entries(await tree.load(module));
    expect(programs.length, module).toBeGreaterThanOrEqual(10);
    for (const [name, main] of programs)
      outcomes.push(`${module} ${name}\n${printed(await observePlain(tree, main as () => unknown))}\n`);
  }
  const text = outcomes.join("\n");
  if (process.env["UPDATE"]) writeFileSync(path, text);
  expect(text).toBe(readFileSync(path, "utf8"));
});
