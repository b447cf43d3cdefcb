/** What is another thing in a step than in the run: asked before the run's own kinds when operands are encoded and opened. */
import type { Kind } from "../../codec/contract.ts";
import { stateOf } from "../promise/state.ts";

/** A promise belongs to the run's queue, with the frames that wait for it; a step may run in another process. */
const promise: Kind<Promise<unknown>> = {
  tag: "promise",
  test: (value): value is Promise<unknown> => stateOf(value) !== undefined,
  encode: (_value, encoder) =>
    encoder.refuse("it is a promise of the run: await it before the step, and pass what it yields"),
  create: (_payload, decoder) => decoder.corrupt("a promise stands among a step's operands"),
  fill() {},
};

export const stepKinds: readonly Kind[] = [promise as unknown as Kind];
