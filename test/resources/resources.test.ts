/** `resource(make, dispose)`: made where the run is, disposed of once for each time it was made. */
import { spawn } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { Engine, EngineEvent } from "perdure";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { failure, type Product, product, QUICK, until } from "../product.ts";

type App = typeof import("../../fixtures/resources/app.ts");

let built: Product<App>;
let app: App;
let store: ReturnType<App["memory"]>;
let events: EngineEvent[];
let engines: Engine[];
beforeAll(async () => {
  built = await product<App>("resources", "app");
});
afterAll(() => built.remove());
afterEach(async () => {
  for (const engine of engines) await engine.stop();
});

function engine(work: object | null = QUICK): Engine {
  const made = app.createEngine({ store, observe: (event: EngineEvent) => void events.push(event) }) as Engine;
  if (work !== null) void made.work(work);
  engines.push(made);
  return made;
}
async function fresh(): Promise<void> {
  app = await built.open();
  store = app.memory();
  events = [];
  engines = [];
}
const owner = async (run: string) => (await store.read(run))!.owner;
const times = (line: string): number => app.log.filter((one) => one === line).length;

describe("a resource", () => {
  test("is the value itself in steps, made again after an eviction, disposed of each time", async () => {
    await fresh();
    const here = engine();
    const run = await here.start(app.talk, ["a"], { id: "talk" });
    await until(async () => app.tokens.length === 1 && (await owner("talk")) === null);
    await until(() => times("disposed a") === 1);
    expect(app.log).toEqual(["made a", "closing a", "disposed a"]);
    await here.resume(app.tokens[0]!, null);
    expect(await run.result()).toEqual(["one 1", "two 2", "three 3", 3, "four 1", true]);
    await until(() => times("disposed a") === 2);
    expect(times("made a")).toBe(2);
  });

  test("stays while the run stays, and is disposed of when the engine stops, which waits for that", async () => {
    await fresh();
    const here = engine({ ...QUICK, linger: 60_000, grace: 2_000 });
    await here.start(app.talk, ["b"], { id: "talk" });
    await until(() => app.tokens.length === 1);
    expect(app.log).toEqual(["made b"]);
    await here.stop();
    expect(app.log).toEqual(["made b", "closing b", "disposed b"]);
  });

  test("is not made to look at the run", async () => {
    await fresh();
    const here = engine({ ...QUICK, linger: 60_000 });
    await here.start(app.talk, ["c"], { id: "talk" });
    await until(() => app.tokens.length === 1);
    await until(async () => (await here.run("talk").stack())[0]?.waitsFor === "token");
    expect(times("made c")).toBe(1);
    expect(times("closing c")).toBe(0);
  });

  test("is disposed of when the lease is lost, and made where the run goes on", async () => {
    await fresh();
    const here = engine({ ...QUICK, linger: 60_000 });
    const run = await here.start(app.talk, ["d"], { id: "talk" });
    await until(() => app.tokens.length === 1);
    await store.retire((await owner("talk"))!);
    await until(() => times("made d") === 2 && times("disposed d") === 1);
    await here.resume(app.tokens[0]!, null);
    expect((await run.result())[4]).toBe("four 1");
    await until(() => times("disposed d") === 2);
  });

  test("that a step alone holds is made for it after a load", async () => {
    await fresh();
    const here = engine({ ...QUICK, grace: 0 });
    const run = await here.start(app.inStep, ["e"], { id: "in-step" });
    await until(() => app.gates.has("e"));
    await here.stop();
    await until(() => times("disposed e") === 1);
    app.gates.clear();
    engine();
    await until(() => app.gates.has("e"));
    app.gates.get("e")!();
    expect(await run.result()).toBe("in step 1");
    await until(() => times("disposed e") === 2);
    expect(times("made e")).toBe(2);
  });

  test("is disposed of as soon as nothing in the run reaches it", async () => {
    await fresh();
    const here = engine();
    const run = await here.start(app.inTurn, [["x", "y", "z"]]);
    await until(() => app.gates.has("the end"));
    await until(() => times("disposed z") === 1);
    // By the save of the turn that lets go of it, in which the next one was made.
    expect(app.log.filter((line) => /^(made|closing)/.test(line))).toEqual([
      "made x",
      "made y",
      "closing x",
      "made z",
      "closing y",
      "closing z",
    ]);
    app.gates.get("the end")!();
    expect(await run.result()).toEqual(["x 1", "y 1", "z 1"]);
    expect(times("disposed x")).toBe(1);
  });

  test("may be a function, or look like data", async () => {
    await fresh();
    const run = await engine().start(app.others, []);
    expect(await run.result()).toEqual(["select 1", "select 2", 2, ["a", "b"]]);
    await until(() => times("disposed sql") === 1 && times("disposed cache") === 1);
  });

  test("may be made of another one", async () => {
    await fresh();
    const here = engine();
    const run = await here.start(app.dependent, [], { id: "two" });
    await until(async () => app.tokens.length === 1 && (await owner("two")) === null);
    await here.resume(app.tokens[0]!, null);
    expect(await run.result()).toBe("hello 1");
    await until(() => times("disposed second") === 2 && times("disposed first") === 2);
    expect(times("made first")).toBe(2);
  });

  test("whose disposal fails is let go of, and that is told", async () => {
    await fresh();
    const run = await engine().start(app.ill, [], { id: "ill" });
    expect(await run.result()).toBe("once 1");
    await until(() => events.some(({ type }) => type === "dispose-failed"));
    expect(events.find(({ type }) => type === "dispose-failed")).toMatchObject({
      run: "ill",
      error: { message: "cannot let go" },
    });
  });
});

describe("what cannot be made", () => {
  test("throws in the run when it is first made", async () => {
    await fresh();
    app.broken.add("nowhere");
    const run = await engine().start(app.caught, ["nowhere"]);
    expect(await run.result()).toBe("no route to nowhere");
  });

  test("blocks the run when it is made again, until it can be", async () => {
    await fresh();
    const here = engine();
    const run = await here.start(app.talk, ["f"], { id: "talk" });
    await until(async () => app.tokens.length === 1 && (await owner("talk")) === null);
    app.broken.add("f");
    await here.resume(app.tokens[0]!, null);
    const error = await failure(run.result());
    expect([error.code, error.message]).toEqual(["PD2217", expect.stringContaining("no route to f")]);
    app.broken.clear();
    await run.retry();
    expect((await run.result())[4]).toBe("four 1");
  });

  test.for([
    ["late", "PD2216"],
    ["named", "PD2218"],
    ["careless", "PD2207"],
  ] as const)("%s: refused with %s", async ([program, code]) => {
    await fresh();
    const run = await engine().start(app[program] as () => Promise<unknown>, []);
    expect((await failure(run.result())).code).toBe(code);
    expect(times("disposed shared")).toBe(0);
  });
});

test("outside a run it is what make gives, and nobody disposes of it", async () => {
  await fresh();
  const result = app.caught("plain");
  expect(await result).toBe("unasked 1");
  expect(app.log).toEqual(["made plain"]);
});

test("a process that is killed disposes of nothing; the next one makes its own, whenever the run is there, and disposes of that", async () => {
  const worker = await product<unknown>("resources", "worker");
  const files = { database: join(worker.folder, "runs.db"), log: join(worker.folder, "log") };
  const start = () => {
    const child = spawn(process.execPath, [worker.entry, files.database], {
      env: { ...process.env, RESOURCES_LOG: files.log },
      stdio: ["pipe", "pipe", "inherit"],
    });
    const lines: { token?: string; result?: unknown }[] = [];
    createInterface({ input: child.stdout }).on("line", (line) => lines.push(JSON.parse(line)));
    return { child, lines };
  };
  const log = () => (existsSync(files.log) ? readFileSync(files.log, "utf8").trim().split("\n") : []);
  try {
    await fresh();
    const first = start();
    await until(() => first.lines.length === 1, 60_000);
    first.child.kill("SIGKILL");
    expect(log()).toEqual(["made killed"]);
    const second = start();
    await until(() => log().length === 4, 60_000);
    const client = app.createEngine({ store: app.sqlite(files.database) });
    await client.resume(first.lines[0]!.token!, null);
    await until(() => second.lines.some((line) => "result" in line), 60_000);
    expect(second.lines.at(-1)!.result).toEqual(["one 1", "two 2", "three 3", 3, "four 1", true]);
    const exited = new Promise((resolve) => second.child.once("exit", resolve));
    second.child.stdin.write("stop\n");
    expect(await exited).toBe(0);
    // Until it is resumed the run only waits, and was there when a process died: so it is given back in between.
    const own = ["made killed", "closing killed", "disposed killed"];
    expect(log()).toEqual(["made killed", ...own, ...own]);
  } finally {
    worker.remove();
  }
});
