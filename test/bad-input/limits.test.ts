/** Runs that grow beyond what may be saved, and runs that are merely deep. */
import { Heap } from "perdure/internal/codec/heap";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { failure, type Product, until } from "../product.ts";
import { type App, badInput, storeFile, working } from "./app.ts";

let built: Product<App>;
let app: App;
let path: string;
let engine: ReturnType<typeof working> | undefined;
beforeAll(async () => {
  built = await badInput();
});
afterAll(() => built.remove());
afterEach(async () => {
  await engine?.stop();
  engine = undefined;
});

async function begin(limits: { maxObjects?: number; maxBytes?: number }): Promise<void> {
  app = await built.open();
  path = storeFile(built);
  engine = working(app, path, { limits });
}

describe("a run that grows", () => {
  test.each([
    ["objects", { maxObjects: 500 }, /PD4002: .*more than 500 objects/],
    ["bytes", { maxBytes: 20_000 }, /PD4002: .*a segment of \d+ characters/],
  ])("beyond the limit of %s is blocked at its last save, and goes on where it is raised", async (_, limits, says) => {
    await begin(limits);
    const run = await engine!.start(app.grows, [100, 20], { id: "grows" });
    const error = await failure(run.result());
    expect(error).toMatchObject({ code: "PD4002", fix: expect.stringContaining("limits: { maxObjects, maxBytes }") });
    expect(error.message).toMatch(says);
    expect((await run.status()).status).toBe("blocked");
    // What it held before is there: nothing was lost with what did not fit.
    const rounds = app.calls.length;
    expect(rounds).toBeGreaterThan(0);
    expect((await run.stack())[0]).toMatchObject({ function: "grows" });
    // Others go on beside it.
    expect(await (await engine!.start(app.grows, [1, 2])).result()).toBe(2);
    await engine!.stop();
    const roomy = await built.open();
    engine = working(roomy, path);
    expect(await engine.run("grows").retry()).toBe(true);
    await until(async () => (await engine!.run("grows").status()).status === "done");
    expect(await engine.run("grows").result()).toBe(2_000);
    // The step whose result did not fit was not received, so it runs again.
    expect(roomy.calls[0]).toBe(`round ${rounds}`);
  });

  test("arguments and results have the same limits", async () => {
    await begin({ maxBytes: 5_000 });
    const order = { id: 1, via: { socket: "x".repeat(6_000) as never } };
    expect(await failure(engine!.start(app.keepsOrder, [order]))).toMatchObject({ code: "PD4002" });
  });
});

test("a run that holds chains of fifty thousand links waits, is loaded and goes on", async () => {
  await begin({});
  const run = await engine!.start(app.keepsDeep, [25_000]);
  expect(await run.result()).toBe(50_000);
});

/** Ways in which one object holds another, and the way back. */
const WAYS: readonly (readonly [wrap: (inner: unknown) => unknown, unwrap: (outer: never) => unknown])[] = [
  [(inner) => [inner], ([inner]: [unknown]) => inner],
  [(inner) => Object.assign([], { 7: inner }), (outer: unknown[]) => outer[7]],
  [(inner) => ({ inner }), ({ inner }: { inner: unknown }) => inner],
  [(inner) => Object.freeze({ inner }), ({ inner }: { inner: unknown }) => inner],
  [(inner) => Object.assign(Object.create(null), { inner }), (outer: { inner: unknown }) => outer.inner],
  [(inner) => new Map([["k", inner]]), (outer: Map<string, unknown>) => outer.get("k")],
  [(inner) => new Map([[inner, 1]]), (outer: Map<unknown, number>) => [...outer.keys()][0]],
  [(inner) => new Set([inner]), (outer: Set<unknown>) => [...outer][0]],
  [(inner) => new Error("m", { cause: inner }), (outer: Error) => outer.cause],
  [(inner) => ({ [Symbol.for("inner")]: inner }), (outer: Record<symbol, unknown>) => outer[Symbol.for("inner")]],
];

test("a heap a hundred thousand deep is saved, compared, loaded, handed to a step and taken back", () => {
  const DEPTH = 100_000;
  const wayAt = (n: number) => WAYS[n % WAYS.length]!;
  let value: unknown = { n: 0 };
  for (let n = 0; n < DEPTH; n++) value = wayAt(n)[0](value);
  const endOf = (root: unknown): unknown => {
    let at = root;
    for (let n = DEPTH - 1; n >= 0; n--) at = wayAt(n)[1](at as never);
    return at;
  };
  const heap = new Heap();
  const roots = { strong: { value, other: [1] as unknown[] } };
  const base = heap.save("base", roots);
  base.saved();
  roots.strong.other.push(2);
  const delta = heap.save("delta", roots);
  expect(delta.written).toBe(1);
  expect(endOf(Heap.load({}, [base.text, delta.text]).roots.get("value"))).toEqual({ n: 0 });
  // What the attempt gives back, and what it has changed at the far end.
  const opened = heap.snapshot([value]).open();
  (endOf(opened.values[0]) as { n: number }).n = 1;
  expect(heap.apply(opened.changes([opened.values[0]])) === value).toBe(true);
  expect(endOf(value)).toEqual({ n: 1 });
});
