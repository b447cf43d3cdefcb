/** `--write`: puts what was measured into docs/performance.md, between its two marks, and draws the chart. Rows that were not measured stay. */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Measured, markOf } from "../figure.ts";
import { type Outcome, round } from "../run-figures.ts";
import { logChart, type Series } from "./chart.ts";
import { figures } from "./index.ts";
import { bundles } from "./peers/install.ts";
import { resumePeers } from "./resume-peers.ts";

const docs = join(bundles, "../../../../docs");
const chart = join(docs, "resume.svg");
const BEGIN = "<!-- bench:stores writes from here -->";
const END = "<!-- bench:stores writes to here -->";

const COLORS: Readonly<Record<string, string>> = {
  "Perdure on SQLite": "#1a7f37",
  "Perdure on Postgres": "#0969da",
  DBOS: "#cf222e",
  Restate: "#9a6700",
};

const cell = (text: string): string => text.replace(/\|/g, "\\|");

function row({ figure, measured }: { figure: Outcome["figure"]; measured: Measured }): string {
  const { ratio, value, unit, against, beside = {} } = measured;
  const others = Object.entries(beside).map(([name, one]) => `${name} ${round(one)}`);
  const seen = `**${round(ratio)}** (${[`${round(value)} ${unit}`, ...others].join("; ")})`;
  return `| ${[`\`${figure.name}\``, cell(against), markOf(figure), cell(seen)].join(" | ")} |`;
}

/** The keys of `beside` are "NAME, STEPS". */
function seriesOf(beside: Readonly<Record<string, number>>): Series[] {
  return Object.entries(COLORS).flatMap(([name, color]): Series[] => {
    const points = Object.entries(beside)
      .filter(([key]) => key.startsWith(`${name}, `))
      .map(([key, ms]) => [Number(key.slice(name.length + 2)), ms] as const);
    return points.length === 0 ? [] : [{ name, color, points }];
  });
}

export function write(outcomes: readonly Outcome[], machine: string): void {
  const path = join(docs, "performance.md");
  const text = readFileSync(path, "utf8");
  const from = text.indexOf(BEGIN);
  const to = text.indexOf(END);
  if (from < 0 || to < from) throw new Error(`${path} has no place for the table: ${BEGIN} … ${END}`);
  const rows = new Map<string, string>();
  for (const line of text.slice(from, to).split("\n")) {
    const name = /^\| `([^`]+)`/.exec(line)?.[1];
    if (name !== undefined) rows.set(name, line);
  }
  for (const outcome of outcomes) if ("measured" in outcome) rows.set(outcome.figure.name, row(outcome));
  const peers = outcomes.find(({ figure }) => figure === resumePeers);
  if (peers !== undefined && "measured" in peers) drawResume(peers.measured.beside!);
  const table = [
    "| figure | ratio of | mark | seen |",
    "|---|---|---|---|",
    ...figures.flatMap(({ name }) => rows.get(name) ?? []),
  ];
  const image = existsSync(chart) ? ["![ms to the next step against steps done, ours and theirs](resume.svg)", ""] : [];
  const section = [BEGIN, "", `${machine}.`, "", ...table, "", ...image, END].join("\n");
  writeFileSync(path, text.slice(0, from) + section + text.slice(to + END.length));
}

function drawResume(beside: Readonly<Record<string, number>>): void {
  const axes = {
    title: "To go on after so many steps, in a fresh process",
    x: "steps that the run has done",
    y: "ms to its next step",
  };
  writeFileSync(chart, logChart(axes, seriesOf(beside)));
}
