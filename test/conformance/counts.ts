/** What the last run of each list gave: `expected/counts.json`, and the table that is printed from it, `results.md`. */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Result } from "./execute.ts";
import { byReason, readExpected } from "./expected.ts";
import { lists } from "./lists.ts";
import { folder } from "./places.ts";
import { reasons } from "./reasons.ts";

export interface Count {
  readonly passed: number;
  /** Tests that were run. */
  readonly total: number;
  /** Tests of the list that pass natively: more than were run, when the run was cut off. */
  readonly list: number;
  /** In persist mode. */
  readonly saved?: {
    readonly saves: number;
    /** Tests with a live frame at a save. */
    readonly withFrame: { readonly passed: number; readonly total: number };
    /** Tests without one that pass: they count under semantics only. */
    readonly semanticsOnly: number;
    /** Objects of the host and the harness that the saves of one test refer to. */
    readonly references: { readonly median: number; readonly most: number };
  };
}

export type Mode = "semantics" | "persist";
export type Counts = Readonly<Record<string, Readonly<Partial<Record<Mode, Count>>>>>;

export function countOf(results: Iterable<Result>, mode: string, list: number): Count {
  const all = [...results];
  const passed = (of: readonly Result[]): number => of.filter((it) => it.passed).length;
  const count = { passed: passed(all), total: all.length, list };
  if (mode !== "persist") return count;
  const withFrame = all.filter((it) => (it.withFrame ?? 0) > 0);
  const references = all.map((it) => it.references ?? 0).sort((a, b) => a - b);
  return {
    ...count,
    saved: {
      saves: all.reduce((sum, it) => sum + (it.saves ?? 0), 0),
      withFrame: { passed: passed(withFrame), total: withFrame.length },
      semanticsOnly: passed(all) - passed(withFrame),
      references: { median: references[Math.floor(references.length / 2)] ?? 0, most: references.at(-1) ?? 0 },
    },
  };
}

const file = join(folder, "expected", "counts.json");
export const resultsFile = join(folder, "results.md");

export const readCounts = (): Counts => (existsSync(file) ? JSON.parse(readFileSync(file, "utf8")) : {});

export function writeCount(list: string, mode: Mode, count: Count): void {
  const counts = readCounts();
  writeFileSync(file, `${JSON.stringify({ ...counts, [list]: { ...counts[list], [mode]: count } }, null, 2)}\n`);
  writeFileSync(resultsFile, printResults());
}

/** The table of every list in both modes, and what does not pass, by reason. */
export function printResults(): string {
  const counts = readCounts();
  const rows: string[][] = [];
  const failures: string[][] = [];
  for (const list of Object.keys(lists))
    for (const mode of ["semantics", "persist"] as const) {
      const count = counts[list]?.[mode];
      if (count === undefined) continue;
      const { saved } = count;
      rows.push([
        list,
        mode,
        share(count),
        count.total === count.list ? "whole" : `${number(count.total)} of ${number(count.list)}`,
        saved === undefined || saved.withFrame.total === 0 ? "" : share(saved.withFrame),
        saved === undefined ? "" : number(saved.semanticsOnly),
        saved === undefined ? "" : `${saved.references.median}, ${saved.references.most}`,
        saved === undefined ? "" : number(saved.saves),
      ]);
      for (const [reason, paths] of byReason(readExpected(list, mode)))
        failures.push([list, mode, reason, number(paths.length), `\`${shorter(paths[0]!)}\``]);
    }
  return `<!-- Printed by \`npm run test262 -- --update\`, from expected/. -->

# What test262 gives

At be13516 of test262, on Node 20, in strict mode, of the tests that pass natively. The README says what is run in each mode.

${printTable(
  [
    "list",
    "mode",
    "passed",
    "run",
    "with a live frame at a save",
    "without one, passed",
    "references, median and most",
    "saves",
  ],
  rows,
)}

Without a live frame at any save, a test shows what compiled code means and nothing about saving. References are objects of the host and the harness, which a
test's saves refer to by name.

## What does not pass

${printTable(["list", "mode", "reason", "tests", "one of them"], failures)}

${printTable(
  ["reason", "why"],
  [
    ...Object.entries(reasons).filter(([reason]) => reason !== "native"),
    ["refused PD####", "a coded diagnostic: [docs/errors](../../docs/errors) has a page for each"],
    ["refused PD4001", "of those, what cannot be saved in principle, by its class"],
  ],
)}
`;
}

const number = (value: number): string => value.toLocaleString("en-US");
const share = ({ passed, total }: { readonly passed: number; readonly total: number }): string =>
  `${number(passed)} of ${number(total)} (${((100 * passed) / total).toFixed(passed === total ? 0 : 2)} %)`;
const shorter = (path: string): string => path.replace(/^test\/(?:language|built-ins)\//, "");
const printTable = (head: readonly string[], rows: readonly (readonly string[])[]): string =>
  [head, head.map(() => "---"), ...rows].map((cells) => `| ${cells.join(" | ")} |`).join("\n");
