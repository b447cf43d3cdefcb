/**
 * The hand-written programs. One file, so that the types are read once and the census is of all of them; a minute of one
 * idle core.
 */
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Bench, openBench } from "./bench.ts";
import { modules } from "./compile.ts";
import { knownOf, refusedModules, stale } from "./known.ts";
import { compare, report } from "./modes.ts";

type Main = () => unknown;

/** Programs that a save caught in the middle, by what their saves held. */
const tally = { counted: 0, concurrent: 0, closuresOrInstances: 0 };
const seen = new Set<string>();

let bench: Bench;
beforeAll(async () => {
  bench = await openBench({ types: () => true });
});
afterAll(() => bench.close());

for (const path of modules().filter((it) => it.includes("/"))) {
  test(path, async () => {
    seen.add(path);
    const refusal = refusedModules.get(path);
    if (refusal !== undefined) {
      await expect(bench.machine.load(path), `${path}: if mended, take it out of known.ts`).rejects.toThrow(refusal);
      return;
    }
    const native = await bench.native.load(path);
    const machine = await bench.machine.load(path);
    for (const [name, main] of Object.entries(native)) {
      const id = `${path} ${name}`;
      seen.add(id);
      const comparison = await compare(bench, main as Main, machine[name] as Main);
      expect.soft(comparison.native.outcome, id).not.toMatch(/^(unhandled|endless)/);
      const known = knownOf(id);
      if (known !== undefined) {
        const { mode, observation } = comparison.differs ?? { mode: "same", observation: comparison.native };
        expect.soft(mode, `${id}: if mended, take it out of known.ts`).toBe(known.mode);
        expect.soft(observation.outcome, id).toMatch(known.outcome);
        continue;
      }
      expect.soft(comparison.differs === undefined ? "same" : report(comparison), id).toBe("same");
      const { census } = comparison;
      if (census === undefined || census.withFrame === 0) continue;
      tally.counted++;
      if (census.fibers >= 2) tally.concurrent++;
      if (census.withClosure + census.withInstance > 0) tally.closuresOrInstances++;
    }
  }, 300_000);
}

test("what is known to differ is among the programs", () => {
  expect(stale(seen)).toEqual([]);
});

test("enough programs were caught in the middle by a save", () => {
  console.log(`programs that a save caught in the middle: ${JSON.stringify(tally)}`);
  expect(tally.counted).toBeGreaterThanOrEqual(400);
  expect(tally.concurrent).toBeGreaterThanOrEqual(100);
  expect(tally.closuresOrInstances).toBeGreaterThanOrEqual(100);
});
