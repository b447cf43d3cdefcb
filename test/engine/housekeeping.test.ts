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
