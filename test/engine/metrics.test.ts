import type { Metrics } from "perdure";
import type { Store } from "perdure/internal/store/store";
import { afterEach, expect, test } from "vitest";
import { QUICK, until, type World, world } from "./support.ts";

let here: World;
afterEach(() => here.close());

const programs = {
  steps: [
    ["step", "a"],
    ["step", "b"],
  ],
  asleep: [["sleep", 3_600_000]],
  held: [["step", "held"]],
  broken: [["step", "broken"]],
} as const;

test("of an engine that did nothing are nothing", async () => {
  here = world(programs as never);
  expect(await here.engine().metrics()).toEqual({
    work: {
      resident: 0,
      residentBytes: 0,
      commits: 0,
      turns: 0,
      bytes: 0,
      attempts: 0,
      repeatedAttempts: 0,
      leaseLosses: 0,
      fenced: 0,
      evicted: 0,
    },
    statuses: {},
    due: 0,
    lag: 0,
    parked: 0,
    reasons: {},
  } satisfies Metrics);
});

test("count turns, commits, bytes and attempts, and runs by status", async () => {
  here = world(programs as never);
  const engine = here.engine();
  await engine.start(engine.fn("steps"), []);
  await engine.start(engine.fn("asleep"), []);
  await engine.work({ until: "idle" });
  const { work, statuses, due } = await engine.metrics();
  // Three turns of one run and one of the other.
  expect([work.turns, work.attempts, work.repeatedAttempts, work.resident]).toEqual([4, 2, 0, 0]);
  expect(work.commits).toBeLessThanOrEqual(4);
  expect(work.bytes).toBeGreaterThan(100);
  expect([statuses, due]).toEqual([{ done: 1, waiting: 1 }, 0]);
});

test("tell of steps that may have been begun before", async () => {
  here = world(programs as never);
  here.hold.add("held");
  const first = here.engine();
  void first.work(QUICK);
  await first.start(first.fn("held"), [], { id: "r" });
  await until(() => here.calls.length === 1);
  expect((await first.metrics()).work).toMatchObject({ resident: 1, attempts: 1, repeatedAttempts: 0 });
  await first.stop();
  here.hold.clear();
  const second = here.engine();
  await second.work({ until: "idle" });
  expect((await second.metrics()).work).toMatchObject({ attempts: 1, repeatedAttempts: 1 });
});

test("tell how late the longest waiting run is", async () => {
  here = world(programs as never);
  const engine = here.engine();
  await engine.start(engine.fn("steps"), []);
  await new Promise((resolve) => setTimeout(resolve, 60));
  const { due, lag } = await engine.metrics();
  expect(due).toBe(1);
  expect(lag).toBeGreaterThanOrEqual(55);
  expect(lag).toBeLessThan(60_000);
  await engine.work({ until: "idle" });
  expect((await engine.metrics()).lag).toBe(0);
});

test("tell parked runs apart: they have no part in the lag of a process that could not drive them", async () => {
  here = world(programs as never);
  const there = here.engine();
  await there.start(there.fn("asleep"), []);
  await there.start(there.fn("steps"), []);
  const linksOne = here.engine({ linked: ["asleep"] });
  await linksOne.work({ until: "idle" });
  await new Promise((resolve) => setTimeout(resolve, 60));
  expect(await linksOne.metrics()).toMatchObject({
    statuses: { running: 1, waiting: 1 },
    due: 0,
    lag: 0,
    parked: 1,
  });
  const { due, lag, parked } = await there.metrics();
  expect([due, parked, lag >= 55]).toEqual([1, 0, true]);
});

test("tell of leases lost to others", async () => {
  here = world(programs as never);
  here.hold.add("held");
  const engine = here.engine();
  void engine.work(QUICK);
  await engine.start(engine.fn("held"), [], { id: "r" });
  await until(() => here.calls.length === 1);
  await here.store.retire((await here.store.read("r"))!.owner!);
  await until(async () => (await engine.metrics()).work.leaseLosses === 1);
});

test("count reasons by their code, and say what a store cannot count", async () => {
  here = world(programs as never);
  const { store } = here;
  const uncounted: Store = {
    ...(Object.fromEntries(Object.entries(store).filter(([name]) => name !== "census")) as unknown as Store),
  };
  const engine = here.engine({ store: uncounted });
  for (const id of ["a", "b"]) {
    await engine.start(engine.fn("steps"), [], { id });
    await store.renew("w", Date.now(), Date.now() + 10_000);
  }
  const claims = await store.claim({
    worker: "w",
    limit: 2,
    suspects: 0,
    codes: new Set((await store.list({})).flatMap(({ codes }) => codes)),
    now: Date.now(),
  });
  for (const { lease, head } of claims) {
    const change = {
      status: "blocked",
      reason: '{"code":"PD4001"}',
      segment: null,
      result: null,
      wakeAt: null,
    } as const;
    await store.commit([
      {
        ...change,
        lease,
        commitId: lease.run,
        position: 0,
        codes: head.codes,
        consumed: 0,
        outbox: [],
        now: 0,
        release: true,
      },
    ]);
  }
  expect(await engine.metrics()).toMatchObject({
    statuses: null,
    due: null,
    lag: 0,
    parked: null,
    reasons: { PD4001: 2 },
  });
});
