/** How runs ended, for those who did not wait for it. */
import type { EncodedOutcome } from "../machine/contract.ts";
import type { RunHead, RunId } from "../store/store.ts";
import { errorWithFrames } from "./complaints.ts";
import type { EngineContext } from "./context.ts";
import { engineError } from "./messages.ts";
import { readOutcome } from "./saved-texts.ts";

/** Tells the observer what a run threw. */
export function tellFailure(
  context: EngineContext,
  run: RunId,
  fn: string,
  outcome: EncodedOutcome,
  isAwaited: boolean,
): void {
  context.observe({ type: "failed-run", run, function: fn, error: thrownBy(context, outcome), isAwaited });
}

/** Throws PD2522 for a turn in which the function threw: so it is given up, and the run blocked where it was. */
export function holdBackFailure(context: EngineContext, run: RunId, fn: string, outcome: EncodedOutcome | null): void {
  if (outcome?.status !== "rejected") return;
  const error = thrownBy(context, outcome);
  throw engineError("PD2522", { run, function: fn, error: errorWithFrames(error) }, error);
}

/** The error itself where it can be read. */
function thrownBy({ vats }: EngineContext, outcome: EncodedOutcome): unknown {
  try {
    const settled = vats.decode(outcome);
    return settled.status === "fulfilled" ? undefined : settled.reason;
  } catch {
    // Its class or codec refuses it.
    return new Error(outcome.error);
  }
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
