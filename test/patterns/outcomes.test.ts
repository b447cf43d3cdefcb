/**
 * What the pattern library does: the programs of `fixtures/programs/patterns`, in every mode (natively, as machines, in a run that is killed at the end of
 * every turn and between any two jobs), and their outcomes on the virtual clock, written down.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { modules, root } from "../differential/compile.ts";
import { type Bench, compare, openBench, report } from "../differential/modes.ts";
import { printed } from "../differential/observation.ts";

type Main = () => unknown;

const path = join(root, "test/patterns/outcomes.txt");
const outcomes: string[] = [];

let bench: Bench;
beforeAll(async () => {
  bench = await openBench({ types: () => true });
});
afterAll(() => bench.close());

for (const module of modules().filter((it) => it.startsWith("patterns/"))) {
  test(module, async () => {
    const native = await bench.native.load(module);
    const machine = await bench.machine.load(module);
    expect(Object.keys(native).length).toBeGreaterThanOrEqual(10);
    let caught = 0;
    for (const [name, main] of Object.entries(native)) {
      const comparison = await compare(bench, main as Main, machine[name] as Main);
      expect.soft(comparison.differs === undefined ? "same" : report(comparison), name).toBe("same");
      outcomes.push(`${module} ${name}\n${printed(comparison.native)}\n`);
      if (comparison.census && comparison.census.withFrame > 0) caught++;
    }
    expect(caught, "programs caught in the middle by a save").toBeGreaterThanOrEqual(9);
  });
}

test("outcomes are those written down", () => {
  const text = outcomes.join("\n");
  if (process.env.UPDATE_SNAPSHOTS) writeFileSync(path, text);
  expect(text).toBe(readFileSync(path, "utf8"));
});
