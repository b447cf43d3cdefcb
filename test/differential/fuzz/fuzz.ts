/**
 * `npm run fuzz -- --seeds N [--from S] [--jobs J] [--keep-going F]`: random programs in every mode, until F of them failed. Prints what was covered, and each
 * failure, shrunk.
 */
import { spawn } from "node:child_process";
import { parseArgs } from "node:util";
import { report } from "../modes.ts";
import type { Program } from "./program.ts";
import { attemptAll, BATCH, generate, isForLater, openTrials, shrink, type Verdict } from "./trial.ts";

const { values } = parseArgs({
  options: {
    seeds: { type: "string", default: "1000" },
    from: { type: "string", default: "1" },
    jobs: { type: "string", default: "1" },
    "keep-going": { type: "string", default: "3" },
  },
});
const from = Number(values.from);
const until = from + Number(values.seeds);
const enough = Number(values["keep-going"]);
const jobs = Number(values.jobs);
const started = performance.now();
const seconds = (): string => ((performance.now() - started) / 1000).toFixed(0);

if (jobs === 1) await all();
else await shares();

/** Every seed of this process; in batches with types and without. */
async function all(): Promise<void> {
  const trials = await openTrials();
  const skipped = new Map<string, number>();
  let failures = 0;
  const take = async (seed: number, verdict: Verdict): Promise<void> => {
    if (verdict.type === "skipped") skipped.set(verdict.why, (skipped.get(verdict.why) ?? 0) + 1);
    if (verdict.type !== "failed" || failures++ >= enough) return;
    console.log(`\nseed ${seed} fails (${verdict.failure.kind})`);
    const small = await shrink(trials, verdict.failure);
    const body = small.program.text.slice(small.program.text.indexOf("async function program"));
    console.log(`shrunk, ${small.program.typed ? "with types" : "without types"}:\n${body}`);
    console.log(small.comparison === undefined ? small.message : report(small.comparison));
  };
  const waiting = new Map<boolean, [number, Program][]>([
    [true, []],
    [false, []],
  ]);
  // A batch is compiled while the one before is observed.
  let before: Promise<void> = Promise.resolve();
  const flush = async (batch: [number, Program][]): Promise<void> => {
    if (batch.length === 0) return;
    const taken = batch.splice(0);
    const earlier = before;
    const attempted = attemptAll(
      trials,
      taken.map(([, made]) => made),
    );
    before = (async () => {
      const verdicts = await attempted;
      await earlier;
      for (const [i, verdict] of verdicts.entries()) await take(taken[i]![0], verdict);
    })();
    await earlier;
  };
  for (let seed = from; seed < until && failures < enough; seed++) {
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
  await before;
  const missing = failures < enough ? "" : "; not all were tried";
  console.log(`${until - from} seeds from ${from} in ${seconds()} s: ${failures} failures${missing}`);
  for (const [why, n] of skipped) console.log(`  ${n} skipped: ${why}`);
  console.log(String(trials.bench.coverage));
  trials.close();
  process.exitCode = failures > 0 ? 1 : 0;
}

/** An equal share of the seeds for each of the processes. */
async function shares(): Promise<void> {
  const size = Math.ceil((until - from) / jobs);
  const work = (i: number): Promise<number | null> => {
    const first = from + i * size;
    const seeds = Math.max(0, Math.min(size, until - first));
    return run(["--from", String(first), "--seeds", String(seeds), "--keep-going", String(enough)]);
  };
  const codes = await Promise.all(Array.from({ length: jobs }, (_, i) => work(i)));
  process.exitCode = codes.every((code) => code === 0) ? 0 : 1;
}

function run(args: readonly string[]): Promise<number | null> {
  return new Promise((resolve) => {
    spawn(process.execPath, [...process.execArgv, process.argv[1]!, ...args], { stdio: "inherit" }).on("exit", resolve);
  });
}
