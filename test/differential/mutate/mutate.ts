/**
 * `npm run mutate:lowering [-- --phase 3-lower] [--only text]`: takes out one lowering at a time and looks for a program
 * that notices. A mutant that no program notices survives: the suite has a hole there, or the case is not needed.
 */
import { cpSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { parseArgs } from "node:util";
import { makeTree, modules, programs, root, type Tree } from "../compile.ts";
import { printed } from "../observation.ts";
import { observePlain } from "../plain.ts";
import { observeRun } from "../run.ts";
import { type Mutant, mutantsOf } from "./mutants.ts";

type Transform = typeof import("@perdure/transformer").transform;
type Main = () => unknown;

const { values } = parseArgs({
  options: { phase: { type: "string", default: "3-lower" }, only: { type: "string", default: "" } },
});
const dist = join(root, "transformer/dist");
const copies = join(root, "test/differential/dist", `mutants-${process.pid}`);

const native = await makeTree("native", null);
let transform: Transform = (await import("@perdure/transformer")).transform;
const machine = await makeTree("machine", (source, fileName) => {
  const { code, diagnostics } = transform(source, { fileName, root });
  if (diagnostics.some((it) => it.severity === "error")) throw new Error(diagnostics[0]!.message);
  return code ?? source;
});

interface Known {
  readonly path: string;
  readonly source: string;
  readonly emitted: string | null;
  readonly expected: ReadonlyMap<string, string>;
}
const known: Known[] = [];
for (const path of modules().filter((it) => it.includes("/"))) {
  const source = readFileSync(join(programs, path), "utf8");
  const expected = new Map<string, string>();
  for (const [name, main] of Object.entries(await native.load(path)))
    expected.set(name, printed(await observePlain(native, main as Main)));
  known.push({ path, source, emitted: transform(source, { fileName: join(programs, path), root }).code, expected });
}

const mutants = mutantsOf(dist, values.phase).filter((it) => `${it.file}:${it.line}`.includes(values.only));
const survivors: Mutant[] = [];
for (const [index, mutant] of mutants.entries()) {
  const killer = await killed(mutant, index);
  if (killer === undefined) survivors.push(mutant);
  const verdict = killer === undefined ? "SURVIVES" : `killed by ${killer}`;
  console.log(
    `${index + 1}/${mutants.length} ${mutant.file}:${mutant.line} ${mutant.kind} ${mutant.original}: ${verdict}`,
  );
}
console.log(
  `\n${mutants.length} mutants, ${survivors.length} survive (${survivors.filter((it) => it.kind === "case").length} of them cases)`,
);
for (const { file, line, kind, original } of survivors) console.log(`  ${file}:${line} ${kind} ${original}`);
native.remove();
machine.remove();
process.exit(survivors.some((it) => it.kind === "case") ? 1 : 0);

/** The program that notices the mutant. */
async function killed(mutant: Mutant, index: number): Promise<string | undefined> {
  const copy = join(copies, String(index));
  cpSync(dist, copy, { recursive: true, filter: (path) => !path.endsWith(".map") && !path.endsWith(".d.ts") });
  writeFileSync(join(copy, mutant.file), mutant.text);
  try {
    transform = (await import(pathToFileURL(join(copy, "index.js")).href)).transform;
    for (const one of known) {
      const fileName = join(programs, one.path);
      let emitted: string | null;
      try {
        const result = transform(one.source, { fileName, root });
        if (result.diagnostics.some((it) => it.severity === "error")) return `${one.path} (refused)`;
        emitted = result.code;
      } catch (error) {
        return `${one.path} (${String(error).slice(0, 60)})`;
      }
      if (emitted === one.emitted) continue;
      const name = await differs(machine, one);
      if (name !== undefined) return `${one.path} ${name}`;
    }
    return undefined;
  } finally {
    rmSync(copy, { recursive: true, force: true });
  }
}

async function differs(tree: Tree, { path, source, expected }: Known): Promise<string | undefined> {
  let exports: Record<string, unknown>;
  try {
    exports = await tree.add(path, source);
  } catch {
    return "(cannot be loaded)";
  }
  for (const [name, text] of expected)
    if (printed(await observePlain(tree, exports[name] as Main)) !== text) return name;
  for (const [name, text] of expected)
    if (printed(await observeRun(tree, exports[name] as Main, "job")) !== text) return `${name} (in a run)`;
  return undefined;
}
