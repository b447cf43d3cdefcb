/** What a log of effects must look like, however often the process died (guarantees 1-4). */
import { isDeepStrictEqual } from "node:util";
import type { EffectLine } from "../../fixtures/crash/effects.ts";

export interface Expected {
  /** What the run returns; a function of the effects where the outside decides it. */
  readonly value: unknown | ((lines: readonly EffectLine[]) => unknown);
  /** Every effect of an uninterrupted run, each once, in an order that may not change between causally related ones. */
  readonly effects: readonly string[];
}

/** All that is wrong with the effects seen over several lives of a run. */
export function faults(lines: readonly EffectLine[], expected: Expected, deaths: number): string[] {
  const found: string[] = [];
  const byKey = new Map<string, EffectLine[]>();
  for (const line of lines) byKey.set(line.key, [...(byKey.get(line.key) ?? []), line]);

  // One key, one operation, one list of arguments (guarantees 2 and 3).
  for (const [key, attempts] of byKey) {
    const [first, ...others] = attempts as [EffectLine, ...EffectLine[]];
    for (const other of others) {
      if (other.what !== first.what || !isDeepStrictEqual(other.args, first.args)) {
        found.push(`${key}: ${JSON.stringify(first)} was attempted again as ${JSON.stringify(other)}`);
      }
    }
    if (attempts.length > deaths + 1) found.push(`${key}: ${attempts.length} attempts with ${deaths} deaths`);
  }

  // One operation, one key: no effect of an uncommitted turn has leaked (guarantee 2).
  const keysOf = new Map<string, Set<string>>();
  for (const line of lines) keysOf.set(line.what, (keysOf.get(line.what) ?? new Set()).add(line.key));
  for (const [what, keys] of keysOf)
    if (keys.size > 1) found.push(`${what}: ${keys.size} keys (${[...keys].join(", ")})`);

  // Nothing lost, nothing invented (guarantees 1 and 4).
  const seen = [...keysOf.keys()].sort();
  const wanted = [...expected.effects].sort();
  if (!isDeepStrictEqual(seen, wanted))
    found.push(`effects ${JSON.stringify(seen)}, expected ${JSON.stringify(wanted)}`);

  // Effects that follow each other in the program never begin in the other order for the first time.
  const firsts = [...keysOf.keys()].filter((what) => expected.effects.includes(what));
  const order = expected.effects.filter((what) => keysOf.has(what));
  if (!isDeepStrictEqual(firsts, order) && !concurrent(expected.effects)) found.push(`order ${firsts.join(" → ")}`);
  return found;
}

/** Programs whose effects run side by side are marked by a leading `double`: their order is free. */
const concurrent = (effects: readonly string[]): boolean => effects.some((what) => what.startsWith("double"));
