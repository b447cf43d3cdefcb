/**
 * Where the product does not do yet what the language does, each with the exact way in which it differs. The suite fails
 * when one of these no longer differs, or differs in another way: what is mended leaves this file.
 */
import type { ModeName } from "./modes.ts";

export interface Known {
  /** The first mode that differs from the native one. */
  readonly mode: ModeName;
  /** How the program ends in that mode: a coded refusal, or what a wrong answer is. */
  readonly outcome: RegExp;
}

/** Modules that the compiler refuses, by path, with the code. */
export const refusedModules: ReadonlyMap<string, RegExp> = new Map();

const known: ReadonlyMap<string, Known> = new Map();

export const knownOf = (id: string): Known | undefined => known.get(id);

/** Entries of modules and programs that are not among these. */
export const stale = (seen: ReadonlySet<string>): string[] =>
  [...refusedModules.keys(), ...known.keys()].filter((id) => !seen.has(id));

/** Refusals that random programs run into, by their text. */
export const refusals: readonly RegExp[] = [/PD4001: run \(value\)/, /PD4001.*iterator of the platform/];
