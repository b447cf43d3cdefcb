/** Runs whose steps overlap, so that one is under way at the end of every turn: they take turns with others all the same. */
import { createEngine, currentStep, type Engine } from "perdure";
import * as $ from "perdure/emitted";
import { memory } from "perdure/memory";
import { afterEach, expect, test } from "vitest";
import { QUICK, until } from "./support.ts";

const calls: string[] = [];
const keys: string[] = [];
let letGo: (() => void)[] = [];
const work = async (run: string, strand: number): Promise<void> => {
  calls.push(run);
  keys.push(currentStep()!.key);
  await new Promise((resolve) => setTimeout(resolve, 20 + 10 * strand));
};
const hold = async (run: string): Promise<void> => {
  calls.push(`${run} holds`);
  await new Promise<void>((resolve) => letGo.push(resolve));
};

const $m = $.module("test/overlapping.ts", {
  abi: 1,
  file: "test/overlapping.ts",
  fingerprints: { strand: "1", main: "1", single: "1" },
  sites: [
    [1, 1, "work(run, strand)"],
    [2, 1, "strand(run, n)"],
    [3, 1, "hold(run)"],
  ],
});
$m.refs({ work: () => work, hold: () => hold });

/** `for (;;) await work(run, n)` */
const strand$ = $m.machine(
  "strand",
  { name: "strand", at: [1, 1], live: { work: ["run", "n"] }, points: {}, handlers: {} },
  (f) => $.await(f, "work", $m.call(0, work, [f.run, f.n])),
);
const strand = $m.define((run: string, n: number) => strand$.enter({ run, n }), "strand");

/** Two strands, or one beside a step that takes as long as it is made to. */
const main$ = $m.machine(
  "main",
  { name: "main", at: [2, 1], live: { all: [] }, points: {}, handlers: {} },
  (f, sent) => {
    if (f.pc !== 0) return $.return(f, sent);
    const first = $m.call(1, strand, [f.run, 0]);
    const second = f.holds ? $m.call(2, hold, [f.run]) : $m.call(1, strand, [f.run, 1]);
    return $.await(f, "all", $.Promise.all([first, second]));
  },
);
const main = $m.define((run: string, holds: boolean) => main$.enter({ run, holds }), "main");

const single$ = $m.machine(
  "single",
  { name: "single", at: [3, 1], live: { work: [] }, points: {}, handlers: {} },
  (f) => (f.pc === 0 ? $.await(f, "work", $m.call(0, work, ["single", 0])) : $.return(f, "done")),
);
const single = $m.define(() => single$.enter({}), "single");

let engine: Engine;
afterEach(async () => {
  for (const resolve of letGo) resolve();
  letGo = [];
  calls.length = 0;
  keys.length = 0;
  await engine.stop();
});

test("they yield their places, and none of their steps runs twice", async () => {
  engine = createEngine({ store: memory() });
  void engine.work({ ...QUICK, concurrency: 1, grace: 5_000 });
  await engine.start(main, ["first", false], { id: "first" });
  await until(() => calls.length > 4);
  const other = await engine.start(single, []);
  expect(await other.result()).toBe("done");
  // The first has its place back.
  const seen = calls.length;
  await until(() => calls.slice(seen).includes("first"));
  expect((await engine.metrics()).work.evicted).toBeGreaterThan(0);
  expect(new Set(keys).size).toBe(keys.length);
});

test("a step that outlasts the time of grace stops neither its run nor what is beside it", async () => {
  engine = createEngine({ store: memory() });
  void engine.work({ ...QUICK, concurrency: 1, grace: 60 });
  await engine.start(main, ["holding", true], { id: "holding" });
  await until(() => calls.includes("holding holds") && calls.length > 4);
  const other = await engine.start(single, []);
  const seen = calls.length;
  // Its steps stop while it is asked to go, and are taken up again.
  await until(() => calls.length > seen + 20);
  expect(calls).not.toContain("single");
  for (const resolve of letGo) resolve();
  expect(await other.result()).toBe("done");
});
