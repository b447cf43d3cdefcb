/** How long runs take to go on in a fresh process after so many steps: ours, DBOS's and Restate's. */
import { startPostgres } from "../../postgres-server.ts";
import { withFile } from "../engines.ts";
import { type Figure, median, roundsOf } from "../figure.ts";
import { Contestant } from "./peers/contestant.ts";
import { installPeers, newerNode } from "./peers/install.ts";
import { startRestate } from "./peers/restate-server.ts";

const STEPS = [10, 1000, 5000] as const;
const ROUNDS = 3;

interface Peer {
  readonly name: string;
  /** A process for the run of that id. */
  start(id: string): Promise<Contestant>;
}

/** One run: prepared by a process that is killed, resumed in another. */
async function resumeOnce(peer: Peer, id: string, steps: number): Promise<number> {
  const before = await peer.start(id);
  let ticket: string | null;
  try {
    await before.launch();
    ticket = await before.prepare(id, steps);
  } finally {
    await before.kill();
  }
  const after = await peer.start(id);
  try {
    const { ms, replay = ms } = await after.resume(id, ticket);
    return replay;
  } finally {
    await after.kill();
  }
}

async function withPeers<T>(body: (peers: readonly Peer[]) => Promise<T>): Promise<T> {
  const node = newerNode();
  const database = await startPostgres({ fsync: "on" });
  const server = await startRestate();
  const DATABASE_URL = database.url;
  try {
    return await withFile((DATABASE_FILE) =>
      body([
        { name: "Perdure, SQLite", start: () => Contestant.start("ours", { STORE: "sqlite", DATABASE_FILE }) },
        { name: "Perdure, Postgres", start: () => Contestant.start("ours", { STORE: "postgres", DATABASE_URL }) },
        { name: "DBOS", start: (id) => Contestant.start("dbos", { DATABASE_URL, DBOS_EXECUTOR: id }) },
        { name: "Restate", start: () => Contestant.start("restate", server.environment, node) },
      ]),
    );
  } finally {
    await server.stop();
    await database.stop();
  }
}

export const resumePeers: Figure = {
  name: "resume-peers",
  reach: null,
  prepare: installPeers,
  measure: () =>
    withPeers(async (peers) => {
      const beside: Record<string, number> = {};
      const failures: string[] = [];
      const samples = new Map<string, number[]>();
      for (let round = 0; round < roundsOf(ROUNDS); round++) {
        for (const steps of STEPS) {
          for (const peer of peers) {
            const key = `${peer.name}, ${steps}`;
            try {
              const ms = await resumeOnce(peer, `r${round}-${steps}-${peer.name.replace(/\W+/g, "")}`, steps);
              samples.set(key, [...(samples.get(key) ?? []), ms]);
            } catch (error) {
              failures.push(`${key}: ${error}`);
            }
          }
        }
      }
      for (const [key, values] of samples) beside[key] = median(values);
      for (const failure of failures) console.error(failure);
      const longest = STEPS.at(-1);
      const ours = Math.max(beside[`Perdure, SQLite, ${longest}`]!, beside[`Perdure, Postgres, ${longest}`]!);
      const theirs = Math.min(beside[`DBOS, ${longest}`] ?? Infinity, beside[`Restate, ${longest}`] ?? Infinity);
      return {
        ratio: theirs / ours,
        value: ours,
        unit: "ms",
        against: `the quickest peer: from being told to go on, in a fresh process, to the first new step after ${longest} steps (ours: the slower store; DBOS: since its function was entered again)`,
        beside,
      };
    }),
};
