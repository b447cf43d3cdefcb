/** What a worker says of its runs on the console when nobody observes it. */
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from "vitest";
import { failure, type Product, until } from "../product.ts";
import { type App, endToEnd, open, statusOf, storeFile, working } from "./app.ts";

let built: Product<App>;
let app: App;
let path: string;
let engine: ReturnType<typeof working>;
let printed: string[];
beforeAll(async () => {
  built = await endToEnd();
});
afterAll(() => built.remove());
beforeEach(async () => {
  app = await built.open();
  path = storeFile(built);
  printed = [];
  vi.spyOn(console, "error").mockImplementation((text) => void printed.push(String(text)));
});
afterEach(async () => {
  await engine.stop();
  vi.restoreAllMocks();
});
const unobserved = () => working(app, path, { observe: undefined as never });
const ended = (id: string) => until(async () => (await statusOf(engine, id)) === "failed");

test("a run that fails while nobody waits for it is told, with the error and where it was thrown", async () => {
  engine = unobserved();
  await engine.start(app.failingChild, ["no stock"], { id: "a" });
  await ended("a");
  expect(printed).toEqual([
    expect.stringMatching(
      /^the run a of programs\.ts#failingChild failed: RangeError: no stock\n {4}at refuse\d* \(.*\)\n {4}at async failingChild \(programs\.ts:\d+:\d+\)$/,
    ),
  ]);
});

test("who waits for the result is told by it alone, and so is the parent of a child run", async () => {
  engine = unobserved();
  const run = await engine.start(app.failingChild, ["no stock"]);
  expect(await failure(run.result())).toMatchObject({ message: "no stock" });
  const parent = await engine.start(app.parent, [{ good: "g", bad: "b" }]);
  expect(await parent.result()).toContain("no stock");
  await ended("b");
  expect(printed).toEqual([]);
});

test("a run that has to be mended is told once, whoever waits for it", async () => {
  engine = unobserved();
  const run = await engine.start(app.keepsProxy, [], { id: "a" });
  const { message } = await failure(run.result());
  await run.retry();
  expect((await failure(run.result())).message).toBe(message);
  await until(async () => (await statusOf(engine, "a")) === "blocked");
  expect(printed).toEqual([`the run a of programs.ts#keepsProxy is blocked: ${message}`]);
  expect(message).toContain("\n  fix: ");

  const stuck = await engine.start(app.forgetsResolver, ["started"], { id: "b" });
  await failure(stuck.result());
  expect(printed[1]).toMatch(/^the run b of programs\.ts#forgetsResolver is stuck: PD2105: /);
  expect(printed).toHaveLength(2);
});

test("a step that waits for a callback in its own copy of an object is told after five seconds, once; others are not", async () => {
  engine = unobserved();
  await engine.start(app.waitsOnACopy, [], { id: "a" });
  await engine.start(app.swallowsCancel, [], { id: "b" });
  await until(() => printed.length > 0, 20_000);
  await new Promise((resolve) => setTimeout(resolve, 500));
  expect(printed).toEqual([
    expect.stringMatching(
      /^PerdureError: PD2304: waitsOnACopy \(programs\.ts:\d+:16\): the step `bus\.once\("paid"\)` .*listeners.* function.*\n {2}fix: .*"use durable"/,
    ),
  ]);
  await engine.run("a").cancel();
  await open(app, "first");
}, 30_000);

test("an observer is given the errors, and the console is left alone", async () => {
  const events: { type: string; [detail: string]: unknown }[] = [];
  engine = working(app, path, { observe: (event) => void events.push(event) });
  await engine.start(app.failingChild, ["no stock"], { id: "a" });
  await ended("a");
  const waited = await engine.start(app.failingChild, ["none"], { id: "b" });
  await failure(waited.result());
  await failure((await engine.start(app.keepsProxy, [], { id: "c" })).result());
  const told = { type: "failed-run", function: "programs.ts#failingChild" };
  expect(events.filter(({ type }) => type === "failed-run")).toEqual([
    { ...told, run: "a", isAwaited: false, error: expect.objectContaining({ message: "no stock" }) },
    { ...told, run: "b", isAwaited: true, error: expect.objectContaining({ message: "none" }) },
  ]);
  await until(() => events.some(({ type }) => type === "stopped-run"));
  expect(events.find(({ type }) => type === "stopped-run")).toMatchObject({
    run: "c",
    function: "programs.ts#keepsProxy",
  });
  expect(printed).toEqual([]);
});

test("list and status say what a run threw", async () => {
  engine = working(app, path);
  const failed = await engine.start(app.failingChild, ["no stock"], { id: "a" });
  await failure(failed.result());
  const cancelled = await engine.start(app.outer, [], { id: "b" });
  await cancelled.cancel("changed my mind");
  await failure(cancelled.result());
  await engine.start(app.child, [1], { id: "c" }).then((run) => run.result());
  await until(async () => (await engine.list()).every(({ status }) => /failed|cancelled|done/.test(status)));
  const said = (await engine.list()).map(({ id, status, error }) => [id, status, error]);
  expect(said).toEqual([
    ["a", "failed", "RangeError: no stock"],
    ["b", "cancelled", "CancelledError: The run was cancelled: changed my mind"],
    ["c", "done", null],
  ]);
  expect(await failed.status()).toMatchObject({ reason: null, error: "RangeError: no stock" });
});
