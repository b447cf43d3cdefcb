/** How late runs wake of which a thousand are due at one instant: from that instant to the step after the sleep. */
import { postgres } from "perdure/postgres";
import { startPostgres } from "../../postgres-server.ts";
import { working } from "../engines.ts";
import { type Figure, median, roundsOf } from "../figure.ts";
import { lateness } from "../programs/crowd-services.ts";
import { sleeper } from "../programs/crowds.ts";

const RUNS = 1000;
const ROUNDS = 3;
/** Until the last of them is asleep, and long enough for all to have been given back to the store. */
const NAP = 6000;

const percentile = (values: readonly number[], share: number): number =>
  [...values].sort((a, b) => a - b)[Math.ceil(values.length * share) - 1]!;

export const wakeUp: Figure = {
  name: "wake-up",
  reach: null,
  async measure() {
    const server = await startPostgres({ fsync: "on" });
    const store = postgres(server.url);
    const halves: number[] = [];
    const lasts: number[] = [];
    const alone: number[] = [];
    try {
      await working(store, async (engine) => {
        const wake = async (count: number, until: number) => {
          const runs = await Promise.all(Array.from({ length: count }, () => engine.start(sleeper, [until])));
          await Promise.all(runs.map((run) => run.result()));
          return lateness.splice(0);
        };
        for (let round = 0; round <= roundsOf(ROUNDS); round++) {
          const one = await wake(1, Date.now() + 2500);
          const many = await wake(RUNS, Date.now() + NAP);
          if (round === 0) continue;
          alone.push(one[0]!);
          halves.push(percentile(many, 0.5));
          lasts.push(percentile(many, 0.99));
        }
      });
    } finally {
      await store.close();
      await server.stop();
    }
    return {
      ratio: median(lasts) / median(halves),
      value: median(halves),
      unit: "ms, p50",
      against: `p99 over p50, from the instant at which ${RUNS} sleeping runs are due to each one's next step, one worker on Postgres, fsync on`,
      beside: { "p99, ms": median(lasts), "one run alone, ms": median(alone) },
    };
  },
};
