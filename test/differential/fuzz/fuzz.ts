/** `npm run fuzz -- --seeds N [--from S]`: random programs in every mode. Prints what was covered, and each failure, shrunk. */
import { parseArgs } from "node:util";
import { report } from "../modes.ts";
import { attempt, generate, openTrials, shrink } from "./trial.ts";

const { values } = parseArgs({
  options: {
    seeds: { type: "string", default: "1000" },
    from: { type: "string", default: "1" },
    "keep-going": { type: "string", default: "3" },
  },
});
const from = Number(values.from);
const until = from + Number(values.seeds);
const enough = Number(values["keep-going"]);
const bench = await openTrials();
let failures = 0;
const skipped = new Map<string, number>();
const started = performance.now();
for (let seed = from; seed < until && failures < enough; seed++) {
  const verdict = await attempt(bench, generate(seed));
  if ((seed - from + 1) % 100 === 0)
    console.log(`${seed - from + 1} seeds, ${((performance.now() - started) / 1000).toFixed(0)} s`);
  if (verdict.type === "skipped") skipped.set(verdict.why, (skipped.get(verdict.why) ?? 0) + 1);
  if (verdict.type !== "failed") continue;
  failures++;
  const small = await shrink(bench, verdict.failure);
  const body = small.program.text.slice(small.program.text.indexOf("async function program"));
  console.log(`\nseed ${seed} fails (${small.kind}), ${small.program.typed ? "with types, " : ""}shrunk:\n${body}`);
  console.log(small.comparison === undefined ? small.message : report(small.comparison));
}
const seconds = ((performance.now() - started) / 1000).toFixed(1);
console.log(`\n${until - from} seeds from ${from} in ${seconds} s: ${failures} failures`);
for (const [why, n] of skipped) console.log(`  ${n} skipped: ${why}`);
console.log(String(bench.coverage));
bench.close();
process.exitCode = failures > 0 ? 1 : 0;
