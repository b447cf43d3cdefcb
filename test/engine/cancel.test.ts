import type { Store } from "perdure/internal/store/store";
import { afterEach, describe, expect, test } from "vitest";
import { QUICK, until, type World, world } from "./support.ts";

let here: World;
afterEach(() => here.close());

describe("cancel", () => {
  test("ends a run whose step never settles, and aborts the step's signal", async () => {
    let signal: AbortSignal | null = null;
    here = world(
      {
        slow: [
          ["finally", "undo"],
          ["step", "never"],
          ["step", "unreached"],
        ],
      },
      (call) => {
        if (call.name !== "never") return "ok";
        signal = call.signal;
        return new Promise(() => {});
      },
    );
    const engine = here.engine();
    void engine.work(QUICK);
    const run = await engine.start(engine.fn("slow"), []);
    await until(() => signal !== null);
    expect(signal!.aborted).toBe(false);
    expect(await run.cancel("too late")).toBe("requested");
    await expect(run.result()).rejects.toThrow("too late");
    expect(signal!.aborted).toBe(true);
    expect(here.calls.map(({ name }) => name)).toEqual(["never", "undo"]);
    await until(async () => (await run.status()).status === "cancelled");
  });

  test("the second time does nothing", async () => {
    here = world({
      slow: [
        ["finally", "undo"],
        ["sleep", 60_000],
      ],
    });
    const engine = here.engine();
    void engine.work(QUICK);
    const run = await engine.start(engine.fn("slow"), []);
    await until(async () => (await run.status()).status === "waiting");
    expect(await run.cancel("first")).toBe("requested");
    expect(await run.cancel("second")).toBe("requested");
    await expect(run.result()).rejects.toThrow("first");
    expect(here.calls.map(({ name }) => name)).toEqual(["undo"]);
  });

  test("of a run whose result is committed says that it stands", async () => {
    here = world({ quick: [["step", "a"]] });
    const engine = here.engine();
    void engine.work(QUICK);
    const run = await engine.start(engine.fn("quick"), []);
    await run.result();
    expect(await run.cancel()).toBe("already-settled");
    expect(await run.result()).toEqual(["did a"]);
  });

  test("reaches child runs, and lets them end first", async () => {
    here = world({
      parent: [
        ["finally", "parent undo"],
        ["child", "child"],
      ],
      child: [
        ["finally", "child undo"],
        ["sleep", 60_000],
      ],
    });
    const engine = here.engine();
    void engine.work(QUICK);
    const run = await engine.start(engine.fn("parent"), [], { id: "p" });
    await until(async () => (await here.store.read("p/2")) !== null || (await here.store.read("p/1")) !== null);
    await run.cancel("enough");
    await expect(run.result()).rejects.toThrow("enough");
    expect(here.calls.map(({ name }) => name)).toEqual(["child undo", "parent undo"]);
    const statuses = async () => (await engine.list()).map(({ status }) => status);
    await until(async () => (await statuses()).every((status) => status === "cancelled"));
  });

  test("reaches a child whose creation the store was slow to take", async () => {
    here = world({
      parent: [["child", "child"]],
      child: [
        ["finally", "child undo"],
        ["sleep", 60_000],
      ],
    });
    let refusals = 8;
    const store: Store = {
      ...here.store,
      create: async (run) => {
        if (run.parent !== null && refusals-- > 0) throw Object.assign(new Error("not now"), { outcome: "refused" });
        return here.store.create(run);
      },
    };
    const engine = here.engine({ store });
    void engine.work(QUICK);
    const run = await engine.start(engine.fn("parent"), [], { id: "p" });
    await until(() => refusals < 7);
    await run.cancel("enough");
    await expect(run.result()).rejects.toThrow("enough");
    expect((await engine.run("p/1").status()).status).toBe("cancelled");
  });

  test("gets a stuck run out of it", async () => {
    here = world({ stuck: [["finally", "undo"], ["hang"]] });
    const engine = here.engine();
    void engine.work(QUICK);
    const run = await engine.start(engine.fn("stuck"), []);
    await expect(run.result()).rejects.toThrow("stuck at script.ts:1");
    expect((await run.status()).status).toBe("stuck");
    await run.cancel("give up");
    await until(async () => (await run.status()).status === "cancelled");
    await expect(run.result()).rejects.toThrow("give up");
  });
});

test.each([
  [42],
  [new Error("stop")],
  [{}],
  [null],
])("a reason that is no text, %j, is refused where it is given", async (reason) => {
  here = world({ waits: [["token"]] });
  const engine = here.engine();
  const run = await engine.start(engine.fn("waits"), []);
  await expect(run.cancel(reason as never)).rejects.toThrow(
    /PD2516: cancel was given .* as the reason; it takes a text/,
  );
  await expect(run.terminate(reason as never)).rejects.toThrow(/PD2516: terminate was given/);
  expect(await here.store.inspect(run.id)).toMatchObject({ inbox: [] });
});
