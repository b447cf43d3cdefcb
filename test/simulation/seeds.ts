import { KINDS } from "perdure/internal/testing/simulator/faults";
import { simulate } from "perdure/internal/testing/simulator/simulate";
import { expect } from "vitest";

/** Plays seeds, over the store that all share or over a model of another's server; the first that fails shows its trace. */
export async function clean(from: number, count: number, on?: Parameters<typeof simulate>[2]): Promise<void> {
  const struck = new Map<string, number>();
  for (let seed = from; seed < from + count; seed++) {
    const report = await simulate(seed, {}, on);
    const verdicts = report.verdicts.map(({ guarantee, what }) => `${guarantee}: ${what}`);
    if (verdicts.length > 0) throw new Error(`seed ${seed}\n${report.trace.join("\n")}\n${verdicts.join("\n")}`);
    const faults = [...report.faults.values()].reduce((sum, n) => sum + n, 0);
    expect(faults, `faults of seed ${seed}`).toBeGreaterThanOrEqual(3);
    expect(report.runs, `runs of seed ${seed}`).toBeGreaterThanOrEqual(5);
    for (const [kind, n] of report.faults) struck.set(kind, (struck.get(kind) ?? 0) + n);
  }
  for (const kind of KINDS) expect(struck.get(kind) ?? 0, kind).toBeGreaterThan(0);
}

type Simulated = Awaited<ReturnType<typeof simulate>>;

/** Plays seeds with something broken, until one shows it. */
export async function sees(
  name: string,
  [from, count]: readonly [from: number, count: number],
  play: (seed: number) => Promise<Simulated>,
  shows = ({ verdicts }: Simulated): boolean => verdicts.length > 0,
): Promise<void> {
  for (let seed = from; seed < from + count; seed++) if (shows(await play(seed))) return;
  expect.fail(`${name} went unseen for ${count} seeds`);
}

export async function playsTheSame(
  seeds: readonly number[],
  play: (seed: number) => Promise<Simulated>,
): Promise<void> {
  for (const seed of seeds) expect((await play(seed)).trace).toEqual((await play(seed)).trace);
}
