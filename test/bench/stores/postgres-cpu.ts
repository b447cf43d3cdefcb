/** Processor time of a turn on Postgres, this process alone, with a hundred runs at once. */
import { postgres } from "perdure/postgres";
import { startPostgres } from "../../postgres-server.ts";
import { working } from "../engines.ts";
import { cpu, type Figure, sideBySide } from "../figure.ts";
import { small } from "../programs/orders.ts";
import { rawTurns } from "./raw-turns.ts";

const RUNS = 100;
const TURNS = 40;
/** What a turn of the program writes, in the middle. */
const SEGMENT = 1050;

export const postgresCpu: Figure = {
  name: "postgres-cpu",
  reach: { at: "most", ratio: 4 },
  async measure() {
    const server = await startPostgres({ fsync: "on" });
    const raw = await rawTurns(server.url);
    const store = postgres(server.url);
    const times: number[] = [];
    try {
      const { turns, statements } = await working(store, (engine) =>
        sideBySide(5, {
          turns: () =>
            cpu(async () => {
              const start = performance.now();
              const runs = await Promise.all(Array.from({ length: RUNS }, () => engine.start(small, [TURNS])));
              await Promise.all(runs.map((run) => run.result()));
              times.push(performance.now() - start);
            }),
          statements: () => cpu(() => raw.write(RUNS, TURNS, SEGMENT)),
        }),
      );
      return {
        ratio: turns / statements,
        value: (turns / RUNS / TURNS) * 1000,
        unit: "µs a turn",
        against: "a loop that writes the same rows through `pg`, one statement for each turn, over four connections",
        beside: {
          "the loop's": (statements / RUNS / TURNS) * 1000,
          "turns/s": (RUNS * TURNS * 1000) / Math.min(...times),
        },
      };
    } finally {
      await raw.close();
      await store.close();
      await server.stop();
    }
  },
};
