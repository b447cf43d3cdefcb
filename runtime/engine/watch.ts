/**
 * Waiting for what becomes known of a run. A commit of a worker of this engine tells it at once, once it is acknowledged, and nothing has to be read;
 * for runs that others drive there are hints, and looking again.
 */
import type { RunId } from "../store/store.ts";
import type { EngineContext } from "./context.ts";
import { after } from "./host.ts";
import { insist } from "./retry.ts";
import type { Known } from "./watchers.ts";

const FIRST = 20;
const LONGEST = 1_000;

/**
 * Reads what is known of the run until `answer` gives something else than undefined; reads again at a hint, and otherwise ever more rarely. A run
 * that is driven here tells by itself: it is looked at only in case that it leaves. What was committed for another incarnation than `incarnation` is not heard.
 */
export async function watch<T>(
  { store, host, watchers, fresh }: Pick<EngineContext, "store" | "host" | "watchers" | "fresh">,
  run: RunId,
  incarnation: string | null,
  answer: (known: Known | null) => T | undefined,
): Promise<T> {
  let hinted = false;
  let told: Known | undefined;
  // Of a run that a worker of this engine is about to drive, or does since the last look, everything is still to be told.
  let isSilent = fresh.has(run, incarnation);
  let woken: () => void = () => {};
  const stops = watchers.stops;
  const end = watchers.add(run, (known) => {
    if (known !== undefined && (incarnation ?? known.incarnation) === known.incarnation) told = known;
    hinted = true;
    woken();
  });
  try {
    for (let wait = FIRST; ; wait = Math.min(LONGEST, wait * 2)) {
      hinted = false;
      if (told !== undefined || !isSilent) {
        const known = told ?? (await insist(host, store.name, "read", () => store.read(run)));
        told = undefined;
        const found = answer(known);
        if (found !== undefined) return found;
        if (hinted) continue;
      }
      const isHere = watchers.isHere(run);
      await new Promise<void>((resolve) => {
        const cancel = after(host, isHere ? LONGEST : wait, resolve, watchers.stops === stops);
        woken = () => {
          cancel();
          resolve();
        };
      });
      isSilent = !hinted && ((!isHere && watchers.isHere(run)) || fresh.has(run, incarnation));
    }
  } finally {
    end();
  }
}
