/**
 * `npm run mutate:lowering [-- --phase 3-lower] [--kind condition] [--only text] [--from N]`: takes out one lowering at a
 * time and looks for a program, a golden text or a refused text that notices. A mutant that none notices survives: the suite
 * has a hole there, or the case is not needed.
 */
import { fork } from "node:child_process";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { root } from "../compile.ts";
import { openHunt } from "./hunt.ts";
import { type Mutant, phaseOf } from "./mutants.ts";

/** A mutant may loop for ever: mutants are tried in a child process, which is killed when it has been silent this long. */
const SILENCE = 30_000;
/** The child first compiles and runs every program without a mutation. */
const PREPARATION = 180_000;

const { values } = parseArgs({
  options: {
    phase: { type: "string", default: "3-lower" },
    only: { type: "string", default: "" },
    kind: { type: "string", default: "case" },
    from: { type: "string", default: "1" },
    child: { type: "string" },
  },
});
const dist = join(root, "transformer/dist");
const phase = phaseOf(dist, values.phase);
const mutants = phase.mutants.filter(
  (it) => `${it.file}:${it.line}`.includes(values.only) && it.kind.startsWith(values.kind),
);
const title = ({ file, line, kind, original }: Mutant): string => `${file}:${line} ${kind} ${original}`;

if (values.child !== undefined) {
  const hunt = await openHunt(dist, phase);
  process.send!("ready");
  for (let i = Number(values.child); i < mutants.length; i++)
    process.send!([i, (await hunt.killer(mutants[i]!)) ?? null]);
  hunt.close();
  process.exit(0);
}

const survivors: Mutant[] = [];
let next = Number(values.from) - 1;
while (next < mutants.length) next = await tryFrom(next);
const cases = survivors.filter((it) => it.kind === "case");
console.log(`\n${mutants.length} mutants, ${survivors.length} survive, ${cases.length} of them cases`);
for (const mutant of survivors) console.log(`  ${title(mutant)}`);
process.exit(cases.length > 0 ? 1 : 0);

/** Tries mutants from `first` on until the child ends; resolves with the first that has not been tried. */
function tryFrom(first: number): Promise<number> {
  return new Promise((resolve) => {
    let at = first;
    const tell = (killer: string | null): void => {
      const mutant = mutants[at]!;
      if (killer === null) survivors.push(mutant);
      console.log(
        `${at + 1}/${mutants.length} ${title(mutant)}: ${killer === null ? "SURVIVES" : `killed by ${killer}`}`,
      );
      at++;
    };
    const child = fork(fileURLToPath(import.meta.url), [...process.argv.slice(2), "--child", String(first)]);
    let watchdog: NodeJS.Timeout;
    const watch = (limit: number): void => {
      clearTimeout(watchdog);
      watchdog = setTimeout(() => child.kill("SIGKILL"), limit);
    };
    watch(PREPARATION);
    child.on("message", (message: "ready" | [number, string | null]) => {
      watch(SILENCE);
      if (message !== "ready") tell(message[1]);
    });
    child.on("exit", (code) => {
      clearTimeout(watchdog);
      // Silence, or a crash of the whole process, is a difference too.
      if (code !== 0 && at < mutants.length) tell(`${code === null ? "silence" : `exit code ${code}`}`);
      resolve(at);
    });
  });
}
