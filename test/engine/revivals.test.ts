/** Blocked runs that workers try again by themselves: bounded, whoever they are. */
import { afterEach, expect, test } from "vitest";
import { QUICK, until, type World, world } from "./support.ts";

let here: World;
afterEach(() => here.close());

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
const programs = {
  refused: [
    ["step", "a"],
    ["refuse", "1"],
  ],
  both: [
    ["step", "a"],
    ["refuse", "1"],
    ["refuse", "2"],
  ],
  failing: [
    ["step", "a"],
    ["fail", "no stock"],
  ],
} as const;

test("two environments in which it fails do not hand it to each other for ever: its step is repeated ever more rarely", async () => {
  here = world(programs);
  const engines = ["1", "2"].map((environment) => here.engine({ environment }));
  for (const engine of engines) void engine.work(QUICK);
  const run = await engines[0]!.start(engines[0]!.fn("both"), []);
  await until(async () => (await run.status()).status === "blocked");
  await pause(2_000);
  // Forty sweeps of each. At 0, 100, 300, 700 and 1,500 ms, by either.
  expect(here.calls.length).toBeGreaterThan(1);
  expect(here.calls.length).toBeLessThan(14);
});

test("a worker that does not link its code leaves it alone", async () => {
  here = world(programs);
  const one = here.engine({ environment: "1" });
  const stranger = here.engine({ environment: "2", linked: ["failing"] });
  for (const engine of [one, stranger]) void engine.work(QUICK);
  const run = await one.start(one.fn("refused"), []);
  await until(async () => (await run.status()).status === "blocked");
  await pause(400);
  expect(here.calls).toHaveLength(1);
});

test("one that has come further is tried again at once", async () => {
  here = world({
    steps: [
      ["step", "a"],
      ["refuse", "1"],
      ["step", "b"],
      ["refuse", "2"],
    ],
  });
  const first = here.engine({ environment: "1" });
  void first.work(QUICK);
  const run = await first.start(first.fn("steps"), []);
  await until(async () => (await run.status()).status === "blocked");
  await first.stop();
  const second = here.engine({ environment: "2" });
  void second.work(QUICK);
  await until(async () => here.calls.length >= 3 && (await run.status()).status === "blocked");
  await second.stop();
  const third = here.engine({ environment: "3" });
  void third.work(QUICK);
  await until(async () => (await run.status()).status === "done");
  expect(await run.result()).toEqual(["did a", "did b"]);
});
