/** `[--json] [--only NAME] [--write]`: each figure in a process of its own; one that fails is told, and the others go on. */
import { cpus, release, type } from "node:os";
import { parseArgs } from "node:util";
import { measureApart } from "./apart.ts";
import { type Figure, type Measured, markOf, reaches } from "./figure.ts";

const options = {
  json: { type: "boolean" },
  only: { type: "string", multiple: true },
  write: { type: "boolean" },
  measure: { type: "string" },
} as const;

/** How a figure turned out. */
export type Outcome =
  | { readonly figure: Figure; readonly measured: Measured }
  | { readonly figure: Figure; readonly error: string };

export interface Command {
  /** After which a figure is given up, unless BENCH_SECONDS says otherwise. */
  readonly seconds: number;
  /** What `--write` does. */
  readonly write?: (outcomes: readonly Outcome[], machine: string) => void;
}

function finder(figures: readonly Figure[]): (name: string) => Figure {
  return (name) => {
    const figure = figures.find((one) => one.name === name);
    if (figure !== undefined) return figure;
    throw new Error(`no figure is called ${name}; there are ${figures.map((one) => one.name).join(", ")}`);
  };
}

export const round = (value: number): number => Number(value.toPrecision(3));

async function measure(figure: Figure, seconds: number): Promise<Outcome> {
  try {
    await figure.prepare?.();
    return { figure, measured: await measureApart(figure.name, seconds) };
  } catch (error) {
    return { figure, error: error instanceof Error ? error.message : String(error) };
  }
}

function asJson(outcome: Outcome): object {
  const { name } = outcome.figure;
  if ("error" in outcome) return { name, ratio: null, value: null, unit: "", against: "", error: outcome.error };
  const { ratio, value, unit, against, beside } = outcome.measured;
  const rounded = Object.fromEntries(Object.entries(beside ?? {}).map(([key, one]) => [key, round(one)]));
  return { name, ratio: round(ratio), value: round(value), unit, against, ...(beside && { beside: rounded }) };
}

function line(outcome: Outcome): string {
  const { figure } = outcome;
  if ("error" in outcome) return `${figure.name.padEnd(18)}  not measured: ${outcome.error}`;
  const { ratio, value, unit, against, beside = {} } = outcome.measured;
  const columns = [figure.name.padEnd(18), String(round(ratio)).padStart(8), markOf(figure).padStart(8)];
  const others = Object.entries(beside).map(([name, one]) => `${name} ${round(one)}`);
  columns.push(reaches(figure, outcome.measured) ? " " : "✗", `${round(value)} ${unit}`, against);
  return [...columns, ...(others.length > 0 ? [`(${others.join(", ")})`] : [])].join("  ");
}

/** The whole command. Exits with 1 when a figure could not be measured, whatever the marks say. */
export async function runFigures(figures: readonly Figure[], { seconds, write }: Command): Promise<void> {
  const { values } = parseArgs({ options });
  const named = finder(figures);
  if (values.measure !== undefined) {
    console.log(JSON.stringify(await named(values.measure).measure()));
    process.exit(0);
  }
  if (values.write && write === undefined) throw new Error("--write is an option of bench:stores");
  const outcomes: Outcome[] = [];
  const limit = Number(process.env["BENCH_SECONDS"] ?? seconds);
  for (const figure of values.only ? values.only.map(named) : figures) {
    const outcome = await measure(figure, limit);
    outcomes.push(outcome);
    if (!values.json) console.log(line(outcome));
  }
  const machine = `${cpus().length} × ${cpus()[0]?.model.trim()}, ${type()} ${release()}, Node ${process.versions.node}`;
  if (values.json) console.log(JSON.stringify({ machine, figures: outcomes.map(asJson) }));
  else console.log(machine);
  if (values.write) write?.(outcomes, machine);
  if (outcomes.some((outcome) => "error" in outcome)) process.exitCode = 1;
}
