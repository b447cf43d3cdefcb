/** `npm run simulate -- --seeds N [--from S] [--store dynamodb|postgres|sqlite] [--mutation NAME]`: plays seeds, prints a histogram of faults, and the trace of a seed that fails. */
import { PROTOCOL_MUTATIONS, type ProtocolMutationName } from "./dynamodb/mutations.ts";
import { KINDS } from "./faults.ts";
import { MUTATIONS, type MutationName } from "./mutations.ts";
import type { Persistence } from "./persistence.ts";
import { SERVER_MUTATIONS, type ServerMutationName } from "./postgres/mutations.ts";
import { type Report, simulate } from "./simulate.ts";
import { FILE_MUTATIONS, type FileMutationName } from "./sqlite/mutations.ts";

const argument = (name: string): string | undefined => {
  const index = process.argv.indexOf(`--${name}`);
  return index < 0 ? undefined : process.argv[index + 1];
};

const seeds = Number(argument("seeds") ?? 200);
const from = Number(argument("from") ?? 1);
const store = argument("store") ?? "memory";
const mutationName = argument("mutation");
const persistences: Readonly<Record<string, readonly [mutations: object, persistence: Persistence]>> = {
  memory: [MUTATIONS, "memory"],
  dynamodb: [PROTOCOL_MUTATIONS, { dynamodb: PROTOCOL_MUTATIONS[mutationName as ProtocolMutationName] ?? {} }],
  postgres: [SERVER_MUTATIONS, { postgres: SERVER_MUTATIONS[mutationName as ServerMutationName] ?? {} }],
  sqlite: [FILE_MUTATIONS, { sqlite: FILE_MUTATIONS[mutationName as FileMutationName] ?? {} }],
};
if (!(store in persistences)) {
  console.error(`unknown store; there are: ${Object.keys(persistences).join(", ")}`);
  process.exit(2);
}
const [mutations, persistence] = persistences[store]!;
if (mutationName !== undefined && !(mutationName in mutations)) {
  console.error(`unknown mutation; there are: ${Object.keys(mutations).join(", ")}`);
  process.exit(2);
}
const play = (seed: number): Promise<Report> =>
  simulate(seed, store === "memory" ? (MUTATIONS[mutationName as MutationName] ?? {}) : {}, persistence);

const struck = new Map<string, number>();
const began = Date.now();
let runs = 0;
let events = 0;
let fewest = Number.POSITIVE_INFINITY;
for (let seed = from; seed < from + seeds; seed++) {
  const report = await play(seed);
  let faults = 0;
  for (const [kind, count] of report.faults) {
    struck.set(kind, (struck.get(kind) ?? 0) + count);
    faults += count;
  }
  fewest = Math.min(fewest, faults);
  runs += report.runs;
  events += report.events;
  if (report.verdicts.length > 0) {
    console.log(report.trace.join("\n"));
    for (const { guarantee, what } of report.verdicts) console.log(`BROKEN    ${guarantee}: ${what}`);
    console.log(`\nseed ${seed} fails; play it again with --from ${seed} --seeds 1`);
    process.exit(1);
  }
}
for (const kind of KINDS) console.log(`${String(struck.get(kind) ?? 0).padStart(8)}  ${kind}`);
console.log(
  `${seeds} seeds, ${runs} runs, ${events} events, at least ${fewest} faults a seed, ${((Date.now() - began) / 1000).toFixed(1)} s: clean`,
);
