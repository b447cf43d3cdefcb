/**
 * A worker is held up at a call of its store or of a service, before it is made, before it is answered, or until its answer is lost, while others take over, go on,
 * die, hand back, cancel or forget the run. These are some of the cases; `preemption-whole.test.ts` plays many more.
 */
import { MUTATIONS, type Mutation, WORKER_MUTATIONS } from "perdure/internal/testing/simulator/mutations";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Product } from "../product.ts";
import { compiled, findings, NAMES, type Programs } from "./preemption/cases.ts";
import { inMemory } from "./preemption/stage.ts";

let built: Product<Programs>;
let programs: Programs;
beforeAll(async () => {
  built = await compiled();
  programs = await built.open();
});
afterAll(() => built.remove());

/** Prime to how many interruptions there are, so that each meets many calls. */
const EVERY = 397;

test.for(NAMES)("%s", async (name) => {
  expect(await findings({ program: programs[name], install: inMemory }, EVERY)).toEqual([]);
});

/** By what each is seen. */
const MUTATED = [
  ["mail taken as read", WORKER_MUTATIONS, "approval", "tokens are resumed"],
  ["a lease renewed blindly", WORKER_MUTATIONS, "steps", "its lease is ended"],
  ["a lost run kept", WORKER_MUTATIONS, "steps", "another takes over"],
  ["no fence", MUTATIONS, "timers", "another takes over, and has just begun"],
  ["issue before commit", MUTATIONS, "parallel", "nothing"],
] as const;

describe("it sees", () => {
  test.for(MUTATED)("%s", async ([name, mutations, program, interruption]) => {
    const mutation = (mutations as Record<string, Mutation>)[name]!;
    const subject = { program: programs[program], install: inMemory, mutation };
    expect(await findings(subject, 1, 1, interruption)).not.toEqual([]);
  });

  test("every mutation of a worker", () => {
    expect(MUTATED.map(([name]) => name)).toEqual(expect.arrayContaining(Object.keys(WORKER_MUTATIONS)));
  });
});
