/** SQLite beside its own driver: turns of a run alone, and the processor time of a turn with a hundred runs. */
import { sqlite } from "perdure/sqlite";
import { withFile, working } from "../engines.ts";
import { cpu, type Figure, sideBySide } from "../figure.ts";
import { turnAlone } from "../figures/turn-alone.ts";
import { small } from "../programs/orders.ts";
import { rawCommits } from "../raw-commits.ts";

/** The same as `turn-alone`. */
export const sqliteAlone: Figure = { ...turnAlone, name: "sqlite-alone" };

const RUNS = 100;
const TURNS = 40;
/** What a turn of the program writes. */
const SEGMENT = 1050;

export const sqliteCpu: Figure = {
  name: "sqlite-cpu",
  reach: { at: "most", ratio: 4 },
  measure: () =>
    withFile((path) =>
      working(sqlite(path), async (engine) => {
        const { turns, commits, grouped } = await sideBySide(7, {
          turns: () =>
            cpu(async () => {
              const runs = await Promise.all(Array.from({ length: RUNS }, () => engine.start(small, [TURNS])));
              await Promise.all(runs.map((run) => run.result()));
            }),
          commits: () => rawCommits(`${path}.raw`, { count: RUNS * TURNS, bytes: SEGMENT, measure: cpu }),
          grouped: () =>
            rawCommits(`${path}.raw`, { count: RUNS * TURNS, bytes: SEGMENT, together: RUNS, measure: cpu }),
        });
        const each = (ms: number) => (ms / RUNS / TURNS) * 1000;
        return {
          ratio: turns / commits,
          value: each(turns),
          unit: "µs a turn",
          against:
            "a loop that writes the same rows through the same driver, one transaction for each turn, synchronous=FULL",
          beside: { "the loop's": each(commits), "a loop's with a hundred turns in a transaction": each(grouped) },
        };
      }),
    ),
};
