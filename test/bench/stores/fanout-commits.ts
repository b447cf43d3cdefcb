/** Commits of a run that makes a thousand steps at once, on Postgres. */
import { createEngine } from "perdure";
import { postgres } from "perdure/postgres";
import { startPostgres } from "../../postgres-server.ts";
import type { Figure } from "../figure.ts";
import { fanOut } from "../programs/orders.ts";

const STEPS = 1000;

export const fanoutCommits: Figure = {
  name: "fanout-commits",
  reach: { at: "most", ratio: 50 },
  async measure() {
    const server = await startPostgres({ fsync: "on" });
    const store = postgres(server.url);
    let commits = 0;
    const engine = createEngine({ store, observe: ({ type }) => void (type === "committed" && commits++) });
    const work = engine.work();
    const start = performance.now();
    await (await engine.start(fanOut, [STEPS])).result();
    const ms = performance.now() - start;
    const counted = commits;
    await engine.stop();
    await work;
    await store.close();
    await server.stop();
    return {
      ratio: counted,
      value: ms,
      unit: "ms",
      against: `commits for ${STEPS} parallel steps in one run`,
    };
  },
};
