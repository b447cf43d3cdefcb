// A service of Restate, and a client of its ingress. The server runs beside, on RESTATE_INGRESS and RESTATE_ADMIN.
import * as restate from "@restatedev/restate-sdk";
import { serve, timed } from "./serve.mjs";

const ingress = process.env.RESTATE_INGRESS;
const admin = process.env.RESTATE_ADMIN;
const port = Number(process.env.RESTATE_SERVICE_PORT);
const continued = new Map();
const counts = new Map();

async function post(url, body) {
  const answer = await fetch(url, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  });
  if (!answer.ok) throw new Error(`${url}: ${answer.status} ${await answer.text()}`);
  return answer.text();
}

async function add(context, count, seen = () => {}) {
  let sum = 0;
  for (let i = 0; i < count; i++) {
    const before = sum;
    sum = await context.run("add", async () => {
      seen(i + 1);
      return before + i;
    });
  }
  return sum;
}

const service = restate.service({ name: "contest", handlers: { steps: (context, count) => add(context, count) } });
const workflow = restate.workflow({
  name: "waiting",
  // A run that waits lets go of its process at once, so that resuming is what it is after a crash.
  options: { inactivityTimeout: 100 },
  handlers: {
    run: async (context, count) => {
      const sum = await add(context, count, (done) => counts.set(context.key, done));
      const more = await context.promise("go");
      return context.run("last", async () => {
        continued.get(context.key)?.(performance.now());
        return sum + more;
      });
    },
    go: restate.handlers.workflow.shared(async (context, value) => {
      await context.promise("go").resolve(value);
    }),
  },
});

serve({
  async launch() {
    await restate.serve({ services: [service, workflow], port });
    await post(`${admin}/deployments`, { uri: `http://127.0.0.1:${port}`, force: true });
  },
  steps: (count) => timed(() => post(`${ingress}/contest/steps`, count)),
  workflows: (runs, count) =>
    timed(() => Promise.all(Array.from({ length: runs }, () => post(`${ingress}/contest/steps`, count)))),
  async prepare(id, count) {
    await post(`${ingress}/waiting/${id}/run/send`, count);
    while (counts.get(id) !== count) await new Promise((resolve) => setTimeout(resolve, 20));
    // Until it is suspended.
    await new Promise((resolve) => setTimeout(resolve, 1000));
    return null;
  },
  /** Serves in a fresh process, warmed by another run; the time is from the resolution of the promise to the first step after it. */
  async resume(id) {
    await restate.serve({ services: [service, workflow], port });
    await post(`${ingress}/contest/steps`, 1);
    const arrived = new Promise((resolve) => continued.set(id, resolve));
    const start = performance.now();
    await post(`${ingress}/waiting/${id}/go`, 1);
    return { ms: (await arrived) - start };
  },
});
