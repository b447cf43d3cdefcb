/** What one benchmark gives. Ratios compare two things measured side by side in one process: absolute times depend on the machine. */

export interface Measured {
  /** What is compared with its mark: see `against`. */
  readonly ratio: number;
  /** The absolute side of it. */
  readonly value: number;
  readonly unit: string;
  /** What the ratio is a ratio of. */
  readonly against: string;
  /** What else was seen, by name. */
  readonly beside?: Readonly<Record<string, number>>;
}

export interface Figure {
  readonly name: string;
  /** Its mark; null for what is only reported. */
  readonly reach: { readonly at: "most" | "least"; readonly ratio: number } | null;
  /** What is done before, in the command's own process, however long it takes. */
  prepare?(): Promise<void>;
  measure(): Promise<Measured>;
}

export function reaches({ reach }: Figure, { ratio }: Measured): boolean {
  if (reach === null) return true;
  return reach.at === "most" ? ratio <= reach.ratio : ratio >= reach.ratio;
}

export const markOf = ({ reach }: Figure): string =>
  reach === null ? "report" : `${reach.at === "most" ? "≤" : "≥"} ${reach.ratio}`;

export const median = (values: readonly number[]): number => {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
};

export const mean = (values: readonly number[]): number => values.reduce((sum, one) => sum + one, 0) / values.length;

/** Milliseconds that the body takes. */
export async function timed(body: () => unknown): Promise<number> {
  const start = performance.now();
  await body();
  return performance.now() - start;
}

/** Milliseconds of processor time, all threads, that the body takes. */
export async function cpu(body: () => unknown): Promise<number> {
  const start = process.cpuUsage();
  await body();
  const { user, system } = process.cpuUsage(start);
  return (user + system) / 1000;
}

/** So many rounds, or as BENCH_ROUNDS says: a look at whether a figure works needs one. */
export const roundsOf = (rounds: number): number => Number(process.env["BENCH_ROUNDS"] ?? rounds);

/** So many steps, or the share of them that BENCH_SCALE says, to see whether a long figure works. */
export const scaled = (steps: number): number =>
  Math.max(Math.min(steps, 10), Math.round(steps * Number(process.env["BENCH_SCALE"] ?? 1)));

/** Measures the sides in turn, so that a change of the machine's speed meets all of them; the first rounds, one unless said otherwise, warm up. */
export async function sideBySide<Side extends string>(
  rounds: number,
  sides: Readonly<Record<Side, () => Promise<number> | number>>,
  warm = 1,
): Promise<Record<Side, number>> {
  const names = Object.keys(sides) as Side[];
  const samples = Object.fromEntries(names.map((name) => [name, [] as number[]])) as Record<Side, number[]>;
  const before = Math.min(warm, roundsOf(warm));
  for (let round = 0; round < before + roundsOf(rounds); round++) {
    for (const name of names) {
      const sample = await sides[name]();
      if (round >= before) samples[name].push(sample);
    }
  }
  return Object.fromEntries(names.map((name) => [name, median(samples[name])])) as Record<Side, number>;
}
