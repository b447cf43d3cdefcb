import { MUTATIONS, type MutationName } from "perdure/internal/testing/simulator/mutations";
import { simulate } from "perdure/internal/testing/simulator/simulate";
import { describe, expect, test } from "vitest";

const WITHIN = 200;

describe("the oracle sees", () => {
  for (const name of Object.keys(MUTATIONS) as MutationName[]) {
    test(name, async () => {
      for (let seed = 1; seed <= WITHIN; seed++) {
        const { verdicts } = await simulate(seed, MUTATIONS[name]);
        if (verdicts.length > 0) return;
      }
      expect.fail(`${name} went unseen for ${WITHIN} seeds`);
    });
  }
});

test("a seed plays the same twice", async () => {
  for (const seed of [3, 77, 1234]) expect((await simulate(seed)).trace).toEqual((await simulate(seed)).trace);
});
