/** Runs a program outside a run, natively or as machines: platform promises under the virtual clock and the script. */
import { installClock, quiescence } from "./clock.ts";
import type { Observation } from "./observation.ts";
import type { OpenTree } from "./tree.ts";
import { PlainWorld } from "./world.ts";

/** Macrotasks that a program without anything pending may take to end: bodies of the platform are read by other threads. */
const PATIENCE = 50;

export async function observePlain(tree: OpenTree, main: () => unknown): Promise<Observation> {
  const world = new PlainWorld(tree.resumeToken);
  const unhandled: unknown[] = [];
  const restoreRejections = collectUnhandled(unhandled);
  const restoreClock = installClock(world);
  tree.stage.world = world;
  const { show } = tree;
  let outcome: string | undefined;
  let patience = PATIENCE;
  try {
    Promise.resolve(callAsync(main)).then(
      (value) => (outcome = `returned ${show(value)}`),
      (error) => (outcome = `threw ${show(error)}`),
    );
    for (;;) {
      await quiescence();
      if (unhandled.length > 0 && outcome === undefined)
        return { log: world.script.lines, outcome: `unhandled ${show(unhandled[0])}` };
      const entry = world.script.next();
      if (entry !== undefined) {
        entry.fire();
        patience = PATIENCE;
      } else if (outcome !== undefined || patience-- === 0) break;
    }
    return { log: world.script.lines, outcome: outcome ?? "stuck" };
  } finally {
    tree.stage.world = undefined;
    restoreClock();
    restoreRejections();
  }
}

/** A program that is no async function may throw at the call; a run turns that into its rejection. */
async function callAsync(main: () => unknown): Promise<unknown> {
  return main();
}

/** Takes the process's unhandled rejections for itself, until the returned function is called. */
function collectUnhandled(into: unknown[]): () => void {
  const others = process.rawListeners("unhandledRejection") as NodeJS.UnhandledRejectionListener[];
  process.removeAllListeners("unhandledRejection");
  const listener = (reason: unknown): void => void into.push(reason);
  process.on("unhandledRejection", listener);
  return () => {
    process.removeListener("unhandledRejection", listener);
    for (const other of others) process.on("unhandledRejection", other);
  };
}
