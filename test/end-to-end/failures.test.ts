/** Runs whose function throws, where the worker holds failures back: `engine.work({ onFailure: "block" })`. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { failure, lineOf, type Product, places, until } from "../product.ts";
import { type App, endToEnd, statusOf, storeFile, working } from "./app.ts";

const work = { onFailure: "block" } as const;

let built: Product<App>;
let app: App;
let path: string;
let engine: ReturnType<typeof working>;
beforeAll(async () => {
  built = await endToEnd();
});
afterAll(() => built.remove());
beforeEach(async () => {
  app = await built.open();
  app.bank.open = false;
  path = storeFile(built);
  engine = working(app, path, { work });
});
afterEach(async () => {
  await engine.stop();
  vi.restoreAllMocks();
});

const becomes = (id: string, status: string) => until(async () => (await statusOf(engine, id)) === status);

test("the run stands at its last save, and a retry takes up the step that failed, and none before", async () => {
  const run = await engine.start(app.buys, [5], { id: "a" });
  const error = await failure(run.result());
  expect(error).toMatchObject({ code: "PD2522", details: { run: "a", function: "programs.ts#buys" } });
  expect(error.message).toMatch(
    /Error: the bank is closed\n {4}at pay.*\n {4}at async buys \(programs\.ts:\d+:\d+\)\n/,
  );
  expect(await run.status()).toMatchObject({ status: "blocked", reason: { code: "PD2522" } });
  expect(places(await run.stack())).toEqual([`buys ${lineOf("end-to-end", "programs.ts", "items.push(await pay")}`]);
  app.bank.open = true;
  expect(await run.retry()).toBe(true);
  expect(await run.result()).toBe("reserved,paid 5,packed");
  expect(app.log).toEqual(["reserved", "pay 5", "pay 5", "packed"]);
  await becomes("a", "done");
});

test("it fails as often as it is retried too early, and goes on in a process that did not run it", async () => {
  await engine.start(app.buys, [5], { id: "a" });
  for (const attempts of [1, 2, 3]) {
    await becomes("a", "blocked");
    expect(app.log.filter((text) => text === "pay 5")).toHaveLength(attempts);
    if (attempts < 3) await engine.run("a").retry();
  }
  await engine.stop();
  const elsewhere = await built.open();
  engine = working(elsewhere, path, { work });
  await engine.run("a").retry();
  expect(await engine.run("a").result()).toBe("reserved,paid 5,packed");
  expect(elsewhere.log).toEqual(["pay 5", "packed"]);
});

test("what a catch block did in earlier turns stays done", async () => {
  const run = await engine.start(app.givesBack, [5], { id: "a" });
  expect(await failure(run.result())).toMatchObject({ code: "PD2522" });
  app.bank.open = true;
  await run.retry();
  await until(() => app.log.length === 4);
  await becomes("a", "blocked");
  expect(app.log).toEqual(["reserved", "pay 5", "given back", "given back"]);
});

test("a worker that ends runs ends it, for good", async () => {
  const run = await engine.start(app.buys, [5], { id: "a" });
  await failure(run.result());
  await engine.stop();
  engine = working(app, path);
  await engine.run("a").retry();
  expect(await failure(engine.run("a").result())).toMatchObject({ message: "the bank is closed" });
  await becomes("a", "failed");
  expect(await engine.run("a").retry()).toBe(false);
});

test("a release of other durable code tries it once by itself", async () => {
  await engine.start(app.buys, [5], { id: "a" });
  await becomes("a", "blocked");
  await engine.stop();
  const other = await endToEnd();
  try {
    await other.release(["programs.ts", `note("given back")`, `note("back")`]);
    const next = await other.open();
    engine = working(next, path, { work });
    await becomes("a", "done");
    expect(await engine.run("a").result()).toBe("reserved,paid 5,packed");
    expect(next.log).toEqual(["pay 5", "packed"]);
  } finally {
    await engine.stop();
    other.remove();
  }
});

describe("a child run", () => {
  test("ends with its error, which its parent may catch", async () => {
    const run = await engine.start(app.buysTwice, [true], { id: "a" });
    expect(await run.result()).toBe("without: the bank is closed");
    expect((await engine.list()).map(({ status }) => status).sort()).toEqual(["done", "failed"]);
  });

  test("that fails blocks a parent that does not", async () => {
    const run = await engine.start(app.buysTwice, [false], { id: "a" });
    expect(await failure(run.result())).toMatchObject({ code: "PD2522", details: { run: "a" } });
    expect((await engine.list()).map(({ status }) => status).sort()).toEqual(["blocked", "failed"]);
  });
});

test("it can be cancelled and terminated as any blocked run", async () => {
  const cancelled = await engine.start(app.buys, [5], { id: "a" });
  await failure(cancelled.result());
  await cancelled.cancel("not wanted");
  await becomes("a", "cancelled");
  const terminated = await engine.start(app.buys, [6], { id: "b" });
  await failure(terminated.result());
  await terminated.terminate();
  expect(await statusOf(engine, "b")).toBe("cancelled");
  expect(app.log.filter((text) => text.startsWith("pay"))).toEqual(["pay 5", "pay 6"]);
});

test("the console tells it as what somebody has to mend", async () => {
  const printed: string[] = [];
  vi.spyOn(console, "error").mockImplementation((text) => void printed.push(String(text)));
  await engine.stop();
  engine = working(app, path, { work, observe: undefined as never });
  await engine.start(app.buys, [5], { id: "a" });
  await becomes("a", "blocked");
  await until(() => printed.length > 0);
  expect(printed).toEqual([
    expect.stringMatching(
      /^the run a of programs\.ts#buys is blocked: PD2522: .*the bank is closed[\s\S]*engine\.run\(id\)\.retry\(\)/,
    ),
  ]);
});

test("other words for the option are refused", () => {
  const other = app.createEngine({ store: app.sqlite(storeFile(built)) });
  expect(() => other.work({ onFailure: "keep" as never })).toThrow(/PD2516.*"end" or "block"/);
});
