/** How the goldens behave, in every mode: their text as it stands, with the services of `fixtures/programs/golden-*.ts`. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Bench, openBench } from "./bench.ts";
import { root } from "./compile.ts";
import type { Goldens } from "./goldens/cases.ts";
import { closures } from "./goldens/closures.ts";
import { generators } from "./goldens/generators.ts";
import { loops } from "./goldens/loops.ts";
import { orders } from "./goldens/orders.ts";
import { compare, report } from "./modes.ts";

const goldens: Goldens = { ...generators, ...loops, ...orders, ...closures };
const folder = join(root, "fixtures/goldens");

let bench: Bench;
beforeAll(async () => {
  bench = await openBench({ types: () => true });
  for (const tree of [bench.native, bench.machine])
    for (const name of ["services", "orders", "shop"]) await tree.load(`golden-${name}.ts`);
});
afterAll(() => bench.close());

test.each(Object.entries(goldens))(
  "%s",
  async (golden, { services = "golden-services", before, cases }) => {
    const input = readFileSync(join(folder, golden, "input.ts"), "utf8");
    const entries = Object.entries(cases);
    const text = [
      input
        .replace('"./services.ts"', `"../${services}.ts"`)
        .replace('"use durable";', '$&\nimport { get } from "../services.ts";'),
      before,
      ...entries.map(([, [body]], i) => `export async function case${i}() { ${body} }`),
    ].join("\n");
    const native = await bench.native.add(`goldens/${golden}.ts`, text);
    const machine = await bench.machine.add(`goldens/${golden}.ts`, text);
    for (const [i, [what, [, outcome]]] of entries.entries()) {
      const comparison = await compare(
        bench,
        native[`case${i}`] as () => unknown,
        machine[`case${i}`] as () => unknown,
      );
      expect.soft(comparison.differs === undefined ? "same" : report(comparison), what).toBe("same");
      const found = comparison.native.outcome.replace(/^returned /, "");
      expect.soft(found, what).toEqual(typeof outcome === "string" ? outcome : expect.stringMatching(outcome));
    }
    expect(entries.length).toBeGreaterThanOrEqual(10);
  },
  120_000,
);

test("every golden has its cases", () => {
  expect(Object.keys(goldens).sort()).toEqual(readdirSync(folder).sort());
});
