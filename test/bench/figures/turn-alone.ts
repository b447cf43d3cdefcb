/** Durable turns a second of one run alone, each committed with an fsync, against the driver's own commits. */

import { sqlite } from "perdure/sqlite";
import { withFile, working } from "../engines.ts";
import { type Figure, sideBySide } from "../figure.ts";
import { small } from "../programs/orders.ts";
import { rawCommits } from "../raw-commits.ts";

const TURNS = 1500;
/** What a turn of the program writes. */
const SEGMENT = 1050;

export const turnAlone: Figure = {
  name: "turn-alone",
  reach: { at: "least", ratio: 0.7 },
  measure: () =>
    withFile((path) =>
      working(sqlite(path), async (engine) => {
        const { turns, commits } = await sideBySide(7, {
          async turns() {
            const start = performance.now();
            const run = await engine.start(small, [TURNS]);
            await run.result();
            return performance.now() - start;
          },
          commits: () => rawCommits(`${path}.raw`, { count: TURNS, bytes: SEGMENT }),
        });
        return {
          ratio: commits / turns,
          value: (TURNS / turns) * 1000,
          unit: "turns/s",
          against: "commits/s of the same rows in the same tables by the SQLite driver alone, synchronous=FULL",
          beside: { "raw commits/s": (TURNS / commits) * 1000 },
        };
      }),
    ),
};
