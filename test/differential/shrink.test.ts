/** The shrinker, with a lowering that is broken on purpose. */
import { afterAll, beforeAll, expect, test } from "vitest";
import { program } from "./fuzz/program.ts";
import { attempt, type Failure, generate, openTrials, shrink, type Trials } from "./fuzz/trial.ts";

let trials: Trials;
beforeAll(async () => {
  // `a ?? b` with an await in `b` goes on where it should stop.
  trials = await openTrials((emitted) => emitted.replace(/ == null\) return \$\.jump/g, " != null) return $.jump"));
});
afterAll(() => trials.close());

test("a broken lowering is found, and shown in a few lines", async () => {
  let failure: Failure | undefined;
  for (let seed = 1; seed <= 100 && failure === undefined; seed++) {
    const verdict = await attempt(trials, generate(seed));
    if (verdict.type === "failed") failure = verdict.failure;
  }
  const small = await shrink(trials, failure!);
  expect(small.kind).toBe(failure!.kind);
  expect(program(small.program.choices, null).text).toBe(small.program.text);
  const [, body] = /let b: any = 2;\n([\s\S]*?)\n}\n/.exec(small.program.text)!;
  const lines = body!.split("\n");
  console.log(`shrunk from ${failure!.program.choices.length} choices to ${small.program.choices.length}:\n${body}`);
  expect(lines.length).toBeLessThanOrEqual(4);
  expect(body).toMatch(/\?\?|\?\./);
  expect(body!.match(/\bawait\b/g)!.length).toBeLessThanOrEqual(2);
}, 900_000);
