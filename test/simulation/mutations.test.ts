import { MUTATIONS, type MutationName } from "perdure/internal/testing/simulator/mutations";
import { simulate } from "perdure/internal/testing/simulator/simulate";
import { describe, test } from "vitest";
import { playsTheSame, sees } from "./seeds.ts";

const WITHIN = 200;

describe("the oracle sees", () => {
  for (const name of Object.keys(MUTATIONS) as MutationName[]) {
    test(name, () => sees(name, [1, WITHIN], (seed) => simulate(seed, MUTATIONS[name])));
  }
});

test("a seed plays the same twice", () => playsTheSame([3, 77, 1234], (seed) => simulate(seed)));
