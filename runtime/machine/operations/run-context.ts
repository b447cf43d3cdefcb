/** `currentRun()`: which run the calling code is part of. */
import { currentRun as runInTurn } from "../current-run.ts";
import { steps } from "./step-context.ts";

/** The run that the calling code is part of. */
export interface CurrentRun {
  /** As it was given to `engine.start`, or made for it: others reach the run by `engine.run(id)`. */
  readonly id: string;
}

/**
 * The run that the calling code is part of: in durable code, and in the ordinary code of its steps. `undefined` outside of any, as in unit tests.
 *
 * @example
 * await askForQuote(supplier, { replyTo: currentRun()?.id });
 * const quote = await receive<Quote>("quote");
 */
export function currentRun(): CurrentRun | undefined {
  const id = runInTurn()?.id ?? steps.getStore()?.run;
  return id === undefined ? undefined : { id };
}
