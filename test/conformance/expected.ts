/**
 * Expected results: every test of a list that does not pass, with one of a few reasons. `native` fails without the compiler too, and is
 * not counted.
 */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { folder } from "./places.ts";

const fileOf = (list: string, mode: string): string => join(folder, "expected", `${list}.${mode}.txt`);

/** Path to reason. */
export type Expected = ReadonlyMap<string, string>;

/** A line is a reason (`# refused PD1001`) for the paths after it. */
export function readExpected(list: string, mode: string): Expected {
  const found = new Map<string, string>();
  const file = fileOf(list, mode);
  let reason = "";
  for (const line of existsSync(file) ? readFileSync(file, "utf8").split("\n") : []) {
    if (line.startsWith("# ")) reason = line.slice(2);
    else if (line !== "") found.set(line, reason);
  }
  return found;
}

/** In order of the reasons, and under each in order of the paths. */
export function byReason(expected: Expected): readonly (readonly [reason: string, paths: readonly string[]])[] {
  const found = new Map<string, string[]>();
  for (const [path, reason] of expected) found.set(reason, [...(found.get(reason) ?? []), path]);
  return [...found].sort(([a], [b]) => (a < b ? -1 : 1)).map(([reason, paths]) => [reason, paths.sort()] as const);
}

export function writeExpected(list: string, mode: string, failures: Expected): void {
  const text = byReason(failures)
    .map(([reason, paths]) => `# ${reason}\n${paths.join("\n")}\n`)
    .join("\n");
  writeFileSync(fileOf(list, mode), text);
}

/** What is not as it is expected to be. */
export interface Differences {
  /** Tests that fail and are not expected to, or for another reason: what was refused may not become wrong. */
  readonly regressions: readonly string[];
  readonly mended: readonly string[];
}

export const differences = (
  expected: Expected,
  failures: Expected,
  passes: (path: string) => boolean,
): Differences => ({
  regressions: [...failures].filter(([path, reason]) => expected.get(path) !== reason).map(([path]) => path),
  mended: [...expected.keys()].filter(passes),
});
