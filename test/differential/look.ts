/** `look [filter]`: compares the programs whose path and name hold the filter, and prints differences in full. */

import { openBench } from "./bench.ts";
import { modules } from "./compile.ts";
import { compare, report } from "./modes.ts";

const [filter = "", verbose] = process.argv.slice(2);
const bench = await openBench({ types: () => true });
const tally: Record<string, number> = {};
const count = (key: string): void => void (tally[key] = (tally[key] ?? 0) + 1);
for (const path of modules().filter((it) => it.includes("/"))) {
  const [wantedPath = "", wantedName = ""] = filter.split(" ");
  if (!path.includes(wantedPath)) continue;
  const native = await bench.native.load(path);
  let machine: Record<string, unknown>;
  try {
    machine = await bench.machine.load(path);
  } catch (error) {
    console.log(
      `## ${path} cannot be compiled or loaded: ${verbose ? (error as Error).stack : (error as Error).message.slice(0, 600)}`,
    );
    for (const _ of Object.keys(native)) count("not loaded");
    continue;
  }
  if (verbose) console.log(bench.emitted());
  for (const [name, main] of Object.entries(native)) {
    if (!name.includes(wantedName)) continue;
    if (process.env.PROGRESS) process.stderr.write(`${path} ${name}\n`);
    const comparison = await compare(bench, main as () => unknown, machine[name] as () => unknown);
    count(comparison.differs?.mode ?? "same");
    if (comparison.census && comparison.census.withFrame === 0) count("no frame at a save");
    if (comparison.census && comparison.census.fibers > 1) count("concurrent");
    if (comparison.census && comparison.census.withClosure + comparison.census.withInstance > 0)
      count("closure or instance");
    if (comparison.differs) console.log(`## ${path} ${name}\n${report(comparison)}\n`);
  }
}
console.log(tally, String(bench.coverage));
bench.close();
process.exit(0);
