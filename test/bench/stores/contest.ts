/** Two systems side by side: the same work for each in turn, in processes of their own. */
import { type Measured, roundsOf, sideBySide } from "../figure.ts";
import type { Contestant } from "./peers/contestant.ts";
import { fsyncs } from "./peers/fsyncs.ts";
import { processorTime } from "./peers/processes.ts";

export interface Side {
  readonly contestant: Contestant;
  /** The process that writes to the disk, with its children: the contestant's own, or a server's. */
  readonly disk: number;
}

export interface Contest {
  readonly ours: Side;
  readonly theirs: Side;
  /** Name and version of the peer. */
  readonly peer: string;
  readonly where: string;
}

const ROUNDS = 5;
/** Rounds of each side before any is measured: servers live for days, and V8 compiles what has run ten thousand times. */
const WARM = 6;
const SIDES = ["ours", "theirs"] as const;

/** A piece of work, which a contestant tells the milliseconds of, and the number of steps in it. */
interface Work {
  readonly steps: number;
  run(contestant: Contestant): Promise<number>;
}

/** Medians of the milliseconds; and what a step costs beside time: processor, all processes of the side, and waits for the disk, where they can be counted. */
async function compare(contest: Contest, work: Work, counted: Work) {
  const spent = { ours: 0, theirs: 0 };
  const timed = (name: (typeof SIDES)[number]) => async () => {
    const { contestant, disk } = contest[name];
    const roots = [contestant.pid, disk];
    const before = processorTime(roots) ?? Number.NaN;
    const ms = await work.run(contestant);
    spent[name] += (processorTime(roots) ?? Number.NaN) - before;
    return ms;
  };
  const warm = Math.min(WARM, roundsOf(WARM));
  for (let round = 1; round < warm; round++) for (const name of SIDES) await work.run(contest[name].contestant);
  const ms = await sideBySide(ROUNDS, { ours: timed("ours"), theirs: timed("theirs") });
  const beside: Record<string, number> = {};
  for (const name of SIDES) {
    const { contestant, disk } = contest[name];
    if (!Number.isNaN(spent[name]))
      beside[`processor µs a step, ${name}`] = (spent[name] * 1000) / (roundsOf(ROUNDS) + 1) / work.steps;
    const waits = await fsyncs(disk, () => counted.run(contestant));
    if (waits !== undefined) beside[`fsyncs a step, ${name}`] = waits / counted.steps;
  }
  return { ms, beside };
}

/** One run of sequential steps. */
export async function contestSteps(contest: Contest, count: number): Promise<Measured> {
  const work = (steps: number): Work => ({ steps, run: (one) => one.steps(steps) });
  const { ms, beside } = await compare(contest, work(count), work(100));
  return {
    ratio: ms.theirs / ms.ours,
    value: (count / ms.ours) * 1000,
    unit: "steps/s",
    against: `${contest.peer}: one run of ${count} steps, one after the other, ${contest.where}`,
    beside: { "theirs, steps/s": (count / ms.theirs) * 1000, ...beside },
  };
}

/** Many runs at once. */
export async function contestWorkflows(contest: Contest, runs: number, count: number): Promise<Measured> {
  const work = (many: number): Work => ({ steps: many * count, run: (one) => one.workflows(many, count) });
  const { ms, beside } = await compare(contest, work(runs), work(runs));
  return {
    ratio: ms.theirs / ms.ours,
    value: (runs / ms.ours) * 1000,
    unit: "workflows/s",
    against: `${contest.peer}: ${runs} runs of ${count} steps at once, ${contest.where}`,
    beside: { "theirs, workflows/s": (runs / ms.theirs) * 1000, ...beside },
  };
}
