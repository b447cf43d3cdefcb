/** This project as a contestant, on the store that STORE says, with default settings. */
import { createEngine } from "perdure";
import { postgres } from "perdure/postgres";
import { sqlite } from "perdure/sqlite";
import { steps } from "../programs/contest.ts";
import { serve, timed } from "./peers/serve.mjs";

const { STORE = "", DATABASE_URL = "", DATABASE_FILE = "" } = process.env;
const store = STORE === "postgres" ? postgres(DATABASE_URL) : sqlite(DATABASE_FILE);
const engine = createEngine({ store });

serve({
  async launch() {
    void engine.work();
  },
  steps: (count: number) => timed(async () => (await engine.start(steps, [count])).result()),
  workflows: (runs: number, count: number) =>
    timed(async () => {
      const started = await Promise.all(Array.from({ length: runs }, () => engine.start(steps, [count])));
      await Promise.all(started.map((run) => run.result()));
    }),
});
