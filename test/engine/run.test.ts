import { afterEach, describe, expect, test } from "vitest";
import { QUICK, until, type World, world } from "./support.ts";

let here: World;
afterEach(() => here.close());

describe("a run", () => {
  test("is started, driven and known", async () => {
    here = world({
      checkout: [
        ["step", "charge"],
        ["sleep", 15],
        ["all", "ship", "mail"],
      ],
    });
    const engine = here.engine();
    const run = await engine.start(engine.fn("checkout"), ["o1"], { id: "checkout-1" });
    expect((await run.status()).status).toBe("running");
    void engine.work(QUICK);
    expect(await run.result()).toEqual(["did charge", "timer", ["did ship", "did mail"]]);
    expect((await run.status()).status).toBe("done");
    expect(here.calls.map(({ name, args }) => [name, (args as { args: unknown }).args])).toEqual([
      ["charge", ["o1"]],
      ["ship", ["o1"]],
      ["mail", ["o1"]],
    ]);
    expect(here.calls[0]!.key).toMatch(/^[0-9a-f]{32}\/1$/);
    expect(await run.stack()).toEqual([]);
    expect((await engine.list()).map(({ id, status, function: fn }) => [id, status, fn])).toEqual([
      ["checkout-1", "done", "checkout"],
    ]);
  });

  test("rejects with what its function threw", async () => {
    here = world({
      bad: [
        ["step", "a"],
        ["fail", "no stock"],
      ],
    });
    const engine = here.engine();
    void engine.work(QUICK);
    const run = await engine.start(engine.fn("bad"), []);
    await expect(run.result()).rejects.toThrow("no stock");
    expect((await run.status()).status).toBe("failed");
  });

  test("starts a child and gets its end", async () => {
    here = world({
      parent: [
        ["child", "child"],
        ["step", "after"],
      ],
      child: [
        ["step", "inside"],
        ["sleep", 5],
      ],
    });
    const engine = here.engine();
    void engine.work(QUICK);
    const run = await engine.start(engine.fn("parent"), [], { id: "p" });
    expect(await run.result()).toEqual([["did inside", "timer"], "did after"]);
    expect((await engine.run("p/1").status()).status).toBe("done");
    await until(async () => (await here.store.pendingOutbox(10)).length === 0);
  });

  test("whose child's id is taken gets an error as the child's end", async () => {
    here = world({ parent: [["child", "child", "taken"]], child: [["token"]] });
    const engine = here.engine();
    await engine.start(engine.fn("child"), [], { id: "taken" });
    void engine.work(QUICK);
    const run = await engine.start(engine.fn("parent"), []);
    expect(await run.result()).toEqual([expect.stringContaining("PD2509")]);
  });

  test("is shared between two workers, and goes on in another process", async () => {
    here = world({
      long: [
        ["step", "a"],
        ["step", "b"],
        ["sleep", 30],
        ["step", "c"],
      ],
    });
    const first = here.engine();
    const second = here.engine();
    void first.work({ ...QUICK, concurrency: 10 });
    void second.work({ ...QUICK, concurrency: 10 });
    const runs = await Promise.all([...Array(30).keys()].map((n) => first.start(first.fn("long"), [n])));
    await until(() => here.calls.length > 20);
    await first.stop();
    for (const run of runs) expect(await second.run(run.id).result()).toHaveLength(4);
    const claimed = here.events.filter((event) => event.type === "claimed");
    expect(new Set(claimed.map((event) => event.worker)).size).toBe(2);
  });

  test("of a function without a machine is refused with the plugin line", async () => {
    here = world({});
    const engine = here.engine();
    await expect(engine.start(async function checkout() {}, [])).rejects.toThrow(
      /PD2501: checkout .*\n.*@perdure\/plugins\/esbuild/,
    );
  });
});

describe("start", () => {
  const programs = { a: [["token"]], b: [["token"]] } as const;

  test("is idempotent by id, function and arguments", async () => {
    here = world(programs);
    const engine = here.engine();
    const one = await engine.start(engine.fn("a"), [1, { x: 2 }], { id: "r" });
    const two = await engine.start(engine.fn("a"), [1, { x: 2 }], { id: "r" });
    expect((await two.status()).incarnation).toBe((await one.status()).incarnation);
    await expect(engine.start(engine.fn("a"), [1, { x: 3 }], { id: "r" })).rejects.toThrow(/PD2502.*other arguments/);
    await expect(engine.start(engine.fn("b"), [1, { x: 2 }], { id: "r" })).rejects.toThrow(
      /PD2502.*the function a, not b/,
    );
  });

  test("asks whether the file was moved when a function of another path has the run, and the same name", async () => {
    const moved = { "src/flow.ts#flow": [["token"]], "src/wf/flow.ts#flow": [["token"]] } as const;
    here = world({ ...moved, "src/flow.ts#other": [["token"]] });
    const engine = here.engine();
    const start = (name: string) => engine.start(engine.fn(name), [], { id: "r" });
    await start("src/flow.ts#flow");
    const refused = await start("src/wf/flow.ts#flow").then(
      () => "",
      (error: Error) => error.message,
    );
    expect(refused).toContain(
      "started with the function src/flow.ts#flow, not src/wf/flow.ts#flow: was the file moved, or is",
    );
    expect(refused).toContain("set the plugin's `root`");
    await expect(start("src/flow.ts#other")).rejects.not.toThrow("moved");
  });

  test("asks whether the function was renamed when the one that has the run is not in the same file any more", async () => {
    here = world({ "src/flow.ts#flow": [["token"]], "src/flow.ts#flow2": [["token"]] });
    const both = here.engine();
    await both.start(both.fn("src/flow.ts#flow"), [], { id: "r" });
    const renamed = here.engine({ linked: ["src/flow.ts#flow2"] });
    await expect(renamed.start(renamed.fn("src/flow.ts#flow2"), [], { id: "r" })).rejects.toThrow(
      /the function src\/flow\.ts#flow, not src\/flow\.ts#flow2: was it renamed\?\n {2}fix: a run keeps the function/,
    );
    await expect(both.start(both.fn("src/flow.ts#flow2"), [], { id: "r" })).rejects.not.toThrow("renamed");
  });

  test.each([[""], ["x".repeat(513)], ["a\0b"], ["\ud800"]])("refuses the id %j", async (id) => {
    here = world(programs);
    const engine = here.engine();
    await expect(engine.start(engine.fn("a"), [], { id })).rejects.toThrow("PD2503");
  });

  test("of an unknown run gives a handle that says so", async () => {
    here = world(programs);
    const run = here.engine().run("nowhere");
    await expect(run.status()).rejects.toThrow("PD2504");
    await expect(run.result()).rejects.toThrow("PD2504");
    await expect(run.cancel()).rejects.toThrow("PD2504");
    await expect(run.stack()).rejects.toThrow("PD2504");
  });
});
