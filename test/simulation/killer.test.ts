import { History } from "perdure/internal/testing/simulator/history";
import { type Mutation, QUARANTINE_MUTATIONS } from "perdure/internal/testing/simulator/mutations";
import { throughNetwork } from "perdure/internal/testing/simulator/network";
import { SimulatedProcess } from "perdure/internal/testing/simulator/process";
import { seeded } from "perdure/internal/testing/simulator/random";
import { scriptedVats } from "perdure/internal/testing/simulator/scripted-vat";
import { Timeline } from "perdure/internal/testing/simulator/timeline";
import { memory } from "perdure/memory";
import { describe, expect, test } from "vitest";

const LEASE = 1_000;
const PROGRAMS = {
  innocent: [
    ["step", "short"],
    ["sleep", 200],
    ["step", "long"],
    ["step", "long"],
    ["step", "long"],
    ["step", "short"],
  ],
  killer: [
    ["step", "short"],
    ["step", "kill"],
  ],
} as const;

interface Outcome {
  statuses: Record<string, number>;
  crashes: number;
  strikes: number;
  seconds: number;
}

/** Fifty innocents and some killers on `workers` processes that are started again whenever they die. */
async function play(
  seed: number,
  {
    workers,
    killers,
    delay,
    kills = 0,
    mutation = {},
  }: { workers: number; killers: number; delay: number; kills?: number; mutation?: Mutation },
): Promise<Outcome> {
  const random = seeded(seed);
  const timeline = new Timeline(random.fork());
  const began = timeline.now;
  const history = new History(() => timeline.now);
  const store = mutation.store?.(memory()) ?? memory();
  const processes: SimulatedProcess[] = [];
  let crashes = 0;
  const crash = (process: SimulatedProcess): void => {
    if (!process.alive) return;
    crashes++;
    process.crash();
    timeline.at(300, null, () => boot(processes.indexOf(process)));
  };
  const boot = (index: number): void => {
    const process = make(`p${index}`);
    processes[index] = process;
    process.work({ lease: LEASE, poll: 200, probation: 50, sweep: 60_000 });
  };
  const make = (name: string): SimulatedProcess => {
    const own = random.fork();
    return new SimulatedProcess({
      name,
      timeline,
      random: own,
      skew: 0,
      hints: () => ({ publish: () => {}, subscribe: () => () => {} }),
      store: (process) =>
        throughNetwork(store, process, { timeline, random: own, history, fate: () => "answered", calling: () => {} }),
      vats: (process) =>
        scriptedVats({
          programs: PROGRAMS,
          call: ({ name: step }) =>
            new Promise((resolve) => {
              if (step === "kill") process.later(delay, () => crash(process));
              else process.later(step === "long" ? own.between(500, 3_000) : own.between(1, 50), () => resolve("ok"));
            }),
        }),
      failpoint: () => {},
      observe: () => {},
    });
  };
  const client = make("client");
  const { fn } = client.vats as ReturnType<typeof scriptedVats>;
  for (let n = 0; n < 50; n++) void client.engine.start(fn("innocent"), [], { id: `innocent${n}` });
  for (let n = 0; n < killers; n++) void client.engine.start(fn("killer"), [], { id: `killer${n}` });
  for (let index = 0; index < workers; index++) boot(index);
  for (let n = 1; n <= kills; n++) timeline.at(n * 4_000, null, () => crash(random.pick(processes)));
  let strikes = 0;
  for (;;) {
    for (let n = 0; n < 50; n++) await timeline.step();
    const heads = await store.list({ limit: 100 });
    for (const head of heads) if (head.fn === "innocent") strikes = Math.max(strikes, head.strikes);
    const over = heads.every(({ status }) => status === "done" || status === "quarantined");
    const seconds = (timeline.now - began) / 1_000;
    if ((over && heads.length === 50 + killers) || seconds > 3_600) {
      const statuses: Record<string, number> = {};
      for (const { fn: program, status } of heads)
        statuses[`${program} ${status}`] = (statuses[`${program} ${status}`] ?? 0) + 1;
      return { statuses, crashes, strikes, seconds };
    }
  }
}

describe("a run that kills its worker every time, among fifty innocents, ends alone in quarantine", () => {
  for (const workers of [1, 2]) {
    // At once; within the first probation; after that.
    for (const delay of [0, 20, 400, 5_000]) {
      test(`${workers} workers, killed after ${delay} ms`, async () => {
        for (let seed = 1; seed <= 3; seed++) {
          const { statuses, crashes, seconds } = await play(seed, { workers, killers: 1, delay });
          expect(statuses).toEqual({ "innocent done": 50, "killer quarantined": 1 });
          expect(crashes).toBeLessThan(12);
          expect(seconds).toBeLessThan(300);
        }
      });
    }
  }

  test("and so do three of them", async () => {
    const { statuses } = await play(1, { workers: 2, killers: 3, delay: 20 });
    expect(statuses).toEqual({ "innocent done": 50, "killer quarantined": 3 });
  });
});

test("innocents live through a worker that is killed from outside again and again", async () => {
  // Every four seconds, each time with up to fifty runs on board, whose steps take up to three.
  for (let seed = 1; seed <= 10; seed++) {
    const { statuses, crashes } = await play(seed, { workers: 1, killers: 0, delay: 0, kills: 30 });
    expect(statuses).toEqual({ "innocent done": 50 });
    expect(crashes).toBeGreaterThan(2);
  }
});

test("without isolation innocents end in quarantine, so the games above can be lost", async () => {
  const mutation = QUARANTINE_MUTATIONS["quarantine without isolation"];
  const { statuses } = await play(1, { workers: 1, killers: 0, delay: 0, kills: 30, mutation });
  expect(statuses["innocent quarantined"] ?? 0).toBeGreaterThan(0);
});
