/**
 * A process that observes programs which another one has built. It loads no compiler, so it is soon ready; and it soon ends, since Node keeps every module
 * that it has loaded and the runtime looks at all that are linked.
 */
import { type Comparison, compare } from "../modes.ts";
import { openTree } from "../tree.ts";

/** Where a module stands as built for each mode, and which of its exports are programs. */
export interface Job {
  readonly native: string;
  readonly machine: string;
  readonly names: readonly string[];
}

export type Answer = readonly Comparison[] | { readonly broken: string };

type Module = Record<string, () => unknown>;

const [native, machine] = process.argv.slice(2);
const builds = { native: await openTree("native", native!), machine: await openTree("machine", machine!) };

async function observe(job: Job): Promise<Answer> {
  const [natives, machines] = [(await import(job.native)) as Module, (await import(job.machine)) as Module];
  const comparisons: Comparison[] = [];
  for (const name of job.names) {
    // What a save held is of no use here.
    const { census: _, ...rest } = await compare(builds, natives[name]!, machines[name]!, false);
    comparisons.push({ ...rest, census: undefined });
  }
  return comparisons;
}

process.on("message", async (job: Job) => {
  const answer = await observe(job).catch((error: Error) => ({ broken: String(error.stack ?? error) }));
  process.send!(answer);
});
process.send!("ready");
