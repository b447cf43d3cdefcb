/** What docs/testing.md says: tests of durable functions with the fake timers of the test runner, in which a week passes at once. */
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from "vitest";
import { type Product, product } from "../product.ts";

type App = typeof import("../../fixtures/testing/app.ts");

const DAY = 86_400_000;
let built: Product<App>;
let app: App;
let engine: ReturnType<App["createEngine"]> | undefined;
beforeAll(async () => {
  built = await product<App>("testing", "app");
});
afterAll(() => built.remove());
beforeEach(async () => {
  app = await built.open();
  vi.useFakeTimers();
});
afterEach(async () => {
  vi.useRealTimers();
  await engine?.stop();
});

/** A worker that nobody shares its store with has no reason to look for others' work. */
function start() {
  engine = app.createEngine({ store: app.memory() });
  void engine.work({ poll: "1 day", sweep: "1 day", lease: "1 day" });
  return engine.start(app.approval, ["contract"]);
}

test("as a plain function, a week passes at once", async () => {
  const result = app.approval("contract");
  await vi.advanceTimersByTimeAsync(7 * DAY);
  expect(await result).toBe("expired");
  expect(app.sent.length).toBe(7);
});

test("as a plain function, its token is resumed without an engine", async () => {
  const result = app.approval("contract");
  await vi.advanceTimersByTimeAsync(1.5 * DAY);
  expect(app.resumeToken(app.sent[0]!.token, { by: "Ann" })).toBe(true);
  expect(await result).toBe("approved by Ann");
  expect(app.sent.length).toBe(2);
});

test("in a run, a week passes at once", async () => {
  const run = await start();
  await vi.advanceTimersByTimeAsync(7 * DAY + 1_000);
  expect(await run.result()).toBe("expired");
  expect(app.sent.length).toBe(7);
});

test("in a run, its token is resumed by the engine", async () => {
  const run = await start();
  await vi.advanceTimersByTimeAsync(1.5 * DAY);
  expect(await engine!.resume(app.sent[0]!.token, { by: "Ann" })).toBe("accepted");
  await vi.advanceTimersByTimeAsync(1_000);
  expect(await run.result()).toBe("approved by Ann");
  expect(app.sent.length).toBe(2);
});
