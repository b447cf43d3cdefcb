/** How many turns of a hundred runs share a transaction, and how long each waits for it. */
import { createEngine, type EngineEvent } from "perdure";
import { chooseDriver } from "perdure/internal/store/sqlite/choose-driver";
import type { Driver } from "perdure/internal/store/sqlite/driver";
import { sqlite } from "perdure/sqlite";
import { withFile } from "../engines.ts";
import { type Figure, median } from "../figure.ts";
import { small } from "../programs/orders.ts";

const TURNS = 60;
const TOGETHER = 100;

/** Counts transactions of the driver. */
function counting(counts: { commits: number }): () => Promise<Driver> {
  return async () => {
    const driver = await chooseDriver();
    return {
      open(path) {
        const db = driver.open(path);
        const { run } = db;
        return Object.assign(Object.create(db) as typeof db, {
          run(sql: string, ...values: never[]) {
            if (sql === "COMMIT") counts.commits++;
            return run(sql, ...values);
          },
        });
      },
    };
  };
}

/** Turns, transactions, and the median time from one commit of a run to its next. */
async function drive(path: string, runs: number, turns: number) {
  const counts = { commits: 0, turns: 0 };
  const last = new Map<string, number>();
  const latencies: number[] = [];
  const observe = (event: EngineEvent) => {
    if (event.type !== "committed") return;
    const now = performance.now();
    const before = last.get(event.run);
    if (before !== undefined) latencies.push(now - before);
    last.set(event.run, now);
    counts.turns++;
  };
  const engine = createEngine({ store: sqlite(path, { driver: counting(counts) }), observe });
  const started = await Promise.all(Array.from({ length: runs }, () => engine.start(small, [turns])));
  const before = counts.commits;
  const work = engine.work();
  await Promise.all(started.map((run) => run.result()));
  const commits = counts.commits - before;
  await engine.stop();
  await work;
  return { perCommit: counts.turns / commits, latency: median(latencies) };
}

export const turnsPerCommit: Figure = {
  name: "turns-per-commit",
  reach: { at: "least", ratio: 50 },
  measure: () =>
    withFile(async (path) => {
      await drive(path, 1, 500);
      const alone = await drive(path, 1, 500);
      const together = await drive(path, TOGETHER, TURNS);
      return {
        ratio: together.perCommit,
        value: together.latency,
        unit: "ms between two turns of a run",
        against: "transactions, 100 runs at once; the latency is to stay within twice that of one run alone",
        beside: { "latency alone": alone.latency, "latency over alone": together.latency / alone.latency },
      };
    }),
};
