/** How runs ended, for those who did not wait for it. */
import type { EncodedOutcome } from "../machine/contract.ts";
import type { RunHead, RunId } from "../store/store.ts";
import type { EngineContext } from "./context.ts";
import { readOutcome } from "./saved-texts.ts";

/** Tells the observer what a run threw, with the error itself where it can be read. */
export function tellFailure(
  { vats, observe }: EngineContext,
  run: RunId,
  fn: string,
  outcome: EncodedOutcome,
  isAwaited: boolean,
): void {
  let error: unknown;
  try {
    const settled = vats.decode(outcome);
    if (settled.status !== "fulfilled") error = settled.reason;
  } catch {
    // Its class or codec refuses it.
    error = new Error(outcome.error);
  }
  observe({ type: "failed-run", run, function: fn, error, isAwaited });
}

/** What the run threw, in a few words, as its head tells it: nothing is decoded, so no class has to be linked. */
export function errorIn({ run, status, result }: RunHead): string | null {
  if (result === null || status === "done") return null;
  try {
    return readOutcome(result, run).error ?? null;
  } catch {
    return null;
  }
}
