import { spawnSync } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Worker } from "node:worker_threads";
import type { Host } from "perdure/internal/engine/host";
import type { Store } from "perdure/internal/store/store";
import { sqlite } from "perdure/sqlite";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { QUICK, until, type World, world } from "./support.ts";

let here: World | undefined;
let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "perdure-"));
});
afterEach(async () => {
  await here?.close();
  here = undefined;
  rmSync(folder, { recursive: true, force: true });
});

function busy(ms: number): void {
  const end = Date.now() + ms;
  while (Date.now() < end);
}

/** Another worker, in a thread of its own: `ms` after it was told, it claims what it can and says how many runs that were. */
const OTHER = `
  import { parentPort, workerData } from "node:worker_threads";
  import { sqlite } from ${JSON.stringify(import.meta.resolve("perdure/sqlite"))};
  const { path, said } = workerData;
  const count = new Int32Array(said);
  const store = sqlite(path);
  await store.renew("other", Date.now(), Date.now() + 60_000);
  parentPort.postMessage("ready");
  parentPort.on("message", (ms) => setTimeout(async () => {
    const claims = await store.claim({ worker: "other", limit: 10, suspects: 1, codes: new Set(["heavy@1"]), now: Date.now() });
    Atomics.store(count, 0, claims.length);
    await store.close();
    parentPort.close();
  }, ms));
`;

/** Drives a run whose step keeps the main thread busy, and says how many runs another worker could take towards the end of that. */
async function takenWithin(busyFor: number, lease: number, host: Partial<Host> = {}): Promise<number> {
  const path = join(folder, "runs.db");
  const store = sqlite(path);
  const said = new SharedArrayBuffer(4);
  const count = new Int32Array(said).fill(-1);
  await store.list({});
  const other = new Worker(new URL(`data:text/javascript,${encodeURIComponent(OTHER)}`), {
    workerData: { path, said },
  });
  await once(other, "message");
  here = world(
    {
      heavy: [
        ["step", "settle"],
        ["step", "compute"],
      ],
    },
    async ({ name }) => {
      if (name === "settle") return new Promise((resolve) => setTimeout(resolve, lease, "settled"));
      if (count[0] === -1) {
        count[0] = -2;
        other.postMessage(busyFor * 0.9);
        busy(busyFor);
      }
      return "done";
    },
  );
  const engine = here.engine({ store, host });
  void engine.work({ lease, poll: 20 });
  await engine.start(engine.fn("heavy"), [], { id: "r" });
  await until(() => Atomics.load(count, 0) >= 0, 20_000);
  await engine.stop();
  await store.close();
  return count[0]!;
}

describe("a busy main thread", () => {
  test("does not lose its lease: a thread renews it", async () => {
    expect(await takenWithin(2_000, 400)).toBe(0);
  });
  test("loses it after ten lease times", async () => {
    expect(await takenWithin(2_500, 150)).toBe(1);
  });
  test("loses it where there is no such thread", async () => {
    expect(await takenWithin(1_200, 400, { heartbeat: () => null })).toBe(1);
  });
});

test("a thread that fails is told of, and the worker renews by itself", async () => {
  const path = join(folder, "runs.db");
  here = world({
    quick: [
      ["step", "a"],
      ["sleep", 900],
      ["step", "b"],
    ],
  });
  const store = {
    ...sqlite(path),
    thread: { module: "data:text/javascript,throw new Error('no such module')", options: {} },
  };
  const engine = here.engine({ store });
  void engine.work({ lease: 300, poll: 20 });
  const run = await engine.start(engine.fn("quick"), []);
  expect(await run.result()).toEqual(["did a", "timer", "did b"]);
  const told = here.events.filter((event) => event.type === "store-failed").map(({ error }) => String(error));
  expect(told.some((text) => /PD2511.*no such module/.test(text))).toBe(true);
  expect(here.events.some(({ type }) => type === "lease-lost")).toBe(false);
  await engine.stop();
  await store.close();
});

/** A worker whose thread writes down when it begins and ends a renewal of its lease, which takes a while; it leaves in the middle. */
const leaving = (ms: number, native: boolean): string => `
  import { existsSync } from "node:fs";
  import { createEngine } from ${JSON.stringify(import.meta.resolve("perdure"))};
  import { sqlite } from ${JSON.stringify(import.meta.resolve("perdure/sqlite"))};
  const [folder] = process.argv.slice(-1);
  const thread = \`
    import { writeFileSync } from "node:fs";
    const renew = async () => {
      writeFileSync(${"$"}{JSON.stringify(folder + "/begun")}, "");
      const end = Date.now() + ${ms};
      while (Date.now() < end);
      writeFileSync(${"$"}{JSON.stringify(folder + "/ended")}, "");
      return true;
    };
    export const open = () => ({ renew, close: async () => {} });
  \`;
  const store = { ...sqlite(folder + "/runs.db"), thread: { module: "data:text/javascript," + encodeURIComponent(thread), options: {}, native: ${native} } };
  void createEngine({ store }).work({ lease: 300 });
  setInterval(() => existsSync(folder + "/begun") && process.exit(0), 5);
`;

test.each([
  [150, false],
  [2_000, true],
])("a process that leaves waits for a call of the store in that thread (%i ms, native: %s)", (ms, native) => {
  const file = join(folder, "leaving.mjs");
  writeFileSync(file, leaving(ms, native));
  const child = spawnSync(process.execPath, [file, folder], { encoding: "utf8", timeout: 30_000 });
  expect([child.status, child.stderr]).toEqual([0, ""]);
  expect(existsSync(join(folder, "ended"))).toBe(true);
});

test("a thread that cannot be begun is told of, and the worker renews by itself", async () => {
  here = world({
    quick: [
      ["step", "a"],
      ["sleep", 900],
    ],
  });
  // As in a bundle, where what stands for the URL of its file is none to Node.
  const heartbeat = () => {
    throw new TypeError("no URL");
  };
  const engine = here.engine({ host: { heartbeat } });
  void engine.work({ lease: 300, poll: 20 });
  const run = await engine.start(engine.fn("quick"), []);
  expect(await run.result()).toEqual(["did a", "timer"]);
  const told = here.events.filter((event) => event.type === "store-failed").map(({ error }) => String(error));
  expect(told.some((text) => /PD2511.*no URL/.test(text))).toBe(true);
  expect(here.events.some(({ type }) => type === "lease-lost")).toBe(false);
  await engine.stop();
});

test("a renewal whose answer never comes is told, and not the last one", async () => {
  here = world({});
  const { store } = here;
  let calls = 0;
  const silent: Store = Object.assign(Object.create(store) as Store, {
    renew: (...args: Parameters<Store["renew"]>) =>
      ++calls === 2 ? new Promise<boolean>(() => {}) : store.renew(...args),
  });
  void here.engine({ store: silent }).work(QUICK);
  await until(() => calls > 4);
  const failures = here.events.filter((event) => event.type === "store-failed");
  expect(failures).toMatchObject([{ call: "renew", error: { code: "PD2510" } }]);
});
