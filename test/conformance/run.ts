/**
 * `npm run test262 -- --test262 DIR [--mode semantics|persist|native] [--list NAME] [--jobs N] [--filter TEXT] [--sample N] [--inject-await] [--update] [--out FILE [--resume | --again]]`
 * runs lists of tests against a checkout of test262 and compares with the expected results. Anything that fails and is not expected to
 * ends with status 1; so does what is expected to fail and passes, unless only a part of the list was run. `--update` writes what it finds,
 * and of a whole list the counts (counts.ts). `--out` gets a line of JSON for each test; with `--resume`, what has one is not run
 * again; with `--again`, only what has one and did not pass is, and the report is of what has one.
 */
import { appendFileSync, existsSync, readFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { type Count, countOf, writeCount } from "./counts.ts";
import type { Result } from "./execute.ts";
import { byReason, differences, type Expected, readExpected, writeExpected } from "./expected.ts";
import { lists, select } from "./lists.ts";
import { runTests } from "./pool.ts";
import { isReason, refusal } from "./reasons.ts";

const { values } = parseArgs({
  options: {
    test262: { type: "string" },
    mode: { type: "string", default: "semantics" },
    list: { type: "string", multiple: true },
    jobs: { type: "string", default: String(availableParallelism()) },
    filter: { type: "string", default: "" },
    sample: { type: "string", default: "1" },
    "inject-await": { type: "boolean", default: false },
    update: { type: "boolean", default: false },
    out: { type: "string" },
    resume: { type: "boolean", default: false },
    again: { type: "boolean", default: false },
  },
});
const { mode, filter, test262 } = values;
if (test262 === undefined) throw new Error("which checkout of test262? --test262 DIR");
if (!["native", "semantics", "persist"].includes(mode)) throw new Error(`no mode ${mode}`);
const isWhole = filter === "" && values.sample === "1";

/** Milliseconds: for `$DONE`, and for a test that is one run. */
interface Haste {
  readonly patience: number;
  readonly limit: number;
}
const hasty: Haste = { patience: 1_000, limit: 30_000 };
const patient: Haste = { patience: 10_000, limit: 120_000 };
const isLate = (result: Result | undefined): boolean => result?.phase === "timeout";

let failed = false;
for (const name of values.list ?? Object.keys(lists)) {
  if (mode === "persist" && lists[name]?.early) continue;
  if (!Object.hasOwn(lists, name)) throw new Error(`no list ${name}: ${Object.keys(lists).join(", ")}`);
  failed = (await runList(name, test262)) || failed;
}
process.exit(failed ? 1 : 0);

async function runList(name: string, test262: string): Promise<boolean> {
  const every = Number(values.sample);
  const natively = readExpected(name, "native");
  const paths = select(test262, name, new RegExp(filter))
    .filter((_, i) => i % every === 0)
    .filter((path) => mode === "native" || !natively.has(path));
  const inject = values["inject-await"] || lists[name]!.inject === true;
  const results = new Map<string, Result>(values.resume || values.again ? known(paths) : []);
  const begun = Date.now();
  const run = (some: readonly string[], jobs: number, haste: Haste): Promise<void> =>
    runTests(
      some,
      {
        worker: join(dirname(fileURLToPath(import.meta.url)), "worker.mjs"),
        settings: JSON.stringify({
          mode: mode === "semantics" && lists[name]!.inRun ? "run" : mode,
          test262,
          inject,
          patience: haste.patience,
          limit: haste.limit,
        }),
        jobs,
        timeout: 2 * haste.limit,
      },
      (path, result) => {
        results.set(path, result);
        if (values.out !== undefined) appendFileSync(values.out, `${JSON.stringify({ path, ...result })}\n`);
        if (results.size % 1000 === 0) console.error(`  ${results.size} of ${paths.length}`);
      },
    );
  const isWanted = (path: string): boolean => (values.again ? results.get(path)?.passed === false : !results.has(path));
  await run(spread(paths.filter(isWanted)), Number(values.jobs), hasty);
  // On a busy machine time says little: what had none is asked again, alone.
  await run(
    paths.filter((path) => isLate(results.get(path))),
    1,
    patient,
  );
  const sorted = [...results].sort(([a], [b]) => (a < b ? -1 : 1));
  const count = countOf(results.values(), mode, paths.length);
  const expected = readExpected(name, mode);
  const failures = new Map(
    sorted.flatMap(([path, result]) => (result.passed ? [] : [[path, reasonOf(result)] as const])),
  );
  report(name, count, failures, (Date.now() - begun) / 1000);
  if (values.update) {
    // Of a part of the list, the rest stays as it was.
    const others = [...expected].filter(([path]) => (!isWhole || paths.includes(path)) && !results.has(path));
    writeExpected(name, mode, new Map([...others, ...failures]));
    if (isWhole && (mode === "semantics" || mode === "persist")) writeCount(name, mode, count);
    const unexplained = new Map([...failures].filter(([, reason]) => mode !== "native" && !isReason(reason)));
    tell("fails, and nobody has said why", unexplained, results);
    return unexplained.size > 0;
  }
  return compare(expected, failures, results);
}

/** Every 32nd first: a run that is cut off is a sample of the list, which `--resume` completes. */
function spread(paths: readonly string[]): readonly string[] {
  return Array.from({ length: 32 }, (_, part) => paths.filter((_, i) => i % 32 === part)).flat();
}

/** What `--out` has of earlier runs; the last line of a test is its verdict. */
function* known(paths: readonly string[]): Generator<[string, Result]> {
  const wanted = new Set(paths);
  if (values.out === undefined || !existsSync(values.out)) return;
  for (const line of readFileSync(values.out, "utf8").split("\n")) {
    if (line === "") continue;
    const { path, ...result } = JSON.parse(line) as Result & { path: string };
    if (wanted.has(path)) yield [path, result];
  }
}

/** Refusals and warnings of the compiler say why. */
function reasonOf({ phase, error = "", warned }: Result): string {
  if (mode === "native") return "native";
  const code = /\bPD\d{4}\b/.exec(error)?.[0];
  if (code !== undefined) return refusal(code, error);
  if (phase === "timeout") return "slow";
  if (warned !== undefined) return `warned ${warned}`;
  return phase === "parse" ? "parser: TypeScript refuses the syntax" : `unexplained (${phase})`;
}

function report(name: string, { passed, total, saved }: Count, failures: Expected, seconds: number): void {
  const line = (what: string, passed: number, total: number): void =>
    console.log(`${what.padEnd(40)} ${passed}/${total}  ${((100 * passed) / Math.max(1, total)).toFixed(1)} %`);
  line(`${name}, ${mode}`, passed, total);
  if (saved !== undefined) {
    line("  with a live frame at a save", saved.withFrame.passed, saved.withFrame.total);
    console.log(`  semantics only, no frame was alive at any save: ${saved.semanticsOnly} that pass`);
    console.log(
      `  saves: ${saved.saves}; references to the host and harness in a test: ` +
        `median ${saved.references.median}, most ${saved.references.most}`,
    );
  }
  for (const [reason, paths] of byReason(failures)) console.log(`  ${String(paths.length).padStart(5)}  ${reason}`);
  console.log(`  ${seconds.toFixed(0)} s`);
}

/** Prints what is not as expected. */
function compare(expected: Expected, failures: Expected, results: ReadonlyMap<string, Result>): boolean {
  const { regressions, mended } = differences(expected, failures, (path) => results.get(path)?.passed === true);
  tell("fails", new Map(regressions.map((path) => [path, ""])), results);
  for (const path of mended) console.log(`passes, and is listed as failing: ${path}`);
  return regressions.length > 0 || (isWhole && mended.length > 0);
}

function tell(what: string, failures: Expected, results: ReadonlyMap<string, Result>): void {
  for (const [path] of [...failures].slice(0, 40))
    console.log(`${what}: ${path}\n       ${results.get(path)!.phase}: ${results.get(path)!.error}`);
  if (failures.size > 40) console.log(`… and ${failures.size - 40} others`);
}
