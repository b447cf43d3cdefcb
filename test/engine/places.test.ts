/** How many runs a worker holds, and who makes room for whom. */
import { afterEach, describe, expect, test } from "vitest";
import { QUICK, until, type World, world } from "./support.ts";

let here: World;
afterEach(() => here.close());

const KB = 1024;
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

describe("a worker whose memory is full", () => {
  /** Eight runs of some 20 KB that wait for a step, given back by a worker that has stopped. */
  async function large(): Promise<void> {
    here = world(
      {
        large: [
          ["step", "fill"],
          ["step", "held"],
        ],
      },
      ({ name }) => (name === "fill" ? "x".repeat(20 * KB) : "done"),
    );
    here.hold.add("held");
    const first = here.engine();
    void first.work(QUICK);
    for (let n = 0; n < 8; n++) await first.start(first.fn("large"), [n], { id: `large-${n}` });
    await until(() => here.calls.filter(({ name }) => name === "held").length === 8);
    await first.stop();
    here.calls.length = 0;
  }

  test("claims no more until there is room, and says how much it holds", async () => {
    await large();
    const engine = here.engine();
    void engine.work({ ...QUICK, concurrency: 8, memory: 70 * KB });
    await until(() => here.calls.length === 3);
    await pause(80);
    expect(here.calls).toHaveLength(3);
    const { work } = await engine.metrics();
    expect(work.resident).toBe(3);
    expect(work.residentBytes).toBeGreaterThan(60 * KB);
    expect(work.residentBytes).toBeLessThan(70 * KB);
    here.hold.clear();
    for (const resolve of here.held.get("held")!) resolve();
    for (let n = 0; n < 8; n++) expect(await engine.run(`large-${n}`).result()).toHaveLength(2);
    await until(async () => (await engine.metrics()).work.residentBytes === 0);
  });

  test("holds one run that is larger than all of it", async () => {
    await large();
    const engine = here.engine();
    void engine.work({ ...QUICK, concurrency: 8, memory: KB });
    await until(() => here.calls.length === 1);
    await pause(60);
    expect((await engine.metrics()).work.resident).toBe(1);
  });
});

describe("runs that wait", () => {
  test("are given back when their place is wanted, the least recently used first", async () => {
    here = world({ asleep: [["token"]], quick: [["step", "a"]] });
    const engine = here.engine();
    void engine.work({ ...QUICK, linger: 60_000, concurrency: 3 });
    for (const id of ["one", "two", "three"]) {
      await engine.start(engine.fn("asleep"), [], { id });
      await until(() => here.calls.some(({ run }) => run === id));
    }
    await pause(30);
    expect((await engine.metrics()).work.resident).toBe(3);
    const quick = await engine.start(engine.fn("quick"), []);
    expect(await quick.result()).toEqual(["did a"]);
    const released = here.events.flatMap((event) => (event.type === "released" ? [event.run] : []));
    expect(released[0]).toBe("one");
    expect((await here.store.read("three"))!.owner).not.toBeNull();
    expect((await engine.metrics()).work.evicted).toBeGreaterThanOrEqual(1);
  });

  test("stay when nobody wants their place", async () => {
    here = world({ asleep: [["token"]] });
    const engine = here.engine();
    void engine.work({ ...QUICK, linger: 60_000, concurrency: 3 });
    for (const id of ["one", "two", "three"]) await engine.start(engine.fn("asleep"), [], { id });
    await until(() => here.calls.length === 3);
    await pause(150);
    const { resident, evicted } = (await engine.metrics()).work;
    // The hints of their own starts may have moved one of them before the others had come.
    expect([resident, evicted]).toEqual([3, 0]);
  });
});

describe("runs that are always ready", () => {
  const endless = Array.from({ length: 20_000 }, () => ["step", "again"] as const);

  test("let others of their worker have their turns", async () => {
    here = world({ endless, quick: Array.from({ length: 20 }, () => ["step", "a"] as const) } as never);
    const engine = here.engine();
    void engine.work(QUICK);
    for (let n = 0; n < 3; n++) await engine.start(engine.fn("endless"), [n], { id: `endless-${n}` });
    await until(() => here.calls.length > 30);
    const before = here.calls.length;
    const quick = await engine.start(engine.fn("quick"), []);
    expect(await quick.result()).toHaveLength(20);
    const turns = here.calls.slice(before).filter(({ name }) => name === "again").length;
    // Each in its turn: while the one took twenty, the three took about twenty each, and what starting and claiming took.
    expect(turns).toBeLessThan(600);
  });

  test("yield their places to runs that are due and that nobody has", async () => {
    here = world({ endless, quick: [["step", "a"]] } as never);
    const engine = here.engine();
    void engine.work({ ...QUICK, concurrency: 2, poll: 40 });
    for (let n = 0; n < 3; n++) await engine.start(engine.fn("endless"), [n], { id: `endless-${n}` });
    await until(() => here.calls.length > 30);
    const quick = await engine.start(engine.fn("quick"), []);
    expect(await quick.result()).toEqual(["did a"]);
    // All three go on, two at a time.
    for (let n = 0; n < 3; n++) {
      const seen = here.calls.length;
      await until(() => here.calls.slice(seen).some(({ run }) => run === `endless-${n}`), 10_000);
    }
    // Nothing was run twice by that: what had been issued was waited for.
    const { work } = await engine.metrics();
    expect(work.evicted).toBeGreaterThan(0);
    expect(new Set(here.calls.map(({ key }) => key)).size).toBe(here.calls.length);
  });
});
