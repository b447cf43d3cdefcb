/**
 * A thenable of ordinary code that durable code awaits away from where it was made: a query builder in a variable, a lazy promise in an array. To
 * call its `then` in the turn would start its work before the commit, and nothing could wait for it after a crash; so awaiting it is a step on it.
 */
import { isPerdureError } from "../../errors.ts";
import { textOf } from "../preview.ts";
import { printPlace, type Run } from "../run.ts";
import { runtimeFunction } from "../runtime-code.ts";
import { error } from "./messages.ts";
import { makeStep } from "./step.ts";

const awaitIt = runtimeFunction("thenable", 1, () => (thenable: unknown) => thenable);

/** Blocks the run with PD2213 when the thenable cannot be saved. */
export function stepOfThenable(run: Run, thenable: object): Promise<unknown> {
  const place = run.place();
  try {
    return makeStep(run, { place, text: "await" }, { type: "expression", code: awaitIt(), operands: [thenable] });
  } catch (thrown) {
    if (!isPerdureError(thrown)) throw thrown;
    run.poison = undefined;
    const why = (isPerdureError(thrown.cause) ? thrown.cause : thrown).message.split("\n")[0]!;
    return run.fail(
      error("PD2213", { function: place.function, place: printPlace(place), what: textOf(thenable), why }, thrown),
    );
  }
}
