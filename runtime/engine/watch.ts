/** Waiting for something in a run's head: by hints where they come, and by looking again. */
import type { RunHead, RunId } from "../store/store.ts";
import type { EngineContext } from "./context.ts";
import { after } from "./host.ts";
import { insist } from "./retry.ts";

const FIRST = 20;
const LONGEST = 1_000;

/** Reads the head until `answer` gives something else than undefined; reads again at a hint, and otherwise ever more rarely. */
export async function watch<T>(
  context: EngineContext,
  run: RunId,
  answer: (head: RunHead | null) => T | undefined,
): Promise<T> {
  const { store, host } = context;
  let hinted = false;
  let woken: () => void = () => {};
  const hint = (which: RunId): void => {
    if (which !== run) return;
    hinted = true;
    woken();
  };
  const unsubscribe = host.hints?.subscribe(hint);
  const deafen = store.listen?.("known", hint);
  try {
    for (let wait = FIRST; ; wait = Math.min(LONGEST, wait * 2)) {
      hinted = false;
      const found = answer(await insist(host, store.name, "read", () => store.read(run)));
      if (found !== undefined) return found;
      if (hinted) continue;
      await new Promise<void>((resolve) => {
        const cancel = after(host, wait, resolve);
        woken = () => {
          cancel();
          resolve();
        };
      });
    }
  } finally {
    unsubscribe?.();
    deafen?.();
  }
}
