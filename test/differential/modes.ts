/** The modes of a program, and whether they observe the same. */
import type { Census } from "./census.ts";
import { type Observation, printed } from "./observation.ts";
import { observePlain } from "./plain.ts";
import { observeRun } from "./run.ts";
import type { OpenTree } from "./tree.ts";

/** In this order: the first that differs is the simplest to look at. */
export type ModeName = "machine" | "never" | "turn" | "job";

export interface Comparison {
  readonly native: Observation;
  /** The first mode that observes something else than the native one. */
  readonly differs: { readonly mode: ModeName; readonly observation: Observation } | undefined;
  /** What the saves at the ends of turns held. */
  readonly census: Census | undefined;
}

/** Both builds of the programs. */
export interface Builds {
  readonly native: OpenTree;
  readonly machine: OpenTree;
}

type Main = () => unknown;

/** Runs one program in every mode until one differs from the native one. A census loads every save once more. */
export async function compare(builds: Builds, native: Main, machine: Main, takes = true): Promise<Comparison> {
  const expected = await observePlain(builds.native, native);
  const text = printed(expected);
  const differing = (mode: ModeName, observation: Observation): Comparison | undefined =>
    printed(observation) === text ? undefined : { native: expected, differs: { mode, observation }, census: undefined };
  const plain = differing("machine", await observePlain(builds.machine, machine));
  if (plain !== undefined) return plain;
  let census: Census | undefined;
  for (const mode of ["never", "turn", "job"] as const) {
    const observation = await observeRun(builds.machine, machine, mode, takes);
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
