/** How long runs take to go on in a fresh process after so many steps: ours, DBOS's and Restate's. */
import { startPostgres } from "../../postgres-server.ts";
import { withFile } from "../engines.ts";
import { type Figure, median, roundsOf, scaled } from "../figure.ts";
import { Contestant } from "./peers/contestant.ts";
import { installPeers, newerNode } from "./peers/install.ts";
import { startRestate } from "./peers/restate-server.ts";

const STEPS = [10, scaled(1000), scaled(5000)];
const ROUNDS = 2;

interface Peer {
  readonly name: string;
  /** A process for the run of that id. */
  start(id: string): Promise<Contestant>;
  /** Its processes listen at one address. */
  readonly oneByOne?: boolean;
}

/** By a process that is killed once the run waits. */
async function prepare(peer: Peer, id: string, steps: number): Promise<string | null> {
  const contestant = await peer.start(id);
  try {
    await contestant.launch();
    return await contestant.prepare(id, steps);
  } finally {
    await contestant.kill();
  }
}

/** Milliseconds, in another process. */
async function resume(peer: Peer, id: string, ticket: string | null): Promise<number> {
  const contestant = await peer.start(id);
  try {
    const { ms, replay = ms } = await contestant.resume(id, ticket);
    return replay;
  } finally {
    await contestant.kill();
  }
}

async function withPeers<T>(body: (peers: readonly Peer[]) => Promise<T>): Promise<T> {
  const node = newerNode();
  const database = await startPostgres({ fsync: "on" });
  const server = await startRestate();
  const DATABASE_URL = database.url;
  try {
    // DBOS makes its tables at the first launch, and several at once would meet in a deadlock.
    const first = await Contestant.start("dbos", { DATABASE_URL });
    await first.launch().finally(() => first.kill());
    return await withFile((DATABASE_FILE) =>
      body([
        // Each run has a store of its own here, so that it is prepared by the process that listens to it.
        {
          name: "Perdure on SQLite",
          start: (id) => Contestant.start("ours", { STORE: "sqlite", DATABASE_FILE: `${DATABASE_FILE}.${id}` }),
        },
        {
          name: "Perdure on Postgres",
          start: (id) => Contestant.start("ours", { STORE: "postgres", DATABASE_URL, DATABASE_SCHEMA: id }),
        },
        { name: "DBOS", start: (id) => Contestant.start("dbos", { DATABASE_URL, DBOS_EXECUTOR: id }) },
        { name: "Restate", oneByOne: true, start: () => Contestant.start("restate", server.environment, node) },
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
      const samples = new Map<string, number[]>();
      const failures: string[] = [];
      const failed = (key: string) => (error: unknown) => void failures.push(`${key}: ${error}`);
      for (let round = 0; round < roundsOf(ROUNDS); round++) {
        let last: Promise<unknown> = Promise.resolve();
        const runs = STEPS.flatMap((steps) =>
          peers.map((peer) => {
            const id = `r${round}_${steps}_${peer.name.replace(/\W+/g, "").toLowerCase()}`;
            const ticket = peer.oneByOne ? last.then(() => prepare(peer, id, steps)) : prepare(peer, id, steps);
            if (peer.oneByOne) last = ticket.catch(() => {});
            return { peer, id, key: `${peer.name}, ${steps}`, ticket };
          }),
        );
        await Promise.allSettled(runs.map(({ ticket }) => ticket));
        for (const { peer, id, key, ticket } of runs) {
          const ms = await ticket.then((known) => resume(peer, id, known)).catch(failed(key));
          if (ms !== undefined) samples.set(key, [...(samples.get(key) ?? []), ms]);
        }
      }
      const beside = Object.fromEntries([...samples].map(([key, values]) => [key, median(values)]));
      const longest = STEPS.at(-1)!;
      for (const failure of failures) console.error(failure);
      if ([...samples.keys()].filter((key) => key.endsWith(` ${longest}`)).length < peers.length)
        throw new Error(`some could not be measured: ${failures.join("; ")}`);
      const ours = Math.max(beside[`Perdure on SQLite, ${longest}`]!, beside[`Perdure on Postgres, ${longest}`]!);
      const theirs = Math.min(beside[`DBOS, ${longest}`]!, beside[`Restate, ${longest}`]!);
      return {
        ratio: theirs / ours,
        value: ours,
        unit: "ms",
        against: `the quickest peer: from being told to go on, in a fresh process, to the first new step after ${longest} steps (ours: the slower store; DBOS: since its function was entered again)`,
        beside,
      };
    }),
};
