/** What `explain` prints: each call of durable code with its class and why, and at the end those that could not be classified. */
import { relative, sep } from "node:path";
import type { CallKind, Manifest, ManifestCall } from "@perdure/transformer";

/** One durable file as the compiler read it. */
export interface Explanation {
  /** Path relative to the root, with slashes. */
  readonly file: string;
  /** Whether types were known: a tsconfig covers the file. */
  readonly typed: boolean;
  /** Every call of its durable code, in source order. */
  readonly calls: readonly ManifestCall[];
  /** Those that run at once, although nobody knows whether they yield a promise. */
  readonly unclassified: readonly ManifestCall[];
  /** The file as `explain: true` prints it. */
  readonly text: string;
}

/** How each kind is called in print, and what it means. */
const KINDS: Readonly<Record<CallKind, readonly [label: string, meaning: string]>> = {
  step: [
    "step",
    "ordinary code that yields a promise: issued once everything before it is saved, repeated after a crash",
  ],
  durable: ["durable", "a durable function: it is saved with the run wherever it waits"],
  operation: ["operation", "a timer, a token or a child run: kept in the store, and happens exactly once"],
  turn: ["in the turn", "runs inside the run; its effect on the run's data is never lost and never doubled"],
  now: ["at once", "ordinary code that yields no promise: runs where it stands, again if the turn is repeated"],
  kept: ["kept", "used only by steps: if its value cannot be saved, it is evaluated again in each attempt"],
  part: ["part", "belongs to the step around it, and runs in its attempts"],
  unknown: [
    "UNKNOWN",
    "runs at once, and nobody knows whether it yields a promise; if it does, the run stops with PD2201",
  ],
};

const WIDTH = Math.max(...Object.values(KINDS).map(([label]) => label.length));

/** @param root absolute path that file names are relative to */
export function explain(fileName: string, root: string, { typed, calls }: Manifest): Explanation {
  const file = relative(root, fileName).split(sep).join("/");
  const unclassified = calls.filter(({ kind }) => kind === "unknown");
  const one = { file, typed, calls, unclassified };
  return { ...one, text: printFile(one) + printUnclassified([one]) };
}

/** All files of a build, then what its kinds mean, and last what could not be classified. */
export function printExplanations(files: readonly Explanation[]): string {
  if (files.length === 0) return 'No file says "use durable".\n';
  return files.map(printFile).join("\n") + printLegend(files) + printUnclassified(files);
}

type Explained = Omit<Explanation, "text">;

function printFile({ file, typed, calls }: Explained): string {
  const title = `${file}${typed ? "" : "  (no tsconfig covers it: types are unknown)"}`;
  if (calls.length === 0) return `${title}\n  no calls\n`;
  const places = calls.map(({ position }) => position.join(":"));
  const margin = Math.max(...places.map((place) => place.length));
  const lines = calls.flatMap(({ kind, text, why }, i) => [
    `  ${places[i]!.padStart(margin)}  ${KINDS[kind][0].padEnd(WIDTH)}  ${text}`,
    `  ${" ".repeat(margin + WIDTH + 4)}${why}`,
  ]);
  return `${[title, ...lines].join("\n")}\n`;
}

function printLegend(files: readonly Explained[]): string {
  const used = new Set(files.flatMap(({ calls }) => calls.map(({ kind }) => kind)));
  const rows = Object.entries(KINDS).filter(([kind]) => used.has(kind as CallKind));
  if (rows.length === 0) return "";
  return `\n${rows.map(([, [label, meaning]]) => `${label.padEnd(WIDTH)}  ${meaning}`).join("\n")}\n`;
}

function printUnclassified(files: readonly Explained[]): string {
  const open = files.flatMap(({ file, unclassified }) => unclassified.map((call) => ({ file, call })));
  if (open.length === 0) return "";
  const lines = open.flatMap(({ file, call: { position, text, why, advice } }) => [
    `  ${file}:${position.join(":")}  ${text}`,
    `    ${why}`,
    `    ${advice}`,
  ]);
  const title = open.length === 1 ? "1 call could not be classified:" : `${open.length} calls could not be classified:`;
  return `\n${[title, ...lines].join("\n")}\n`;
}
