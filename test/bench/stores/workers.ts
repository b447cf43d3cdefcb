/** Turns a second of four worker processes over those of one, on one Postgres. */
import { startPostgres } from "../../postgres-server.ts";
import { type Figure, median, roundsOf } from "../figure.ts";
import { Contestant, killAll } from "./peers/contestant.ts";
import { processorTime } from "./peers/processes.ts";

const RUNS = 400;
const STEPS = 20;
const WORKERS = 4;
const ROUNDS = 3;

export const workers: Figure = {
  name: "workers",
  reach: null,
  async measure() {
    const server = await startPostgres({ fsync: "on" });
    const start = () => Contestant.start("ours", { STORE: "postgres", DATABASE_URL: server.url });
    const client = start();
    const rates: Record<"one" | "four", number[]> = { one: [], four: [] };
    const busy: number[] = [];
    try {
      for (let round = 0; round <= roundsOf(ROUNDS); round++) {
        for (const [side, count] of [["one", 1] as const, ["four", WORKERS] as const]) {
          const some = Array.from({ length: count }, start);
          try {
            const all = await Promise.all(some);
            await Promise.all(all.map((worker) => worker.launch()));
            const roots = [(await client).pid, server.pid, ...all.map(({ pid }) => pid)];
            const before = processorTime(roots) ?? Number.NaN;
            const ms = await (await client).workflows(RUNS, STEPS);
            if (round === 0) continue;
            rates[side].push((RUNS * STEPS * 1000) / ms);
            if (side === "four") busy.push(((processorTime(roots) ?? Number.NaN) - before) / ms);
          } finally {
            await killAll(some);
          }
        }
      }
    } finally {
      await killAll([client]);
      await server.stop();
    }
    const four = median(rates.four);
    const processors = median(busy);
    return {
      ratio: four / median(rates.one),
      value: four,
      unit: "turns/s",
      against: `one worker process; ${RUNS} runs of ${STEPS} steps that another process starts, on one Postgres, fsync on, all on one machine`,
      beside: {
        "of one, turns/s": median(rates.one),
        ...(Number.isNaN(processors) ? {} : { "processors busy with four": processors }),
      },
    };
  },
};
