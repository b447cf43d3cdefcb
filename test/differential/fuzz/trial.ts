/** Tries generated programs in every mode, and shrinks one that fails. */
import { transformSync } from "esbuild";
import { type Bench, openBench, Refused } from "../bench.ts";
import { hasUsing } from "../compile.ts";
import { refusals } from "../known.ts";
import type { Comparison } from "../modes.ts";
import type { Observation } from "../observation.ts";
import { seeded } from "./choices.ts";
import type { Answer } from "./observer.ts";
import { type Observers, openObservers } from "./observers.ts";
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

export interface Trials {
  readonly bench: Bench;
  readonly observers: Observers;
  close(): void;
}

/** A bench for generated programs, of which some are compiled with types, and processes that observe them. */
export async function openTrials(spoil?: (emitted: string) => string): Promise<Trials> {
  const types = (fileName: string): boolean => /\btyped\b/.test(fileName);
  const bench = await openBench({ types, strip: stripped, ...(spoil && { spoil }) });
  const observers = await openObservers(bench.native.folder, bench.machine.folder);
  const close = (): void => {
    observers.close();
    bench.close();
  };
  return { bench, observers, close };
}

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

const pathOf = (typed: boolean): string => `generated/${typed ? "typed" : "untyped"}.ts`;

/** How many programs one module holds well. */
export const BATCH = 12;

/** Tries programs, all with types or all without, as one module: that is much faster than one by one. In a batch that fails, each is tried alone. */
export async function attemptAll(trials: Trials, programs: readonly Program[]): Promise<readonly Verdict[]> {
  const verdicts: Verdict[] = [];
  const names = programs.map((_, i) => `main${i}`);
  const answer = await observed(trials, programs[0]!.typed, together(programs), names);
  for (const [i, made] of programs.entries()) {
    const verdict = "broken" in answer ? undefined : judged(made, answer[i]!);
    verdicts.push(verdict === undefined || verdict.type === "failed" ? await attempt(trials, made) : verdict);
  }
  return verdicts;
}

async function observed(trials: Trials, typed: boolean, text: string, names: readonly string[]): Promise<Answer> {
  const { bench, observers } = trials;
  const native = await bench.native.write(pathOf(typed), text);
  let machine: string;
  try {
    machine = await bench.machine.write(pathOf(typed), text);
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    return { broken: `refused: ${error.message}` };
  }
  return observers.observe({ native, machine, names });
}

const failed = (program: Program, kind: string, message: string, comparison?: Comparison): Verdict => ({
  type: "failed",
  failure: { program, kind, comparison, message },
});

export async function attempt(trials: Trials, made: Program): Promise<Verdict> {
  if (isForLater(made)) return { type: "skipped", why: "this Node does not parse `using`" };
  const answer = await observed(trials, made.typed, made.text, ["main"]);
  if (!("broken" in answer)) return judged(made, answer[0]!);
  return failed(made, answer.broken.startsWith("refused: ") ? "refused" : "broken", answer.broken);
}

/** Did a run do the same in another order? The platform has modules when it likes, a run takes in one step after the other. */
function isReordered({ native, differs }: Comparison): boolean {
  if (differs === undefined || differs.mode === "machine") return false;
  const sorted = ({ log, outcome }: Observation): string => [...log].sort().concat(outcome).join("\n");
  return sorted(native) === sorted(differs.observation);
}

function judged(made: Program, comparison: Comparison): Verdict {
  // The platform ends a process for it, a run only itself: there is nothing to compare.
  if (comparison.native.outcome.startsWith("unhandled")) return { type: "skipped", why: "unhandled rejection" };
  const refusal = comparison.differs?.observation.outcome ?? "";
  // A run waits for it as for any step, and judges rejections meanwhile; the platform has the module already.
  if (refusal.includes("PD2104") && made.text.includes('import("../services.ts")).'))
    return { type: "skipped", why: "a rejection is handled only after an import" };
  if (made.text.includes('import("../services.ts")') && isReordered(comparison))
    return { type: "skipped", why: "modules that were loaded at once come one by one" };
  const known = refusal.startsWith("refused") ? refusals.find((it) => it.test(refusal)) : undefined;
  if (known !== undefined) return { type: "skipped", why: `known refusal ${known}` };
  return comparison.differs === undefined ? { type: "same" } : failed(made, comparison.differs.mode, "", comparison);
}

/** Deletes, zeroes and lowers choices as long as the program still fails in the same way. */
export async function shrink(trials: Trials, failure: Failure, budget = 800): Promise<Failure> {
  let best = failure;
  const seen = new Set<string>([failure.program.text]);
  const better = async (choices: readonly number[]): Promise<boolean> => {
    if (budget <= 0) return false;
    const made = program(choices, null);
    if (seen.has(made.text) || made.text.length > best.program.text.length) return false;
    seen.add(made.text);
    budget--;
    const verdict = await attempt(trials, made).catch(() => ({ type: "skipped", why: "cannot be run" }) as Verdict);
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
