/** The hand-written programs, in shards, so that test processes can share the work. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { modules } from "./compile.ts";
import { open, refused, refusedModules } from "./known.ts";
import { type Bench, compare, openBench, report } from "./modes.ts";

export interface Tally {
  /** Programs that a save caught in the middle. */
  counted: number;
  concurrent: number;
  closures: number;
}

type Main = () => unknown;

/** Defines the tests of every `of`-th module of programs, beginning with `shard`. */
export function programs(shard: number, of: number, atLeast: Tally): void {
  const tally: Tally = { counted: 0, concurrent: 0, closures: 0 };
  let bench: Bench;
  beforeAll(async () => {
    bench = await openBench({ types: true });
  });
  afterAll(() => bench.close());

  const paths = modules().filter((it) => it.includes("/"));
  for (const path of paths.filter((_, i) => i % of === shard)) {
    test(path, async () => {
      const native = await bench.native.load(path);
      const refusal = refusedModules.get(path);
      if (refusal !== undefined) {
        const loaded = await bench.machine.load(path).then(
          () => "compiled",
          (error: Error) => error.message,
        );
        if (loaded === "compiled") console.warn(`${path} is mended: take it out of known.ts`);
        else expect(loaded, `${path} is refused`).toMatch(refusal);
        return;
      }
      const machine = await bench.machine.load(path);
      for (const [name, main] of Object.entries(native)) {
        const id = `${path} ${name}`;
        const comparison = await compare(bench, main as Main, machine[name] as Main);
        expect.soft(comparison.native.outcome, id).not.toMatch(/^(unhandled|endless)/);
        if (refused.has(id)) {
          // Mended, or refused as it says; anything else is a wrong answer.
          if (comparison.differs === undefined) console.warn(`${id} is mended: take it out of known.ts`);
          else expect.soft(comparison.differs.observation.outcome, `${id} is refused`).toMatch(refused.get(id)!);
          continue;
        }
        if (open.has(id)) {
          if (comparison.differs === undefined) console.warn(`${id} is mended: take it out of known.ts`);
          continue;
        }
        expect.soft(comparison.differs === undefined ? "same" : report(comparison), id).toBe("same");
        const { census } = comparison;
        if (census === undefined || census.withFrame === 0) continue;
        tally.counted++;
        if (census.fibers >= 2) tally.concurrent++;
        if (census.withClosure + census.withInstance > 0) tally.closures++;
      }
    }, 300_000);
  }

  describe("programs that a save caught in the middle", () => {
    test("are enough", () => {
      console.log(`shard ${shard}: ${JSON.stringify(tally)}`);
      expect(tally.counted).toBeGreaterThanOrEqual(atLeast.counted);
      expect(tally.concurrent).toBeGreaterThanOrEqual(atLeast.concurrent);
      expect(tally.closures).toBeGreaterThanOrEqual(atLeast.closures);
    });
  });
}
