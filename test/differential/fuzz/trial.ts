/** Tries generated programs in every mode, and shrinks one that fails. */
import { transformSync } from "esbuild";
import { hasUsing } from "../compile.ts";
import { refusals } from "../known.ts";
import { type Bench, type Comparison, compare, openBench, Refused } from "../modes.ts";
import { seeded } from "./choices.ts";
import { type Program, program, together } from "./program.ts";

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
  openBench({ types: (fileName) => /\btyped\b/.test(fileName), strip: stripped, ...(spoil && { spoil }) });

/**
 * Ten times as fast as TypeScript. It renames variables that hide others; in generated programs no function is one of those, so none can see it.
 * `using` is lowered by neither: see {@link isForLater}.
 */
const stripped = (text: string): string =>
  transformSync(text, {
    loader: "ts",
    target: "esnext",
    tsconfigRaw: { compilerOptions: { useDefineForClassFields: true, verbatimModuleSyntax: true } },
  }).code;

/** What lowers `using` natively for hosts that do not parse it awaits more often than the language does. */
export const isForLater = ({ text }: Program): boolean => !hasUsing && /\busing /.test(text);

type Main = () => unknown;

const pathOf = (typed: boolean): string => `generated/${typed ? "typed" : "untyped"}.ts`;

/** How many programs one module holds well. */
export const BATCH = 12;

/** Tries programs, all with types or all without, as one module: that is much faster than one by one. In a batch that fails, each is tried alone. */
export async function attemptAll(bench: Bench, programs: readonly Program[]): Promise<readonly Verdict[]> {
  const verdicts: Verdict[] = [];
  const path = pathOf(programs[0]!.typed);
  const text = together(programs);
  const native = (await bench.native.add(path, text)) as Record<string, Main>;
  const machine = (await bench.machine.add(path, text).catch(() => undefined)) as Record<string, Main> | undefined;
  for (const [i, made] of programs.entries()) {
    const name = `main${i}`;
    const comparison = machine && (await compare(bench, native[name]!, machine[name]!, false));
    const verdict = comparison && judged(made, comparison);
    verdicts.push(verdict === undefined || verdict.type === "failed" ? await attempt(bench, made) : verdict);
  }
  return verdicts;
}

const failed = (program: Program, kind: string, message: string, comparison?: Comparison): Verdict => ({
  type: "failed",
  failure: { program, kind, comparison, message },
});

export async function attempt(bench: Bench, made: Program): Promise<Verdict> {
  if (isForLater(made)) return { type: "skipped", why: "this Node does not parse `using`" };
  const path = pathOf(made.typed);
  const native = (await bench.native.add(path, made.text)).main as () => unknown;
  let machine: () => unknown;
  try {
    machine = (await bench.machine.add(path, made.text)).main as () => unknown;
  } catch (error) {
    return failed(made, error instanceof Refused ? "refused" : "broken", String((error as Error).stack ?? error));
  }
  return judged(made, await compare(bench, native, machine, false));
}

function judged(made: Program, comparison: Comparison): Verdict {
  // The platform ends a process for it, a run only itself: there is nothing to compare.
  if (comparison.native.outcome.startsWith("unhandled")) return { type: "skipped", why: "unhandled rejection" };
  const refusal = comparison.differs?.observation.outcome ?? "";
  // A run waits for it as for any step, and judges rejections meanwhile; the platform has the module already.
  if (refusal.includes("PD2104") && made.text.includes('import("../services.ts")).'))
    return { type: "skipped", why: "a rejection is handled only after an import" };
  const known = refusal.startsWith("refused") ? refusals.find((it) => it.test(refusal)) : undefined;
  if (known !== undefined) return { type: "skipped", why: `known refusal ${known}` };
  return comparison.differs === undefined ? { type: "same" } : failed(made, comparison.differs.mode, "", comparison);
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
