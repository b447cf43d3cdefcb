/**
 * A thenable of ordinary code that durable code awaits away from where it was made: a query builder in a variable, a lazy promise in an array. To
 * call its `then` in the turn would start its work before the commit, and nothing could wait for it after a crash; so awaiting it is a step on it.
 */
import { preview } from "../preview.ts";
import type { Run } from "../run.ts";
import { runtimeFunction } from "../runtime-code.ts";
import { stepError as error } from "./messages.ts";
import { valueOf } from "./operand.ts";

const awaitIt = runtimeFunction("thenable", 1, () => (thenable: unknown) => thenable);

/** Blocks the run with PD2213 when the thenable cannot be saved. */
export const stepOfThenable = (run: Run, thenable: object): Promise<unknown> =>
  run.makeStep(
    { place: run.place(), text: "await" },
    { type: "expression", code: awaitIt(), operands: [thenable] },
    {},
    (where, cause) => error("PD2213", { ...where, what: preview(valueOf(thenable), 0) }, cause),
  );
