/** This project as a contestant, on the store that STORE says, with default settings. */
import { createEngine } from "perdure";
import { postgres } from "perdure/postgres";
import { sqlite } from "perdure/sqlite";
import { steps, waiting } from "../programs/contest.ts";
import { next } from "../programs/contest-services.ts";
import { serve, timed } from "./peers/serve.mjs";

const { STORE = "", DATABASE_URL = "", DATABASE_FILE = "", DATABASE_SCHEMA = "perdure" } = process.env;
const store = STORE === "postgres" ? postgres(DATABASE_URL, { schema: DATABASE_SCHEMA }) : sqlite(DATABASE_FILE);
const engine = createEngine({ store });

serve({
  async launch() {
    void engine.work();
  },
  steps: (count: number) => timed(async () => (await engine.start(steps, [count])).result()),
  async prepare(id: string, count: number) {
    const said = next(id);
    await engine.start(waiting, [count, id], { id });
    const ticket = await said;
    // Gives the run back: nobody has to find out first that this process has died.
    await engine.stop();
    return ticket;
  },
  /** A fresh process, at work and warmed by another run; the time is from the token's resumption to the first step after it. */
  async resume(id: string, ticket: string) {
    void engine.work();
    await (await engine.start(steps, [1])).result();
    const said = next(id);
    const start = performance.now();
    await engine.resume(ticket, 1);
    await said;
    return { ms: performance.now() - start };
  },
  workflows: (runs: number, count: number) =>
    timed(async () => {
      const started = await Promise.all(Array.from({ length: runs }, () => engine.start(steps, [count])));
      await Promise.all(started.map((run) => run.result()));
    }),
});
