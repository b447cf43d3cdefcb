/** What runs keep and write, their hosts and their clocks, through the built product. */
import type { Commit } from "perdure";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { type Product, QUICK, until } from "../product.ts";
import { type App, endToEnd, storeFile, working } from "./app.ts";

let built: Product<App>;
let app: App;
let engine: ReturnType<typeof working>;
beforeAll(async () => {
  built = await endToEnd();
});
afterAll(() => built.remove());
afterEach(() => engine.stop());

/** An engine at work, and the sizes of the deltas that runs will commit. */
async function measured(): Promise<number[]> {
  app = await built.open();
  const deltas: number[] = [];
  engine = working(app, storeFile(built), {
    seen: ({ segment }: Commit) => {
      if (segment?.kind === "delta") deltas.push(segment.text.length);
    },
  });
  return deltas;
}
const mean = (list: readonly number[]): number => list.reduce((sum, n) => sum + n, 0) / list.length;

test("losers of a race are let go: 200 rounds write no more at the end than at the beginning", async () => {
  const deltas = await measured();
  const run = await engine.start(app.raceForEver, [200], { id: "a" });
  expect(await run.result()).toBe(200);
  expect(deltas.length).toBeGreaterThanOrEqual(200);
  expect(mean(deltas.slice(-50)) / mean(deltas.slice(10, 60))).toBeLessThan(1.05);
});

test("a resume costs what is live: as many bytes after 400 rounds as after 150", async () => {
  const read: number[] = [];
  for (const rounds of [150, 400]) {
    app = await built.open();
    const store = app.sqlite(storeFile(built));
    engine = app.createEngine({ store }) as typeof engine;
    void engine.work({ ...QUICK, compactDeltas: 20 });
    await engine.start(app.racesThenWaits, [rounds], { id: "a" });
    await until(() => app.gates.size === 1, 30_000);
    const { segments } = (await store.inspect("a"))!;
    read.push(segments.reduce((sum, { text }) => sum + text.length, 0));
    expect(segments.length).toBeLessThanOrEqual(22);
    await engine.stop();
  }
  expect(Math.max(...read)).toBeLessThan(64_000);
});

test("the same with timers and tokens alone, whose winner comes from outside or from the clock", async () => {
  const deltas = await measured();
  const run = await engine.start(app.tokensForEver, [60], { id: "a" });
  expect(await run.result()).toBe(60);
  expect(mean(deltas.slice(-20)) / mean(deltas.slice(5, 25))).toBeLessThan(1.05);
});

test("an array that grows writes its tail: bytes a turn stay flat", async () => {
  const deltas = await measured();
  expect(await (await engine.start(app.grows, [200])).result()).toBe(200);
  expect(deltas.length).toBeGreaterThanOrEqual(200);
  expect(mean(deltas.slice(-50)) / mean(deltas.slice(10, 60))).toBeLessThan(1.05);
  expect(Math.max(...deltas)).toBeLessThan(4_000);
});

test("a provided host is saved by name: as a receiver, as an argument, and after a save", async () => {
  app = await built.open();
  const sent: string[] = [];
  const mailer = {
    async send(to: string, text: string) {
      sent.push(`${to}: ${text}`);
      return `sent ${text}`;
    },
  };
  engine = working(app, storeFile(built), { provide: { mailer } });
  const run = await engine.start(app.tells, [mailer, "ada"], { id: "a" });
  expect(await run.result()).toEqual(["sent from a method", "sent after a save", "sent delivered by an argument"]);
  expect(sent).toEqual(["ada: from a method", "ada: after a save", "ada: delivered by an argument"]);
});

test("a worker without the provided host blocks the run and says its name; one that has it goes on", async () => {
  app = await built.open();
  const path = storeFile(built);
  const mailer = { send: async (_to: string, text: string) => `sent ${text}` };
  engine = app.createEngine({ store: app.sqlite(path), provide: { mailer } }) as typeof engine;
  await engine.start(app.tells, [mailer, "ada"], { id: "a" });
  const bare = working(await built.open(), path);
  await until(async () => (await bare.run("a").status()).status === "blocked");
  const { reason } = await bare.run("a").status();
  expect(reason).toMatchObject({ code: "PD4012", fix: expect.stringContaining("provide") });
  expect(reason!.message).toContain("the saved state of run a refers to provide:mailer, which does not exist here");
  await bare.stop();
  engine = working(app, path, { provide: { mailer } });
  await engine.run("a").retry();
  expect(await engine.run("a").result()).toHaveLength(3);
});

test("timers, intervals, microtasks and node:timers/promises are durable", async () => {
  app = await built.open();
  engine = working(app, storeFile(built));
  expect(await (await engine.start(app.clocks, [])).result()).toEqual([
    // Inside a job, as on the platform: microtasks before ticks.
    "microtask",
    "tick",
    "immediate",
    "timeout of node:timers/promises",
    "immediate of node:timers/promises",
    "beat 1",
    "beat 2",
    "beat 3",
  ]);
  expect(await (await engine.start(app.abortsTimer, [])).result()).toBe("AbortError");
});
