import { platformHost } from "perdure/internal/engine/platform-host";
import type { Store } from "perdure/internal/store/store";
import { afterEach, expect, test } from "vitest";
import { QUICK, until, type World, world } from "./support.ts";

let here: World;
afterEach(() => here.close());

test("what has ended is forgotten as fast as it ends: after a full page the next follows at once", async () => {
  here = world({ short: [["step", "a"]] });
  const sweeps: number[] = [];
  const store = new Proxy(here.store, {
    get: (target, name: keyof Store) => {
      if (name === "sweep") {
        return async (before: number, limit: number) => {
          const gone = await target.sweep(before, limit);
          sweeps.push(gone);
          return gone;
        };
      }
      const value: unknown = target[name];
      return typeof value === "function" ? value.bind(target) : value;
    },
  });
  // The first sweep comes at once: no jitter.
  const { random } = platformHost();
  const engine = here.engine({ store, host: { random: (bytes) => (bytes === 4 ? new Uint8Array(4) : random(bytes)) } });
  const client = here.engine();
  for (let n = 0; n < 600; n++) await client.start(client.fn("short"), [n], { id: `short-${n}` });
  const drive = here.engine();
  await drive.work({ ...QUICK, until: "idle" });
  expect((await here.store.list({ status: "done", limit: 1_000 })).length).toBe(600);
  void engine.work({ ...QUICK, sweep: 3_600_000, retention: 0 });
  await until(async () => (await here.store.list({ limit: 1_000 })).length === 0, 10_000);
  expect(sweeps.slice(0, 3)).toEqual([256, 256, 88]);
});

test("outgoing entries that nobody can read, ever, keep no worker from runs, nor from what else a sweep does", async () => {
  here = world({ short: [["step", "a"]] });
  const store: Store = Object.assign(Object.create(here.store), {
    pendingOutbox: () =>
      Promise.reject(Object.assign(new Error("damaged"), { outcome: "refused", lasting: true, unreadable: true })),
  });
  const engine = here.engine({ store });
  void engine.work({ ...QUICK, retention: 0 });
  const runs = await Promise.all([1, 2, 3].map((n) => engine.start(engine.fn("short"), [n])));
  for (const run of runs) expect(await run.result()).toEqual(["did a"]);
  await until(async () => (await here.store.list({})).length === 0);
  expect(here.events.some((event) => event.type === "store-failed" && event.call === "pendingOutbox")).toBe(true);
});

test("a worker whose clock was set back by an hour goes on at once", async () => {
  here = world({ short: [["step", "a"]] });
  let shift = 0;
  const machine = { now: () => Date.now() + shift };
  const worker = here.engine({ host: machine });
  // Another process of the machine: nobody tells the worker.
  const client = here.engine({ host: machine });
  void worker.work({ ...QUICK, lease: 60_000 });
  const done = async (id: string): Promise<void> => {
    const run = await client.start(client.fn("short"), [], { id });
    await until(async () => (await run.status()).status === "done");
  };
  await done("before");
  shift = -3_600_000;
  await done("after");
});
