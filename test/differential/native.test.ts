/** The oracle itself: every program runs natively, to an end, and the same way twice. */
import { afterAll, beforeAll, expect, test } from "vitest";
import { makeTree, modules, type Tree } from "./compile.ts";
import { printed } from "./observation.ts";
import { observePlain } from "./plain.ts";

let tree: Tree;
beforeAll(async () => {
  tree = await makeTree("native", null);
});
afterAll(() => tree.remove());

test("programs are deterministic under the script", async () => {
  let count = 0;
  for (const path of modules().filter((it) => it.includes("/"))) {
    for (const [name, main] of Object.entries(await tree.load(path))) {
      const first = printed(await observePlain(tree, main as () => unknown));
      const second = printed(await observePlain(tree, main as () => unknown));
      expect(second, `${path} ${name}`).toBe(first);
      expect(first, `${path} ${name}`).toMatch(/^=> (returned|threw)/m);
      count++;
    }
  }
  expect(count).toBeGreaterThanOrEqual(400);
});
