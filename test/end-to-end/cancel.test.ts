/** Cancelling and terminating runs, and runs with children. */
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { failure, type Product, until } from "../product.ts";
import { type App, endToEnd, statusOf, storeFile, working } from "./app.ts";

let built: Product<App>;
let app: App;
let path: string;
let engine: ReturnType<typeof working>;
beforeAll(async () => {
  built = await endToEnd();
});
afterAll(() => built.remove());
afterEach(() => engine.stop());
async function begin(): Promise<void> {
  app = await built.open();
  path = storeFile(built);
  engine = working(app, path);
}

test("cancel begins at the leaves, and finally blocks may await work", async () => {
  await begin();
  const run = await engine.start(app.outer, []);
  await until(() => app.gates.has("leaf"));
  expect(await run.cancel("closing time")).toBe("requested");
  const error = await failure(run.result());
  expect(error.name).toBe("CancelledError");
  expect(error.message).toContain("closing time");
  expect(app.log).toEqual(["at leaf", "leaf cleans", "leaf cleaned", "root cleans"]);
  expect(await statusOf(engine, run.id)).toBe("cancelled");
  expect(await run.cancel("again")).toBe("requested");
});

test("the same, when the process that ran it is gone", async () => {
  await begin();
  await engine.start(app.outer, [], { id: "a" });
  await until(() => app.gates.has("leaf"));
  await engine.stop();
  const other = await built.open();
  engine = working(other, path);
  expect(await engine.run("a").cancel()).toBe("requested");
  expect((await failure(engine.run("a").result())).name).toBe("CancelledError");
  expect(other.log.filter((text) => text !== "at leaf")).toEqual(["leaf cleans", "leaf cleaned", "root cleans"]);
});

test("a run that catches its cancellation goes on, and what it returns stands", async () => {
  await begin();
  const run = await engine.start(app.swallowsCancel, []);
  await until(() => app.gates.has("first"));
  await run.cancel();
  expect(await run.result()).toBe("CancelledError went on");
  expect(await statusOf(engine, run.id)).toBe("done");
});

test("a blocked run can be cancelled: from its last good save, with its finally blocks", async () => {
  await begin();
  const run = await engine.start(app.keepsProxy, [], { id: "a" });
  expect(await failure(run.result())).toMatchObject({ code: "PD4001" });
  expect(app.log).toEqual(["before"]);
  await run.cancel();
  await until(async () => (await statusOf(engine, "a")) === "cancelled");
  expect(app.log).toEqual(["before", "cleaned"]);
});

test("a result that is committed wins over a cancel", async () => {
  await begin();
  const run = await engine.start(app.child, [4]);
  expect(await run.result()).toBe(8);
  expect(await run.cancel()).toBe("already-settled");
  expect(await statusOf(engine, run.id)).toBe("done");
});

test("child runs give their results, and their errors of their class, to the parent", async () => {
  await begin();
  const run = await engine.start(app.parent, [{ good: "good", bad: "bad" }]);
  expect(await run.result()).toEqual([{ status: "fulfilled", value: 6 }, "rejected", "no stock"]);
  expect(await engine.run("good").result()).toBe(6);
  expect((await failure(engine.run("bad").result())).message).toBe("no stock");
  expect([await statusOf(engine, "good"), await statusOf(engine, "bad")]).toEqual(["done", "failed"]);
});

test("a parent that is cancelled cancels the child that it awaits, and cleans up after it", async () => {
  await begin();
  const run = await engine.start(app.parentOfWaiting, ["kid"]);
  await until(() => app.gates.has("child"));
  await run.cancel();
  expect((await failure(run.result())).name).toBe("CancelledError");
  expect(app.log).toEqual(["at child", "child cleans", "parent cleans"]);
  expect(await statusOf(engine, "kid")).toBe("cancelled");
});

test("a child that is cancelled rejects in its parent", async () => {
  await begin();
  const run = await engine.start(app.parentOfWaiting, ["kid"]);
  await until(() => app.gates.has("child"));
  await engine.run("kid").cancel("not needed");
  const error = await failure(run.result());
  expect(error.name).toBe("CancelledError");
  expect(app.log).toEqual(["at child", "child cleans", "parent cleans"]);
});

test("terminate ends a run whose catch would go on, and none of its code runs", async () => {
  await begin();
  const run = await engine.start(app.swallowsCancel, []);
  await until(() => app.gates.has("first"));
  const before = [...app.log];
  expect(await run.terminate("now")).toBe(true);
  const error = await failure(run.result());
  expect([error.name, error.message]).toEqual(["CancelledError", "The run was cancelled: now"]);
  expect(await run.status()).toMatchObject({
    status: "cancelled",
    error: "CancelledError: The run was cancelled: now",
  });
  expect(app.log).toEqual(before);
  expect(await run.terminate()).toBe(false);
});

test("a blocked run can be terminated", async () => {
  await begin();
  const run = await engine.start(app.keepsProxy, [], { id: "a" });
  expect(await failure(run.result())).toMatchObject({ code: "PD4001" });
  expect(await run.terminate()).toBe(true);
  expect((await failure(run.result())).message).toBe("The run was cancelled: it was terminated");
  expect(await statusOf(engine, "a")).toBe("cancelled");
});

test("a parent that is terminated leaves its child to clean up; one whose child is terminated is told", async () => {
  await begin();
  const parent = await engine.start(app.parentOfWaiting, ["kid"]);
  await until(() => app.gates.has("child"));
  expect(await parent.terminate()).toBe(true);
  await until(async () => (await statusOf(engine, "kid")) === "cancelled");
  expect(app.log).toEqual(["at child", "child cleans"]);

  app.gates.delete("child");
  const other = await engine.start(app.parentOfWaiting, ["other kid"]);
  await until(() => app.gates.has("child"));
  expect(await engine.run("other kid").terminate("not needed")).toBe(true);
  const error = await failure(other.result());
  expect([error.name, error.message]).toEqual(["CancelledError", "The run was cancelled: not needed"]);
  expect(app.log).toEqual(["at child", "child cleans", "at child", "parent cleans"]);
});
