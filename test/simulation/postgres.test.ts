/**
 * The Postgres store of each process over a model of their server: connections that break at every statement, commits that nobody knows of, conflicts, and
 * others that write between what a statement sees and what it locks. `npm run simulate -- --store postgres --seeds 10000` plays as many as one likes.
 */
import { SERVER_MUTATIONS, type ServerMutationName } from "perdure/internal/testing/simulator/postgres/mutations";
import { simulate } from "perdure/internal/testing/simulator/simulate";
import { describe, test } from "vitest";
import { clean, playsTheSame, sees } from "./seeds.ts";

const SEEDS = 200;

test(`seeds 1 to ${SEEDS} break no guarantee on Postgres`, { timeout: 900_000 }, () =>
  clean(1, SEEDS, { postgres: {} }),
);

test("a seed plays the same twice", () => playsTheSame([3, 77], (seed) => simulate(seed, {}, { postgres: {} })));

describe("on Postgres the oracle sees", { timeout: 900_000 }, () => {
  for (const name of Object.keys(SERVER_MUTATIONS) as ServerMutationName[]) {
    test(name, () => sees(name, [1, SEEDS], (seed) => simulate(seed, {}, { postgres: SERVER_MUTATIONS[name] })));
  }
});
