/**
 * The DynamoDB store of each process over a model of their table: the ring, the late index, the outbox and parking, with every single
 * request lost, answered in vain or repeated. `npm run simulate -- --store dynamodb --seeds 10000` plays as many as one likes.
 */
import { PROTOCOL_MUTATIONS, type ProtocolMutationName } from "perdure/internal/testing/simulator/dynamodb/mutations";
import { simulate } from "perdure/internal/testing/simulator/simulate";
import { describe, test } from "vitest";
import { clean, sees } from "./seeds.ts";

const SEEDS = 150;

test(`seeds 1 to ${SEEDS} break no guarantee on DynamoDB`, { timeout: 900_000 }, () =>
  clean(1, SEEDS, { dynamodb: {} }),
);

describe("on DynamoDB the oracle sees", { timeout: 900_000 }, () => {
  for (const name of Object.keys(PROTOCOL_MUTATIONS) as ProtocolMutationName[]) {
    test(name, () =>
      sees(
        name,
        [1, SEEDS],
        (seed) => simulate(seed, {}, { dynamodb: PROTOCOL_MUTATIONS[name] }),
        // Runs that merely get stuck would not show that somebody wrote who may not.
        ({ verdicts }) => verdicts.some(({ guarantee }) => guarantee !== "nothing is lost"),
      ),
    );
  }
});
