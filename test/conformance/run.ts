/**
 * `npm run test262 -- --test262 DIR [--mode semantics|persist|native] [--list NAME] [--jobs N] [--filter TEXT] [--sample N] [--inject-await] [--update] [--out FILE]`
 * runs lists of tests against a checkout of test262 and compares with the expected results. Anything that fails and is not expected to
 * ends with status 1; so does what is expected to fail and passes, unless only a part of the list was run. `--update` writes what it finds.
 */
import { appendFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import type { Result } from "./execute.ts";
import { type Expected, readExpected, writeExpected } from "./expected.ts";
import { lists, select } from "./lists.ts";
import { runTests } from "./pool.ts";

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
  },
});
const { mode, filter, test262 } = values;
if (test262 === undefined) throw new Error("which checkout of test262? --test262 DIR");
if (!["native", "semantics", "persist"].includes(mode)) throw new Error(`no mode ${mode}`);
const isWhole = filter === "" && values.sample === "1";

let failed = false;
for (const name of values.list ?? Object.keys(lists)) {
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
  const results = new Map<string, Result>();
  const begun = Date.now();
  await runTests(
    paths,
    {
      worker: join(dirname(fileURLToPath(import.meta.url)), "worker.mjs"),
      settings: JSON.stringify({
        mode: mode === "semantics" && lists[name]!.inRun ? "run" : mode,
        test262,
        inject,
        patience: 1_000,
      }),
      jobs: Number(values.jobs),
      timeout: 60_000,
    },
    (path, result) => {
      results.set(path, result);
      if (values.out !== undefined) appendFileSync(values.out, `${JSON.stringify({ path, ...result })}\n`);
      if (results.size % 1000 === 0) console.error(`  ${results.size} of ${paths.length}`);
    },
  );
  const sorted = [...results].sort(([a], [b]) => (a < b ? -1 : 1));
  report(name, results, (Date.now() - begun) / 1000);
  const expected = readExpected(name, mode);
  const failures = new Map(
    sorted.flatMap(([path, result]) =>
      result.passed ? [] : [[path, expected.get(path) ?? reasonOf(result)] as const],
    ),
  );
  if (values.update) {
    // Of a part of the list, the rest stays as it was.
    const others = [...expected].filter(([path]) => !isWhole && !results.has(path));
    writeExpected(name, mode, new Map([...others, ...failures]));
    return false;
  }
  return compare(expected, failures, results);
}

/** Refusals say why by themselves. */
function reasonOf({ phase, error = "" }: Result): string {
  if (mode === "native") return "native";
  const code = /\bPD\d{4}\b/.exec(error)?.[0];
  if (code !== undefined) return `refused ${code}`;
  return phase === "parse" ? "parser: TypeScript refuses the syntax" : `unexplained (${phase})`;
}

function report(name: string, results: ReadonlyMap<string, Result>, seconds: number): void {
  const all = [...results.values()];
  const count = (test: (result: Result) => boolean): number => all.filter(test).length;
  const line = (what: string, passed: number, total: number): void =>
    console.log(`${what.padEnd(40)} ${passed}/${total}  ${((100 * passed) / Math.max(1, total)).toFixed(1)} %`);
  line(
    `${name}, ${mode}`,
    count((it) => it.passed),
    all.length,
  );
  if (mode === "persist") {
    const saved = all.filter((it) => (it.withFrame ?? 0) > 0);
    line("  with a live frame at a save", saved.filter((it) => it.passed).length, saved.length);
    console.log(
      `  semantics only, no frame was alive at any save: ${count((it) => it.passed && !it.withFrame)} that pass`,
    );
    const references = all.map((it) => it.references ?? 0).sort((a, b) => a - b);
    console.log(
      `  saves: ${all.reduce((sum, it) => sum + (it.saves ?? 0), 0)}; references to the host and harness in a test: ` +
        `median ${references[Math.floor(references.length / 2)] ?? 0}, most ${references.at(-1) ?? 0}`,
    );
  }
  const reasons = new Map<string, number>();
  for (const result of all) if (!result.passed) reasons.set(reasonOf(result), (reasons.get(reasonOf(result)) ?? 0) + 1);
  for (const [reason, n] of [...reasons].sort((a, b) => b[1] - a[1]))
    console.log(`  ${String(n).padStart(5)}  ${reason}`);
  console.log(`  ${seconds.toFixed(0)} s`);
}

/** Prints what is not as expected. */
function compare(expected: Expected, failures: Expected, results: ReadonlyMap<string, Result>): boolean {
  const regressions = [...failures].filter(([path]) => !expected.has(path));
  const mended = [...expected.keys()].filter((path) => results.get(path)?.passed);
  for (const [path] of regressions.slice(0, 40))
    console.log(`fails: ${path}\n       ${results.get(path)!.phase}: ${results.get(path)!.error}`);
  if (regressions.length > 40) console.log(`… and ${regressions.length - 40} others`);
  for (const path of mended) console.log(`passes, and is listed as failing: ${path}`);
  return regressions.length > 0 || (isWhole && mended.length > 0);
}
