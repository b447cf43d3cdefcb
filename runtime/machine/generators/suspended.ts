/** What generators of both kinds have in common: how a suspended one is resumed with a completion, and runs on to its next suspension. */
import { type Frame, JUMP, type Label, RETURN, type Transfer } from "../../abi/index.ts";
import { Activation } from "../activation.ts";
import { traceThrown } from "../callers.ts";
import { currentRun } from "../current-run.ts";
import { error } from "../messages.ts";
import { passCoded } from "../promise/settle.ts";
import type { MachineCode } from "../registry.ts";
import type { Run } from "../run.ts";
import { leave } from "../transfers.ts";

/** What a generator is resumed with (ECMA-262 27.5.3.3, 27.5.3.4): the method that was called, or a completion of the inner iterator. */
export interface Resumption {
  readonly type: "next" | "throw" | "return";
  readonly value: unknown;
}

/** A generator's activation record, as far as running it is concerned. */
export interface Suspended {
  readonly code: MachineCode;
  frame: Frame;
  /** The run that it belongs to: nobody else may resume it. */
  run: Run | undefined;
  /** Where it was resumed last, for messages. */
  point: string | undefined;
}

/** Stands in the place of the frame of a generator that is completed: what the frame held is let go. */
export const OVER: Frame = Object.freeze({ pc: "over", $: undefined }) as Frame;

/** Label of the suspension before the body. */
export const START = "start";

/**
 * Delivers a completion where the generator stands and runs it to its next suspension, or to its end. A `throw` that no region takes, here or later, is
 * thrown; a `return` that none delays ends it.
 */
export function resume(generator: Suspended, { type, value }: Resumption): Transfer {
  const { code, frame } = generator;
  generator.point = String(frame.pc);
  if (type === "next") return advance(generator, value);
  if (type === "throw") {
    const landing = code.handlers[frame.pc];
    if (landing === undefined) throw value;
    frame.pc = landing;
    return advance(generator, value);
  }
  const regions = code.leaves[frame.pc];
  if (regions === undefined) {
    frame.$ = value;
    return RETURN;
  }
  leave(frame, { type: "return", value, to: regions });
  return advance(generator, undefined);
}

/** Runs blocks until one suspends or returns; an error unwinds by the handler table, and is thrown where that has no landing. */
export function advance(generator: Suspended, first: unknown): Transfer {
  const { code, frame, run } = generator;
  const outer = run?.executing;
  if (run !== undefined) run.executing = generator;
  let sent = first;
  try {
    for (;;) {
      let at: Label = frame.pc;
      try {
        let transfer = code.step(frame, sent);
        while (transfer === JUMP) {
          at = frame.pc;
          transfer = code.step(frame, undefined);
        }
        return transfer;
      } catch (thrown) {
        if (run !== undefined) passCoded(run, thrown);
        const landing = code.handlers[at];
        if (landing === undefined) {
          // What a sync one throws goes on to who has called it.
          if (run !== undefined && generator instanceof Activation) traceThrown(run, generator, thrown, advance);
          throw thrown;
        }
        frame.pc = landing;
        sent = thrown;
      }
    }
  } finally {
    if (run !== undefined) run.executing = outer;
  }
}

/** Takes what the frame hands over out of the transfer register. */
export function taken(frame: Frame): unknown {
  const value = frame.$;
  frame.$ = undefined;
  return value;
}

/** Refuses a generator of a run to everybody else: resumed outside its turns, it would change what is saved without them. */
export function checkOwner(generator: Suspended): void {
  const { run, code } = generator;
  const current = currentRun();
  if (run === undefined || run === current) return;
  const refused = error("PD2107", { function: code.name || "(anonymous)", run: run.id });
  if (current !== undefined) current.fail(refused);
  run.breakOutside(refused);
  throw refused;
}
