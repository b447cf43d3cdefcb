/** Tries generated programs in every mode, and shrinks one that fails. */
import { refusals } from "../known.ts";
import { type Bench, type Comparison, compare, openBench, Refused } from "../modes.ts";
import { seeded } from "./choices.ts";
import { type Program, program } from "./program.ts";

export interface Failure {
  readonly program: Program;
  /** The mode that differs, `refused` by the transformer, or `broken` (it cannot be loaded). */
  readonly kind: string;
  readonly comparison: Comparison | undefined;
  readonly message: string;
}

export type Verdict =
  | { readonly type: "same" }
  /** Nothing to compare: the reason. */
  | { readonly type: "skipped"; readonly why: string }
  | { readonly type: "failed"; readonly failure: Failure };

export const generate = (seed: number): Program => program([], seeded(seed));

/** A bench for generated programs, of which some are compiled with types. */
export const openTrials = (spoil?: (emitted: string) => string): Promise<Bench> =>
  openBench({ types: (fileName) => /\btyped\b/.test(fileName), ...(spoil && { spoil }) });

export async function attempt(bench: Bench, made: Program): Promise<Verdict> {
  const failed = (kind: string, message: string, comparison?: Comparison): Verdict => ({
    type: "failed",
    failure: { program: made, kind, comparison, message },
  });
  const path = `generated/${made.typed ? "typed" : "untyped"}.ts`;
  const native = (await bench.native.add(path, made.text)).main as () => unknown;
  let machine: () => unknown;
  try {
    machine = (await bench.machine.add(path, made.text)).main as () => unknown;
  } catch (error) {
    return failed(error instanceof Refused ? "refused" : "broken", String((error as Error).stack ?? error));
  }
  const comparison = await compare(bench, native, machine);
  // The platform ends a process for it, a run only itself: there is nothing to compare.
  if (comparison.native.outcome.startsWith("unhandled")) return { type: "skipped", why: "unhandled rejection" };
  const refusal = comparison.differs?.observation.outcome ?? "";
  const known = refusal.startsWith("refused") ? refusals.find((it) => it.test(refusal)) : undefined;
  if (known !== undefined) return { type: "skipped", why: `known refusal ${known}` };
  return comparison.differs === undefined ? { type: "same" } : failed(comparison.differs.mode, "", comparison);
}

/** Deletes, zeroes and lowers choices as long as the program still fails in the same way. */
export async function shrink(bench: Bench, failure: Failure, budget = 800): Promise<Failure> {
  let best = failure;
  const seen = new Set<string>([failure.program.text]);
  const better = async (choices: readonly number[]): Promise<boolean> => {
    if (budget <= 0) return false;
    const made = program(choices, null);
    if (seen.has(made.text) || made.text.length > best.program.text.length) return false;
    seen.add(made.text);
    budget--;
    const verdict = await attempt(bench, made).catch(() => ({ type: "skipped", why: "cannot be run" }) as Verdict);
    if (verdict.type !== "failed" || verdict.failure.kind !== failure.kind) return false;
    best = verdict.failure;
    return true;
  };
  for (let progress = true; progress && budget > 0; ) {
    progress = false;
    for (const size of sizes(best.program.choices.length)) {
      for (let at = 0; at < best.program.choices.length && budget > 0; ) {
        const { choices } = best.program;
        const [before, here, after] = [choices.slice(0, at), choices.slice(at, at + size), choices.slice(at + size)];
        const zeros = here.map(() => 0);
        const smaller = [
          [...before, ...after],
          ...(here.some((it) => it > 0) ? [[...before, ...zeros, ...after]] : []),
          ...(size === 1 && here[0]! > 1 ? [[...before, here[0]! >> 1, ...after]] : []),
        ];
        let found = false;
        for (const one of smaller) found ||= await better(one);
        if (found) progress = true;
        else at += size;
      }
    }
  }
  return best;
}

/** Halves of the list and of its halves, and below eight every length: what one node of a program takes. */
function* sizes(length: number): Iterable<number> {
  for (let size = 1 << Math.floor(Math.log2(length || 1)); size >= 8; size >>= 1) yield size;
  for (let size = 7; size >= 1; size--) yield size;
}
