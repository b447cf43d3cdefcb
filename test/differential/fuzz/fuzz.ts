/**
 * `npm run fuzz -- --seeds N [--from S] [--jobs J]`: random programs in every mode. Prints what was covered, and each failure, shrunk.
 *
 * A process takes a slice of the seeds: what Node has loaded it keeps for ever, and the runtime looks at every module that is linked, so one process would take longer and
 * longer for each.
 */
import { spawn } from "node:child_process";
import { parseArgs } from "node:util";
import { report } from "../modes.ts";
import type { Program } from "./program.ts";
import { attemptAll, BATCH, generate, isForLater, openTrials, shrink, type Verdict } from "./trial.ts";

const SLICE = 240;
const { values } = parseArgs({
  options: {
    seeds: { type: "string", default: "1000" },
    from: { type: "string", default: "1" },
    jobs: { type: "string", default: "1" },
    "keep-going": { type: "string", default: "3" },
    /** A slice: it starts no others. */
    slice: { type: "boolean", default: false },
  },
});
const from = Number(values.from);
const until = from + Number(values.seeds);
const enough = Number(values["keep-going"]);
const started = performance.now();
const seconds = (): string => ((performance.now() - started) / 1000).toFixed(0);

if (values.slice || until - from <= SLICE) await slice();
else await slices();

/** Every seed of this process; in batches with types and without. */
async function slice(): Promise<void> {
  const bench = await openTrials();
  const skipped = new Map<string, number>();
  let failures = 0;
  const take = async (seed: number, verdict: Verdict): Promise<void> => {
    if (verdict.type === "skipped") skipped.set(verdict.why, (skipped.get(verdict.why) ?? 0) + 1);
    if (verdict.type !== "failed" || failures++ >= enough) return;
    const small = await shrink(bench, verdict.failure);
    const body = small.program.text.slice(small.program.text.indexOf("async function program"));
    console.log(`\nseed ${seed} fails (${small.kind}), ${small.program.typed ? "with types, " : ""}shrunk:\n${body}`);
    console.log(small.comparison === undefined ? small.message : report(small.comparison));
  };
  const waiting = new Map<boolean, [number, Program][]>([
    [true, []],
    [false, []],
  ]);
  const flush = async (batch: [number, Program][]): Promise<void> => {
    if (batch.length === 0) return;
    const verdicts = await attemptAll(
      bench,
      batch.map(([, made]) => made),
    );
    for (const [i, verdict] of verdicts.entries()) await take(batch[i]![0], verdict);
    batch.length = 0;
  };
  for (let seed = from; seed < until; seed++) {
    const made = generate(seed);
    if (isForLater(made)) {
      await take(seed, { type: "skipped", why: "this Node does not parse `using`" });
      continue;
    }
    const batch = waiting.get(made.typed)!;
    batch.push([seed, made]);
    if (batch.length === BATCH) await flush(batch);
  }
  for (const batch of waiting.values()) await flush(batch);
  console.log(`${until - from} seeds from ${from} in ${seconds()} s: ${failures} failures`);
  for (const [why, n] of skipped) console.log(`  ${n} skipped: ${why}`);
  if (!values.slice) console.log(String(bench.coverage));
  bench.close();
  process.exitCode = failures > 0 ? 1 : 0;
}

/** Slices one after the other, `jobs` of them at a time, until enough of them failed. */
async function slices(): Promise<void> {
  let next = from;
  let failed = 0;
  const work = async (): Promise<void> => {
    while (next < until && failed < enough) {
      const first = next;
      next = Math.min(first + SLICE, until);
      const args = [
        "--slice",
        "--from",
        String(first),
        "--seeds",
        String(next - first),
        "--keep-going",
        String(enough),
      ];
      if ((await run([...process.execArgv, process.argv[1]!, ...args])) !== 0) failed++;
    }
  };
  await Promise.all(Array.from({ length: Number(values.jobs) }, work));
  console.log(`\nseeds ${from} to ${next - 1} in ${seconds()} s: ${failed} slices failed`);
  process.exitCode = failed > 0 ? 1 : 0;
}

function run(args: readonly string[]): Promise<number | null> {
  return new Promise((resolve) => {
    spawn(process.execPath, args, { stdio: "inherit" }).on("exit", resolve);
  });
}
