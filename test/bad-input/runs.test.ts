/** Functions, ids and tokens that are not what they should be, code that is not there, steps that never settle, runs that meet. */
import { cpSync } from "node:fs";
import { pathToFileURL } from "node:url";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { failure, type Product, places, until } from "../product.ts";
import { type App, at, badInput, storeFile, working } from "./app.ts";

let built: Product<App>;
let app: App;
let path: string;
let engine: ReturnType<typeof working>;
beforeAll(async () => {
  built = await badInput();
});
afterAll(() => built.remove());
afterEach(() => engine.stop());
async function begin(): Promise<void> {
  app = await built.open();
  path = storeFile(built);
  engine = working(app, path);
}
const tokenOf = async (name: string, of: App = app): Promise<string> => {
  await until(() => of.calls.some((call) => call.startsWith(`${name} `)));
  return of.calls.find((call) => call.startsWith(`${name} `))!.split(" ")[1]!;
};

test("a durable function that was never transformed is refused, with the plugin's line", async () => {
  await begin();
  const error = await failure(engine.start(app.forgotten, [{ id: 1 }]));
  expect(error).toMatchObject({ code: "PD2501", fix: expect.stringContaining('"use durable"') });
  expect(error.message).toContain("PD2501: forgotten is not a durable function here: it was never transformed");
  expect(error.fix).toContain('import { perdure } from "@perdure/plugins/esbuild"');
  expect(await engine.list()).toEqual([]);
  // As a child, it is durable code's mistake: the run is blocked where it stands.
  const parent = await engine.start(app.startsForgotten, []);
  const inside = await failure(parent.result());
  expect(inside).toMatchObject({ code: "PD2205", fix: expect.stringContaining('"use durable"') });
  expect(inside.message).toContain("function forgotten");
  expect(inside.message).toContain(`startsForgotten ${at("programs.ts", "return await start(forgotten")}`);
});

test("a function of another copy of the runtime is refused, with the files of both", async () => {
  await begin();
  const installed = `${built.entry}.mjs`;
  cpSync(built.entry, installed);
  const other = (await import(pathToFileURL(installed).href)) as App;
  const error = await failure(engine.start(other.naps, []));
  expect(error).toMatchObject({ code: "PD2520", fix: expect.stringContaining("npm ls perdure") });
  const [here, there] = [built.entry, installed].map((file) => file.replace(/\\/g, "/"));
  expect(error.message).toContain(`naps belongs to another copy of perdure (${there}) than this engine (${here})`);
  // The same file again, as `import` and `require` of it give.
  const twice = await failure(engine.start((await built.open()).naps, []));
  expect(twice).toMatchObject({ code: "PD2520", fix: expect.stringContaining("evaluated twice") });
});

describe("in ordinary code, which is one step where durable code calls it,", () => {
  test.each([
    ["a long sleep", 'sleep("2 days") was called in a step, where it is a plain timer', "node:timers/promises"],
    ["a token", "token() was called in a step, where no run would be found by its id", "hand its id to the step"],
    ["a message", "receive() was called in a step, where what is sent is for the run", "hand it to the step"],
    ["a child", "start() was called in a step, where no run is started", "engine.start"],
  ] as const)("%s is refused, with what to write", async (what, text, instead) => {
    await begin();
    const error = await failure((await engine.start(app.leavesToOrdinaryCode, [what])).result());
    expect(error.message).toContain(`PD2222: ${text}`);
    expect(error.message).toContain('put "use durable" at the top of the file that calls it');
    expect(error.message).toContain(instead);
  });

  test("a short sleep is the step's own", async () => {
    await begin();
    expect(await (await engine.start(app.leavesToOrdinaryCode, ["a short sleep"])).result()).toBe("paused");
  });

  test("the id of a token of no run says so where it is resumed", async () => {
    await begin();
    const error = await failure(engine.resume(app.idOutsideOfRuns(), 1));
    expect(error).toMatchObject({ code: "PD2506", fix: expect.stringContaining('"use durable"') });
    expect(error.message).toContain("is not the id of a token of a run: it was made outside of any");
  });
});

describe("a token", () => {
  test("that is no token is refused; one that nobody has given out changes nothing", async () => {
    await begin();
    const run = await engine.start(app.waits, ["approve"], { id: "a" });
    const token = await tokenOf("approve");
    for (const wrong of ["", "hello", token.slice(0, -1), `${token}0`, "https://example.com/t/1"]) {
      const error = await failure(engine.resume(wrong, 1));
      expect(error).toMatchObject({ code: "PD2506", fix: expect.stringContaining("token().id") });
      expect(error.message).toContain(JSON.stringify(wrong.slice(0, 80)));
    }
    const forged = token.replace(/[0-9a-f]{32}$/, "0".repeat(32));
    expect(forged).not.toBe(token);
    expect(await engine.resume(forged, "forged")).toBe("accepted");
    expect(await engine.resume(token, "real")).toBe("accepted");
    expect(await run.result()).toMatchObject({ answer: "real", turns: 1 });
  });

  test("that is resumed twice keeps the first value, also with another one at the same time", async () => {
    await begin();
    const run = await engine.start(app.waits, ["approve"], { id: "a" });
    const token = await tokenOf("approve");
    const other = working(await built.open(), path);
    const outcomes = await Promise.all([engine.resume(token, "left"), other.resume(token, "right")]);
    expect([...outcomes].sort()).toEqual(["accepted", "already-resumed"]);
    const winner = outcomes[0] === "accepted" ? "left" : "right";
    expect(await run.result()).toMatchObject({ answer: winner, turns: 1 });
    expect(["already-resumed", "gone"]).toContain(await engine.resume(token, "late"));
    await other.stop();
  });

  test("of a run that is not in this store is gone", async () => {
    await begin();
    await engine.start(app.waits, ["approve"], { id: "a" });
    const token = await tokenOf("approve");
    const elsewhere = working(await built.open(), storeFile(built));
    expect(await elsewhere.resume(token, 1)).toBe("gone");
    await elsewhere.stop();
  });

  test("is resumed with plain JSON only, and the error names the path", async () => {
    await begin();
    await engine.start(app.waits, ["approve"], { id: "a" });
    const token = await tokenOf("approve");
    const error = await failure(engine.resume(token, { order: { at: new Date(0) } }));
    expect(error.code).toBe("PD2505");
    expect(error.message).toMatch(/order\.at is .*Date/);
  });
});

test("a run id that is used again with other arguments, or for another function, is refused; the run is untouched", async () => {
  await begin();
  const run = await engine.start(app.waits, ["approve"], { id: "order-7" });
  expect((await engine.start(app.waits, ["approve"], { id: "order-7" })).id).toBe(run.id);
  const args = await failure(engine.start(app.waits, ["refuse"], { id: "order-7" }));
  expect(args).toMatchObject({ code: "PD2502", fix: expect.stringContaining("engine.run(id)") });
  expect(args.message).toContain(
    "the run id order-7 already belongs to another run: it was started with other arguments",
  );
  const fn = await failure(engine.start(app.hangs, [], { id: "order-7" }));
  expect(fn.code).toBe("PD2502");
  expect(fn.message).toContain("the function programs.ts#waits, not programs.ts#hangs");
  await engine.resume(await tokenOf("approve"), 1);
  expect(await run.result()).toMatchObject({ answer: 1 });
  expect(app.calls.filter((call) => call.startsWith("refuse"))).toEqual([]);
});

test("a run whose code is not loaded is parked, holds nobody up, and is terminated, or finished by a worker that has it", async () => {
  await begin();
  const run = await engine.start(app.waits, ["approve"], { id: "a" });
  const token = await tokenOf("approve");
  await engine.start(app.waits, ["unwanted"], { id: "c" });
  const unwanted = await tokenOf("unwanted");
  await engine.stop();

  // The next release has changed what the frame stands in: it must not go on there.
  await built.release(["programs.ts", "counter.turns += 1;", "counter.turns += 100;"]);
  const released = await built.open();
  engine = working(released, path);
  expect(await engine.resume(token, "yes")).toBe("accepted");
  const status = await engine.run("a").status();
  expect(status).toMatchObject({ status: "waiting", reason: { code: "PD2514" } });
  const stack = await failure(engine.run("a").stack());
  expect(stack.code).toBe("PD2401");
  expect(stack.message).toContain("programs.ts#waits");
  const fresh = await engine.start(released.naps, [], { id: "b" });
  expect(await fresh.result()).toBe("noted rested");
  expect((await engine.list()).map(({ id, status }) => [id, status])).toEqual([
    ["a", "waiting"],
    ["b", "done"],
    ["c", "waiting"],
  ]);
  expect(await engine.resume(unwanted, "yes")).toBe("accepted");
  expect(await engine.run("c").terminate("nobody wants it")).toBe(true);
  expect((await failure(engine.run("c").result())).message).toBe("The run was cancelled: nobody wants it");
  expect(await engine.run("c").status()).toMatchObject({ status: "cancelled", reason: null });

  const old = working(app, path);
  expect(await engine.run("a").result()).toMatchObject({ answer: "yes", turns: 1 });
  expect(run.id).toBe("a");
  await old.stop();
});

test("a step that never settles: the stack shows its line, and cancel works", async () => {
  await begin();
  const run = await engine.start(app.hangs, [], { id: "a" });
  await until(() => app.calls.includes("hanging"));
  expect(places(await run.stack())).toEqual([`hangs ${at("programs.ts", 'await hang("hanging")').slice(1, -1)}`]);
  expect((await run.stack())[0]!.waitsFor).toBe('step hang("hanging")');
  expect(await run.cancel("too slow")).toBe("requested");
  const error = await failure(run.result());
  expect(error.name).toBe("CancelledError");
  expect(error.message).toContain("too slow");
  expect(app.calls).toEqual(["hanging", "cleaned up"]);
  expect((await run.status()).status).toBe("cancelled");
});

describe("module-level state that two runs meet in", () => {
  test("a promise of another run cannot be awaited", async () => {
    await begin();
    const first = await engine.start(app.askPrice, ["book"], { id: "first" });
    await until(async () => (await first.stack()).some(({ waitsFor }) => waitsFor.startsWith("timer")));
    const second = await engine.start(app.askPrice, ["book"], { id: "second" });
    const error = await failure(second.result());
    expect(error).toMatchObject({ code: "PD2102", fix: expect.stringContaining("module-level") });
    expect(error.message).toContain(`askPrice ${at("shared.ts", "return await price")}`);
    expect(error.message).toContain("belongs to run first");
    expect((await first.status()).status).toBe("waiting");
    // Where the map is empty, the second run goes on.
    await engine.stop();
    engine = working(await built.open(), path);
    expect(await engine.run("second").retry()).toBe(true);
    await until(async () => (await engine.run("second").status()).status === "waiting");
  });

  test("a variable of another run cannot be kept, nor its resolver called", async () => {
    await begin();
    const first = await engine.start(app.meets, ["first"], { id: "first" });
    await until(async () => (await first.status()).status === "waiting");
    const second = await engine.start(app.meets, ["second"], { id: "second" });
    const error = await failure(second.result());
    expect(error.code).toBe("PD2102");
    expect(error.message).toContain("meets (shared.ts:");
    expect(error.message).toContain("belongs to run first");
    expect((await first.status()).status).toBe("waiting");
  });
});
