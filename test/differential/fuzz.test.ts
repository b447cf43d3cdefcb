/** Random programs: a part of `npm run fuzz`, and that generator and shrinker do what they say. */
import { CALL_TABLE } from "@perdure/transformer/internal/2-analyze/calls/table";
import { afterAll, beforeAll, expect, test } from "vitest";
import { seeded } from "./fuzz/choices.ts";
import { program } from "./fuzz/program.ts";
import { attemptAll, BATCH, generate, isForLater, openTrials, shrink, type Trials } from "./fuzz/trial.ts";
import { report } from "./modes.ts";

/** More by the command: this many take under a minute of one idle core. */
const SEEDS = 120;

let trials: Trials;
beforeAll(async () => {
  trials = await openTrials();
});
afterAll(() => trials.close());

test("a seed makes one program, and its choices make it again", () => {
  for (const seed of [1, 2, 3]) {
    const made = generate(seed);
    expect(generate(seed).text).toBe(made.text);
    expect(program(made.choices, null).text).toBe(made.text);
  }
  expect(new Set([1, 2, 3, 4].map((seed) => seeded(seed)())).size).toBe(4);
});

test("random programs observe the same in every mode", async () => {
  const programs = Array.from({ length: SEEDS }, (_, i) => generate(i + 1)).filter((made) => !isForLater(made));
  for (const typed of [false, true]) {
    const alike = programs.filter((made) => made.typed === typed);
    for (let from = 0; from < alike.length; from += BATCH)
      for (const verdict of await attemptAll(trials, alike.slice(from, from + BATCH))) {
        if (verdict.type !== "failed") continue;
        const small = await shrink(trials, verdict.failure);
        expect.fail(
          `${small.kind}, shrunk:\n${small.program.text}\n${small.comparison ? report(small.comparison) : small.message}`,
        );
      }
  }
}, 600_000);

/** `fetch` is the platform's, and settles on no virtual clock: it has its fixture in fixtures/calls. */
const unreached: ReadonlySet<string> = new Set(["fetch"]);

test("they reach every terminator and every row of the call table", () => {
  const { terminators, calls: rows, forms } = trials.bench.coverage;
  console.log(String(trials.bench.coverage));
  expect([...terminators].filter(([, n]) => n === 0)).toEqual([]);
  expect([...forms.keys()]).toEqual(
    expect.arrayContaining(["call", "now", "callNow", "constructNow", "step", "import", "made"]),
  );
  expect(CALL_TABLE.map((row) => row.id).filter((id) => !rows.has(id) && !unreached.has(id))).toEqual([]);
});
