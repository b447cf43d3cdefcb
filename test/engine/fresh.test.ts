/** A run that is driven where it was started goes on with the vat that wrote it; whatever has happened to it in between, it is loaded. */
import type { Store } from "perdure/internal/store/store";
import { afterEach, describe, expect, test } from "vitest";
import { QUICK, type World, world } from "./support.ts";

let here: World;
afterEach(() => here.close());

const PROGRAMS = { two: [["step", "a"] as const, ["step", "b"] as const] };

/** The names of the store's calls, in order. */
function counting(store: Store, before: (method: "claim") => Promise<void> = async () => {}) {
  const calls: string[] = [];
  const counted: Store = {
    ...store,
    async claim(request) {
      await before("claim");
      return store.claim(request);
    },
    load(lease) {
      calls.push("load");
      return store.load(lease);
    },
    read(run) {
      calls.push("read");
      return store.read(run);
    },
  };
  return { calls, store: counted };
}

describe("a run that an engine at work starts", () => {
  test("is neither loaded nor read", async () => {
    here = world(PROGRAMS);
    const { calls, store } = counting(here.store);
    const engine = here.engine({ store });
    void engine.work(QUICK);
    const results = await Promise.all(
      Array.from({ length: 20 }, async (_, n) => (await engine.start(engine.fn("two"), [n])).result()),
    );
    expect(results).toEqual(Array.from({ length: 20 }, () => ["did a", "did b"]));
    expect(calls).toEqual([]);
    const first = here.calls.filter(({ name }) => name === "a");
    expect(first.map(({ args }) => (args as { args: [number] }).args[0]).sort((a, b) => a - b)).toEqual([
      ...Array(20).keys(),
    ]);
  });

  test("is loaded when it has mail", async () => {
    here = world(PROGRAMS);
    let cancelled: Promise<unknown> = Promise.resolve();
    const { calls, store } = counting(here.store, () => cancelled as Promise<void>);
    const create: Store["create"] = async (record) => {
      const answer = await here.store.create(record);
      cancelled = here.store.deliver(record.run, null, { key: "cancel", body: '{"type":"cancel","reason":null}' });
      return answer;
    };
    const engine = here.engine({ store: { ...store, create } });
    void engine.work({ ...QUICK, poll: 10_000 });
    const run = await engine.start(engine.fn("two"), [], { id: "r" });
    await expect(run.result()).rejects.toThrow();
    expect(calls).toContain("load");
    expect(here.calls).toEqual([]);
  });
});

test("without a worker nothing is kept", async () => {
  here = world(PROGRAMS);
  const { calls, store } = counting(here.store);
  const engine = here.engine({ store });
  const run = await engine.start(engine.fn("two"), []);
  void engine.work(QUICK);
  expect(await run.result()).toEqual(["did a", "did b"]);
  expect(calls).toContain("load");
});

test("a run of another incarnation that is claimed under the id is loaded", async () => {
  here = world(PROGRAMS);
  const { calls, store } = counting(here.store);
  // The first is created and forgotten; by the time of the claim another has its id.
  const create: Store["create"] = (record) => here.store.create({ ...record, incarnation: "f".repeat(32) });
  const engine = here.engine({ store: { ...store, create } });
  void engine.work(QUICK);
  await engine.start(engine.fn("two"), [], { id: "r" });
  expect(await engine.run("r").result()).toEqual(["did a", "did b"]);
  expect(calls).toContain("load");
});
