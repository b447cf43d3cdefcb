/** The engine's own texts in a store, written by somebody else: the run is blocked with a coded error, and its worker goes on. */
import type { Store } from "perdure/internal/store/store";
import { afterEach, expect, test } from "vitest";
import { QUICK, until, type World, world } from "./support.ts";

let here: World;
afterEach(() => here.close());

test.each([
  ["no JSON", "hello"],
  ["a list", "[]"],
  ["another type", '{"type":"__proto__"}'],
  ["a token without a value", '{"type":"token"}'],
  ["a message without a name", '{"type":"message","value":1}'],
  ["a message without a value", '{"type":"message","name":"a"}'],
  ["a step without a number", '{"type":"step","operation":"1","saved":1}'],
  ["a child without an outcome", '{"type":"child","operation":1,"outcome":{"status":"x"}}'],
  ["a cancel for a reason that is none", '{"type":"cancel","reason":{}}'],
])("a message that is %s blocks its run, met at load or while it is driven", async (_, body) => {
  here = world({ waits: [["step", "a"], ["token"]], other: [["step", "b"]] });
  const engine = here.engine();
  const resting = await engine.start(engine.fn("waits"), [], { id: "resting" });
  await here.store.deliver("resting", null, { key: "k", body });
  void engine.work(QUICK);
  await until(async () => (await resting.status()).status === "blocked");
  await expect(resting.result()).rejects.toMatchObject({ code: "PD4010" });

  const driven = await engine.start(engine.fn("waits"), [], { id: "driven" });
  await until(async () => (await driven.status()).status === "waiting");
  await here.store.deliver("driven", null, { key: "k", body });
  await until(async () => (await driven.status()).status === "blocked");
  await expect(driven.result()).rejects.toMatchObject({ code: "PD4010" });
  expect(await (await engine.start(engine.fn("other"), [])).result()).toEqual(["did b"]);
});

test("a result, a reason and a parent that no engine wrote are told as such", async () => {
  here = world({ one: [["step", "a"]] });
  const change = { result: null as string | null, reason: null as string | null, parent: null as string | null };
  const changed = <H extends object>(head: H): H => {
    const given = Object.entries(change).filter(([, text]) => text !== null);
    return { ...head, ...Object.fromEntries(given) };
  };
  const store: Store = {
    ...here.store,
    read: async (run) => {
      const head = await here.store.read(run);
      return head && changed(head);
    },
    load: async (lease) => {
      const loaded = await here.store.load(lease);
      return loaded === "fenced" ? loaded : { ...loaded, head: changed(loaded.head) };
    },
  };
  const engine = here.engine({ store });
  change.parent = "[1]";
  const child = await engine.start(engine.fn("one"), [], { id: "child" });
  void engine.work(QUICK);
  await until(async () => (await here.store.read("child"))!.status === "blocked");
  await expect(child.result()).rejects.toMatchObject({ code: "PD4010", message: expect.stringContaining("parent") });
  change.parent = null;
  change.reason = '{"code":5}';
  await expect(child.result()).rejects.toMatchObject({ code: "PD2507" });
  expect((await child.status()).reason).toBeNull();
  change.reason = null;
  const run = await engine.start(engine.fn("one"), [], { id: "run" });
  await run.result();
  for (const text of ["{", "null", '{"status":"__proto__","text":""}', '{"status":"fulfilled"}']) {
    change.result = text;
    await expect(run.result()).rejects.toMatchObject({ code: "PD4010" });
    await expect(run.cancel()).rejects.toMatchObject({ code: "PD4010" });
  }
});
