/** What clients are told while the store does not answer. */
import { storeError } from "perdure/internal/store/messages";
import type { Store, StoreFailure } from "perdure/internal/store/store";
import { afterEach, expect, test } from "vitest";
import { QUICK, type World, world } from "./support.ts";

let here: World;
afterEach(() => here.close());

/** A store of somebody's own, whose errors say no more than that the answer is lost. */
const silent = (store: Store, methods: ReadonlySet<string>, calls: string[]): Store =>
  new Proxy(store, {
    get(target, property) {
      const value: unknown = Reflect.get(target, property);
      if (!methods.has(String(property))) return value;
      return async (...args: unknown[]) => {
        calls.push(String(property));
        await Reflect.apply(value as Function, target, args);
        throw Object.assign(new Error("no answer"), { outcome: "unknown" }) as StoreFailure;
      };
    },
  });

test("a call that is never answered is repeated, then told to be unknown", async () => {
  here = world({ one: [["step", "a"]] });
  const engine = here.engine();
  const run = await engine.start(engine.fn("one"), []);
  const calls: string[] = [];
  const cutOff = here.engine({
    store: silent(here.store, new Set(["create", "deliver", "read"]), calls),
    host: { setTimeout: (again) => setTimeout(again, 0) },
  });
  const unknown = { code: "PD2510", message: expect.stringContaining("no answer") };
  await expect(cutOff.start(cutOff.fn("one"), [], { id: "lost" })).rejects.toMatchObject(unknown);
  await expect(cutOff.run(run.id).cancel()).rejects.toMatchObject(unknown);
  await expect(cutOff.run(run.id).status()).rejects.toMatchObject(unknown);
  expect(calls.filter((call) => call === "create").length).toBeGreaterThan(5);
  // It had happened, as it may: the same call again answers, and nothing was done twice.
  const again = await engine.start(engine.fn("one"), [], { id: "lost" });
  void engine.work(QUICK);
  expect(await again.result()).toEqual(["did a"]);
  expect((await engine.list()).map(({ id }) => id).sort()).toEqual(["lost", run.id].sort());
  expect(here.calls.filter(({ run: of }) => of === "lost").length).toBe(1);
});

test("a refusal says nothing of an earlier attempt that was not answered", async () => {
  here = world({ one: [["step", "a"]] });
  for (const lasting of [true, false]) {
    let attempts = 0;
    const create: Store["create"] = async (run) => {
      if (++attempts === 1) {
        await here.store.create(run);
        throw Object.assign(new Error("no answer"), { outcome: "unknown" });
      }
      throw Object.assign(storeError("PD3002", "refused", { method: "create", store: "own" }), { lasting });
    };
    const engine = here.engine({ store: { ...here.store, create }, host: { setTimeout: (run) => setTimeout(run, 0) } });
    const starting = engine.start(engine.fn("one"), [], { id: `lost ${lasting}` });
    await expect(starting).rejects.toMatchObject({ code: "PD2510", cause: { code: "PD3002" } });
    expect(await here.store.read(`lost ${lasting}`)).not.toBeNull();
  }
});
