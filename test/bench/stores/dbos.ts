/** Beside DBOS, both on one Postgres with fsync on, on the same Node. */
import { startPostgres } from "../../postgres-server.ts";
import type { Figure, Measured } from "../figure.ts";
import { type Contest, contestSteps, contestWorkflows } from "./contest.ts";
import { Contestant, killAll } from "./peers/contestant.ts";
import { installPeers, versionOf } from "./peers/install.ts";

async function withDbos(measure: (contest: Contest) => Promise<Measured>): Promise<Measured> {
  const server = await startPostgres({ fsync: "on" });
  const DATABASE_URL = server.url;
  const contestants = [
    Contestant.start("ours", { STORE: "postgres", DATABASE_URL }),
    Contestant.start("dbos", { DATABASE_URL }),
  ] as const;
  try {
    const [ours, theirs] = await Promise.all(contestants);
    await Promise.all([ours.launch(), theirs.launch()]);
    const disk = server.pid;
    return await measure({
      ours: { contestant: ours, disk },
      theirs: { contestant: theirs, disk },
      peer: `DBOS ${versionOf("@dbos-inc/dbos-sdk")}`,
      where: "same Postgres, fsync on",
    });
  } finally {
    await killAll(contestants);
    await server.stop();
  }
}

export const dbosSteps: Figure = {
  name: "dbos-steps",
  reach: { at: "least", ratio: 4 },
  prepare: installPeers,
  measure: () => withDbos((contest) => contestSteps(contest, 1000)),
};

export const dbosWorkflows: Figure = {
  name: "dbos-workflows",
  reach: { at: "least", ratio: 10 },
  prepare: installPeers,
  measure: () => withDbos((contest) => contestWorkflows(contest, 100, 10)),
};
