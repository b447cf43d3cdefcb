// DBOS on the Postgres of DATABASE_URL. Steps are recorded one by one, as DBOS does by default; the pool is larger than its default of ten.
import { DBOS } from "@dbos-inc/dbos-sdk";
import { serve, timed } from "./serve.mjs";

const continued = new Map();
const entered = new Map();

const steps = DBOS.registerWorkflow(
  async (count) => {
    let sum = 0;
    for (let i = 0; i < count; i++) {
      const before = sum;
      sum = await DBOS.runStep(async () => before + i, { name: "add" });
    }
    return sum;
  },
  { name: "steps" },
);

const waiting = DBOS.registerWorkflow(
  async (count) => {
    entered.set(DBOS.workflowID, performance.now());
    let sum = 0;
    for (let i = 0; i < count; i++) {
      const before = sum;
      sum = await DBOS.runStep(async () => before + i, { name: "add" });
    }
    await DBOS.setEvent("done", true);
    const more = await DBOS.recv("go", 600);
    return DBOS.runStep(
      async () => {
        continued.get(DBOS.workflowID)?.(performance.now());
        return sum + more;
      },
      { name: "last" },
    );
  },
  { name: "waiting" },
);

DBOS.setConfig({
  name: "contest",
  systemDatabaseUrl: process.env.DATABASE_URL,
  systemDatabasePoolSize: Number(process.env.DBOS_POOL ?? 20),
  logLevel: "error",
  applicationVersion: "1",
  // Launching recovers what the executor of this name left behind.
  executorID: process.env.DBOS_EXECUTOR ?? "contestant",
});

serve({
  launch: () => timed(() => DBOS.launch()),
  steps: (count) => timed(async () => (await DBOS.startWorkflow(steps)(count)).getResult()),
  workflows: (runs, count) =>
    timed(async () => {
      const handles = await Promise.all(Array.from({ length: runs }, () => DBOS.startWorkflow(steps)(count)));
      await Promise.all(handles.map((handle) => handle.getResult()));
    }),
  /** Starts a run that waits after so many steps; answers once it waits. */
  async prepare(id, count) {
    await DBOS.startWorkflow(waiting, { workflowID: id })(count);
    await DBOS.getEvent(id, "done", 600);
    return null;
  },
  /**
   * Launches, which recovers what the killed process had:
   * `ms` to the first step after the wait, `replay` of them since
   * the entry of the function: before it, a recovered run waits for its turn in a queue that is polled.
   */
  async resume(id) {
    const arrived = new Promise((resolve) => continued.set(id, resolve));
    const start = performance.now();
    await DBOS.launch();
    await DBOS.send(id, 1, "go");
    const at = await arrived;
    return { ms: at - start, replay: at - entered.get(id) };
  },
});
