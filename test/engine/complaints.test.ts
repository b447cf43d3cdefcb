/** What an engine says on the console when nobody observes it. */
import { createEngine } from "perdure";
import { complaints, harmless } from "perdure/internal/engine/complaints";
import { memory } from "perdure/memory";
import { postgres } from "perdure/postgres";
import { afterEach, expect, it, vi } from "vitest";

afterEach(() => {
  vi.restoreAllMocks();
});

const failure = { type: "store-failed", call: "renew", error: new Error("no connection") } as const;
const success = { type: "committed", run: "r", epoch: 1, position: 1, status: "waiting" } as const;

/** What is printed for events at these instants, in seconds. */
function printed(
  events: readonly (readonly [at: number, event: Parameters<ReturnType<typeof complaints>>[0]])[],
): string[] {
  const lines: string[] = [];
  let now = 0;
  const observe = complaints(
    () => now,
    (text) => lines.push(`${now / 1000}: ${text}`),
  );
  for (const [at, event] of events) {
    now = at * 1000;
    observe(event);
  }
  return lines;
}
const every = (seconds: number, from: number, to: number) =>
  Array.from({ length: Math.floor((to - from) / seconds) + 1 }, (_, i) => [from + i * seconds, failure] as const);

it("an outage that goes on is told once, after five seconds", () => {
  expect(printed(every(1, 0, 60))).toEqual(["5: Error: no connection\n  for 5 s now, and it is tried on and on"]);
});

it("a short one is not told, nor several of them", () => {
  expect(printed(every(1, 0, 4))).toEqual([]);
  expect(printed([...every(1, 0, 4), ...every(1, 100, 104), ...every(1, 200, 204)])).toEqual([]);
  expect(printed([...every(1, 0, 4), [5, success], ...every(1, 6, 10)])).toEqual([]);
});

it("the next one is told again", () => {
  expect(printed([...every(1, 0, 9), [10, success], ...every(1, 11, 20)])).toHaveLength(2);
});

it("an error that lasts until somebody mends it is told at once, and once", () => {
  const error = Object.assign(new Error("no such table"), { lasting: true });
  expect(printed([...Array(3)].map((_, at) => [at, { ...failure, error }] as const))).toEqual([
    "0: Error: no such table",
  ]);
});

it("runs that stand in the same code are one piece of news", () => {
  const parked = (run: string, code: string) =>
    [0, { type: "parked", run, error: Object.assign(new Error(`${run} is parked`), { details: { code } }) }] as const;
  expect(printed([parked("a", "x"), parked("b", "x"), parked("c", "y")])).toEqual([
    "0: Error: a is parked",
    "0: Error: c is parked",
  ]);
});

it("what an observer throws changes nothing, and is told once", async () => {
  const console = vi.spyOn(globalThis.console, "error").mockImplementation(() => {});
  const store = memory();
  let told = 0;
  const engine = createEngine({
    store,
    observe: () => {
      told++;
      throw new Error("the observer is broken");
    },
  });
  const events = [{ type: "lease-lost", worker: "w" }, success] as const;
  const observe = harmless(() => {
    throw new Error("broken");
  });
  for (const event of events) expect(() => observe(event)).not.toThrow();
  expect(console.mock.calls).toEqual([["an observer threw at an event of type lease-lost: Error: broken"]]);

  const broken = vi.spyOn(store, "claim").mockRejectedValue(new Error("no claim"));
  const done = engine.work({ poll: 1 });
  await vi.waitFor(() => expect(told).toBeGreaterThan(2));
  broken.mockRestore();
  await engine.stop();
  await done;
  expect(console.mock.calls.filter(([text]) => String(text).includes("the observer is broken"))).toHaveLength(1);
});

it("a worker that never reaches its database says so, and one with an observer is silent", async () => {
  const console = vi.spyOn(globalThis.console, "error").mockImplementation(() => {});
  let now = Date.now();
  const host = { now: () => (now += 1000) };
  const store = postgres("postgres://127.0.0.1:1/nothing");
  const engine = createEngine({ store, host, observe: undefined as never });
  const done = engine.work();
  await vi.waitFor(() => expect(console).toHaveBeenCalledWith(expect.stringContaining("PD3202")), 10_000);
  await engine.stop();
  await done;
  expect(console).toHaveBeenCalledTimes(1);

  console.mockClear();
  const observed = createEngine({ store: memory(), observe: () => {} });
  void observed.work();
  await observed.stop();
  expect(console).not.toHaveBeenCalled();
});
