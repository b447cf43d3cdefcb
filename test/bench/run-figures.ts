/** `[--json] [--only NAME]`: each figure in a process of its own. */
import { spawn } from "node:child_process";
import { cpus, release, type } from "node:os";
import { parseArgs } from "node:util";
import { type Figure, type Measured, reaches } from "./figure.ts";

const options = {
  json: { type: "boolean" },
  only: { type: "string", multiple: true },
  measure: { type: "string" },
} as const;

function finder(figures: readonly Figure[]): (name: string) => Figure {
  return (name) => {
    const figure = figures.find((one) => one.name === name);
    if (figure !== undefined) return figure;
    throw new Error(`no figure is called ${name}; there are ${figures.map((one) => one.name).join(", ")}`);
  };
}

/** The child's answer is its last line. */
function measureApart({ name }: Figure): Promise<Measured> {
  const child = spawn(process.execPath, [...process.execArgv, process.argv[1]!, "--measure", name], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  let output = "";
  child.stdout.on("data", (chunk) => (output += chunk));
  return new Promise((resolve, reject) => {
    child.on("exit", (code) => {
      if (code === 0) resolve(JSON.parse(output.trim().split("\n").at(-1)!) as Measured);
      else reject(new Error(`${name} ended with ${code}\n${output}`));
    });
  });
}

const round = (value: number): number => Number(value.toPrecision(3));

function print(figure: Figure, measured: Measured): void {
  const { reach } = figure;
  const mark = `${reach.at === "most" ? "≤" : "≥"} ${reach.ratio}`;
  const columns = [figure.name.padEnd(18), String(round(measured.ratio)).padStart(8), mark.padStart(8)];
  const beside = Object.entries(measured.beside ?? {}).map(([name, value]) => `${name} ${round(value)}`);
  columns.push(reaches(figure, measured) ? " " : "✗", `${round(measured.value)} ${measured.unit}`, measured.against);
  console.log([...columns, ...(beside.length > 0 ? [`(${beside.join(", ")})`] : [])].join("  "));
}

/** The whole command. */
export async function runFigures(figures: readonly Figure[]): Promise<void> {
  const { values } = parseArgs({ options });
  const named = finder(figures);
  if (values.measure !== undefined) {
    console.log(JSON.stringify(await named(values.measure).measure()));
    process.exit(0);
  }
  const chosen = values.only ? values.only.map(named) : figures;
  const results: object[] = [];
  for (const figure of chosen) {
    const measured = await measureApart(figure);
    const { ratio, value, unit, against, beside } = measured;
    const rounded = Object.fromEntries(Object.entries(beside ?? {}).map(([key, one]) => [key, round(one)]));
    results.push({
      name: figure.name,
      ratio: round(ratio),
      value: round(value),
      unit,
      against,
      ...(beside && { beside: rounded }),
    });
    if (!values.json) print(figure, measured);
  }
  const machine = `${cpus().length} × ${cpus()[0]?.model.trim()}, ${type()} ${release()}, Node ${process.versions.node}`;
  if (values.json) console.log(JSON.stringify({ machine, figures: results }));
  else console.log(machine);
}
