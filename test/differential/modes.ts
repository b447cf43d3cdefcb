/** The modes of a program, and whether they observe the same. */
import { join } from "node:path";
import { createTypeSource, type TypeSource, transform } from "@perdure/transformer";
import type { Census } from "./census.ts";
import { makeTree, programs, root, type Strip, type Tree } from "./compile.ts";
import { Coverage } from "./coverage.ts";
import { type Observation, printed } from "./observation.ts";
import { observePlain } from "./plain.ts";
import { observeRun } from "./run.ts";

/** In this order: the first that differs is the simplest to look at. */
export type ModeName = "machine" | "never" | "turn" | "job";

export interface Comparison {
  readonly native: Observation;
  /** The first mode that observes something else than the native one. */
  readonly differs: { readonly mode: ModeName; readonly observation: Observation } | undefined;
  /** What the saves at the ends of turns held. */
  readonly census: Census | undefined;
}

/** The transformer has errors for a program. */
export class Refused extends Error {
  override name = "Refused";
}

export interface Bench {
  readonly native: Tree;
  readonly machine: Tree;
  readonly coverage: Coverage;
  /** What the transformer emitted last. */
  emitted(): string;
  close(): void;
}

/** Files with types have their calls classified as in a project with a tsconfig; others by their position alone. */
export async function openBench(options: {
  readonly types: (fileName: string) => boolean;
  /** Breaks what was emitted, on purpose. */
  readonly spoil?: (emitted: string) => string;
  /** How types are taken away; default: by TypeScript. */
  readonly strip?: Strip;
}): Promise<Bench> {
  // A source keeps every file that it has opened, and checks a new one beside them: it is renewed now and then.
  let opened = 0;
  let source = createTypeSource({ tsconfig: join(programs, "tsconfig.json") });
  const typesOf = (fileName: string): { types: TypeSource } | undefined => {
    if (!options.types(fileName)) return undefined;
    if (++opened % 64 === 0) source = createTypeSource({ tsconfig: join(programs, "tsconfig.json") });
    return { types: source };
  };
  const coverage = new Coverage();
  let emitted = "";
  const native = await makeTree("native", null, options.strip);
  const transformed = (text: string, fileName: string): string => {
    const { code, manifest, diagnostics } = transform(text, {
      fileName,
      root,
      ...typesOf(fileName),
    });
    const errors = diagnostics.filter((it) => it.severity === "error");
    if (errors.length > 0) throw new Refused(errors.map((it) => `${it.code} ${it.message}`).join("\n"));
    emitted = (options.spoil ?? String)(code ?? text);
    coverage.add(emitted, manifest);
    return emitted;
  };
  const machine = await makeTree("machine", transformed, options.strip);
  const close = (): void => {
    native.remove();
    machine.remove();
  };
  return { native, machine, coverage, emitted: () => emitted, close };
}

type Main = () => unknown;

/** Runs one program in every mode until one differs from the native one. A census loads every save once more. */
export async function compare(bench: Bench, native: Main, machine: Main, takes = true): Promise<Comparison> {
  const expected = await observePlain(bench.native, native);
  const text = printed(expected);
  const differing = (mode: ModeName, observation: Observation): Comparison | undefined =>
    printed(observation) === text ? undefined : { native: expected, differs: { mode, observation }, census: undefined };
  const plain = differing("machine", await observePlain(bench.machine, machine));
  if (plain !== undefined) return plain;
  let census: Census | undefined;
  for (const mode of ["never", "turn", "job"] as const) {
    const observation = await observeRun(bench.machine, machine, mode, takes);
    const different = differing(mode, observation);
    if (different !== undefined) return different;
    if (mode === "turn") census = observation.census;
  }
  return { native: expected, differs: undefined, census };
}

/** Both logs of a failed comparison, side by side enough to read. */
export function report({ native, differs }: Comparison): string {
  if (differs === undefined) return "no difference";
  return `--- native\n${printed(native)}\n--- ${differs.mode}\n${printed(differs.observation)}`;
}
