/** The pattern library as a user has it: bundled, in runs of the engine, cancelled and taken over by other processes. */
import { readFileSync } from "node:fs";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { failure, type Product, product, QUICK, until } from "../product.ts";

type App = typeof import("../../fixtures/patterns/app.ts");

let built: Product<App>;
let app: App;
let path = "";
let files = 0;
let engine: ReturnType<App["createEngine"]>;
beforeAll(async () => {
  built = await product<App>("patterns", "app");
});
afterAll(() => built.remove());
afterEach(() => engine?.stop());

async function life(file: string): Promise<void> {
  app = await built.open();
  engine = app.createEngine({ store: app.sqlite(file), observe: () => {} });
  void engine.work(QUICK);
}
async function begin(): Promise<void> {
  path = `${built.folder}/patterns-${++files}.db`;
  await life(path);
}
const nextLife = async (): Promise<void> => {
  await engine.stop();
  await life(path);
};
async function open(name: string): Promise<void> {
  await until(() => app.gates.has(name));
  app.gates.get(name)!();
  app.gates.delete(name);
}
const cancelled = async (id: string): Promise<void> => {
  await engine.run(id).cancel("closing time");
  expect((await failure(engine.run(id).result())).name).toBe("CancelledError");
};
const waits = (id: string) => until(async () => (await engine.run(id).status()).status === "waiting");

test.each([
  "retry",
  "pollUntil",
  "timeout",
  "map",
  "a timer",
] as const)("a run that waits in %s shows whose call that is", async (pattern) => {
  await begin();
  const run = await engine.start(app.waitsIn, [pattern], { id: pattern });
  await until(async () => (await run.status()).wakeAt !== null && (await run.status()).status === "waiting");
  const stack = (await run.stack()).map(({ function: name, waitsFor }) => `${name} <${waitsFor.replace(/ .*/, "")}>`);
  expect(stack[0]).toContain("<timer>");
  expect(stack).toContain("waitsIn <inPattern()>");
  expect(stack).toContain(pattern === "a timer" ? "inPattern <timer>" : `inPattern <${pattern}()>`);
  // From the inside out.
  expect(stack.indexOf("waitsIn <inPattern()>")).toBeGreaterThan(stack.findIndex((one) => one.startsWith("inPattern")));
});

test("the library is in the bundle once, under its own names", () => {
  const names = [...readFileSync(built.entry, "utf8").matchAll(/= module\("([^"]*)"/g)].map(([, name]) => name);
  expect(names.filter((name) => name?.includes("patterns/")).sort()).toEqual(
    ["abortable", "backoff", "debounce", "limiter", "map", "poll-until", "retry", "saga", "timeout"].map(
      (name) => `perdure/patterns/${name}.ts`,
    ),
  );
});

test("an ordinary predicate decides whether retry goes on", async () => {
  await begin();
  expect(await (await engine.start(app.retriesOrdinary, [])).result()).toBe("attempt 3 of 1,2,3");
  expect(app.log).toEqual(["attempt 1 fails", "attempt 2 fails", "attempt 3"]);
});

test("a cancel ends retry in its wait, and nothing is retried", async () => {
  await begin();
  await engine.start(app.retriesForDays, [], { id: "a" });
  await until(() => app.log.length === 1);
  await waits("a");
  await nextLife();
  await cancelled("a");
  expect(app.log).toEqual([]);
});

test("the signal of timeout ends the step that it was given to", async () => {
  await begin();
  expect(await (await engine.start(app.timesOut, [])).result()).toBe("ETIMEDOUT");
  await until(() => app.log.length === 2);
  expect(app.log[1]).toMatch(/^film: .* did not settle within 50 ms$/);
});

test("a cancel ends a timeout of work that nothing else can settle", async () => {
  await begin();
  await engine.start(app.waitsForNothing, [], { id: "a" });
  await waits("a");
  await cancelled("a");
});

test("a cancelled saga is undone, by the process that has it then", async () => {
  await begin();
  await engine.start(app.books, [], { id: "a" });
  await until(() => app.log.includes("at hotel"));
  await nextLife();
  await cancelled("a");
  expect(app.log.filter((line) => !line.startsWith("at") && !line.endsWith("aborted"))).toEqual([
    "hotel cancelled",
    "flight cancelled",
  ]);
});

test("a cancelled map begins nothing more", async () => {
  await begin();
  await engine.start(app.mapsThree, [], { id: "a" });
  await open("a");
  await until(() => app.log.includes("at c"));
  await cancelled("a");
  expect(app.log).not.toContain("at d");
});

test("map and limiter go on in another process", async () => {
  await begin();
  await engine.start(app.mapsThree, [], { id: "a" });
  await engine.start(app.limits, [], { id: "b" });
  await open("a");
  await until(() => app.log.includes("at c"));
  await nextLife();
  const opening = setInterval(() => {
    for (const [name, through] of app.gates) if (app.gates.delete(name)) through();
  }, 5);
  expect(await engine.run("a").result()).toEqual(["a", "b", "c", "d"]);
  expect(await engine.run("b").result()).toEqual(["x", "y", "z"]);
  clearInterval(opening);
});

test("a cancelled limiter lets nobody in", async () => {
  await begin();
  await engine.start(app.limits, [], { id: "a" });
  await until(() => app.log.includes("at x"));
  await cancelled("a");
  await engine.start(app.limitsRate, [], { id: "b" });
  await until(() => app.log.includes("a"));
  await waits("b");
  await cancelled("b");
  expect(app.log.filter((line) => /^(b|at [yz])$/.test(line))).toEqual([]);
});

test("messages of a run are coalesced, whichever process receives them", async () => {
  await begin();
  await engine.start(app.collects, [3], { id: "a" });
  for (const text of ["first", "second", "third"]) {
    await until(() => app.log.length > 0);
    const id = app.log.pop()!;
    app.log.length = 0;
    await nextLife();
    expect(await engine.resume(id, text)).toBe("accepted");
  }
  expect(await engine.run("a").result()).toEqual(["third"]);
});

test("a cancel ends debounce and pollUntil", async () => {
  await begin();
  await engine.start(app.debounces, [], { id: "a" });
  await engine.start(app.polls, [], { id: "b" });
  for (const id of ["a", "b"]) await waits(id);
  for (const id of ["a", "b"]) await cancelled(id);
  expect(app.log).not.toContain("draft");
});

test("wrong options block the run, whatever catches stand around", async () => {
  await begin();
  for (const [name, code, line, text] of [
    ["wrongAttempts", "PD2212", 78, "the option attempts was given 0, which is not a whole number from 1"],
    ["wrongDelay", "PD2204", 81, '"a while" is not a duration'],
    ["wrongConcurrency", "PD2212", 84, "the option concurrency was given 1.5, which is not a whole number from 1"],
    ["wrongName", "PD2517", 87, "retry has no option `retries`"],
    ["wrongPlace", "PD2516", 90, "map was given 5 as its options"],
    ["wrongWork", "PD2207", 93, "retry() was given Promise instead of a function"],
  ] as const) {
    await engine.start(app[name] as () => Promise<unknown>, [], { id: name });
    const error = await failure(engine.run(name).result());
    expect(error.code).toBe(code);
    expect(error.message).toContain(text);
    // The user's line, not one of the library.
    expect(error.message).toMatch(new RegExp(`programs\\.ts:${line}:`));
  }
  expect(app.log).toEqual([]);
});

test("outside a run they are plain functions, and wrong options throw", async () => {
  await begin();
  expect(await app.retriesOrdinary()).toBe("attempt 3 of 1,2,3");
  expect(await failure(app.wrongAttempts())).toMatchObject({ code: "PD2212" });
  expect(await app.timesOut()).toBe("ETIMEDOUT");
});

test("life after life, everything together ends as it should", async () => {
  await begin();
  await engine.start(app.everything, [], { id: "a" });
  const paid: string[] = [];
  for (let n = 0; n < 6; n++) {
    await new Promise((resolve) => setTimeout(resolve, 25));
    await nextLife();
    paid.push(...app.log.filter((line) => line.startsWith("paid")));
  }
  expect(await engine.run("a").result()).toBe("4 true");
});
