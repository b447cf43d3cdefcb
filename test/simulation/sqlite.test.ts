/**
 * The SQLite store of each process over one real file: processes that die, disks that fail and locks that others hold at every statement and every commit, commits that
 * nobody knows of, and copies that are put in the place of the file. `npm run simulate -- --store sqlite --seeds 10000` plays as many as one likes.
 */
import { simulate } from "perdure/internal/testing/simulator/simulate";
import { FILE_MUTATIONS, type FileMutationName } from "perdure/internal/testing/simulator/sqlite/mutations";
import { describe, test } from "vitest";
import { clean, playsTheSame, sees } from "./seeds.ts";

const SEEDS = 100;
/** Rare ones are looked for near where they are. */
const BEGIN: Partial<Record<FileMutationName, number>> = { "commits without a fence": 60 };

test(`seeds 1 to ${SEEDS} break no guarantee on SQLite`, { timeout: 900_000 }, () => clean(1, SEEDS, { sqlite: {} }));

test("a seed plays the same twice", () => playsTheSame([3, 77], (seed) => simulate(seed, {}, { sqlite: {} })));

describe("on SQLite the oracle sees", { timeout: 900_000 }, () => {
  for (const name of Object.keys(FILE_MUTATIONS) as FileMutationName[]) {
    test(name, () =>
      sees(name, [BEGIN[name] ?? 1, SEEDS], (seed) => simulate(seed, {}, { sqlite: FILE_MUTATIONS[name] })),
    );
  }
});
