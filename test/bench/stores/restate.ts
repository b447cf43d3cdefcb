/** Beside a single node of Restate: ours on SQLite, synchronous=FULL, both on Node 22, on one disk. */
import { withFile } from "../engines.ts";
import type { Figure, Measured } from "../figure.ts";
import { type Contest, contestSteps, contestWorkflows } from "./contest.ts";
import { Contestant, killAll } from "./peers/contestant.ts";
import { installPeers, newerNode, versionOf } from "./peers/install.ts";
import { startRestate } from "./peers/restate-server.ts";

async function withRestate(measure: (contest: Contest) => Promise<Measured>): Promise<Measured> {
  const node = newerNode();
  const server = await startRestate();
  return withFile(async (DATABASE_FILE) => {
    const contestants = [
      Contestant.start("ours", { STORE: "sqlite", DATABASE_FILE }, node),
      Contestant.start("restate", server.environment, node),
    ] as const;
    try {
      const [ours, theirs] = await Promise.all(contestants);
      await Promise.all([ours.launch(), theirs.launch()]);
      return await measure({
        ours: { contestant: ours, disk: ours.pid },
        theirs: { contestant: theirs, disk: server.pid },
        peer: `Restate ${versionOf("@restatedev/restate-server")}`,
        where: "a single node with default settings; ours on SQLite, synchronous=FULL; Node 22",
      });
    } finally {
      await killAll(contestants);
      await server.stop();
    }
  });
}

export const restateSteps: Figure = {
  name: "restate-steps",
  reach: { at: "least", ratio: 4 },
  prepare: installPeers,
  measure: () => withRestate((contest) => contestSteps(contest, 1000)),
};

export const restateWorkflows: Figure = {
  name: "restate-workflows",
  reach: { at: "least", ratio: 8 },
  prepare: installPeers,
  measure: () => withRestate((contest) => contestWorkflows(contest, 100, 10)),
};
