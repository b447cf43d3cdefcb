/** Terminators of blocks (docs/abi.md, section 3): each notes in the frame what comes next and tells the driver by number. */
import {
  AWAIT,
  type Completion,
  DELEGATE,
  type Frame,
  JUMP,
  type Label,
  RETURN,
  type Transfer,
  YIELD,
} from "../abi/index.ts";

export function jump(frame: Frame, label: Label): Transfer {
  frame.pc = label;
  return JUMP;
}

/** Suspends: the block `label` gets the value as `sent`, or is where the rejection is thrown. */
function await_(frame: Frame, label: Label, value: unknown): Transfer {
  frame.pc = label;
  frame.$ = value;
  return AWAIT;
}

/** A generator that has been called suspends before its body. */
export function start(frame: Frame, label: Label): Transfer {
  frame.pc = label;
  return YIELD;
}

/** Suspends a generator: the block `label` gets what `next` is given as `sent`, or is where `throw` throws. */
function yield_(frame: Frame, label: Label, value: unknown): Transfer {
  frame.pc = label;
  frame.$ = value;
  return YIELD;
}

/** `yield*`: the generator's driver asks the inner iterator from now on; `sent` is what that returns in the end. */
export function delegate(frame: Frame, label: Label, value: unknown): Transfer {
  frame.pc = label;
  frame.$ = value;
  return DELEGATE;
}

function return_(frame: Frame, value: unknown): Transfer {
  frame.$ = value;
  return RETURN;
}

export { await_ as await, return_ as return, yield_ as yield };

/**
 * Leaves regions with a completion. `to` is the regions still to pass, inner first, then the target label (none for
 * `return`); a region's label is the name of the slot where its completion waits while the region's `finally` runs.
 */
export function leave(frame: Frame, completion: Exclude<Completion, { type: "throw" }>): Transfer {
  const { to } = completion;
  if (to.length === 0) return completion.type === "return" ? return_(frame, completion.value) : lost(frame);
  const next = to[0]!;
  if (completion.type !== "return" && to.length === 1) return jump(frame, next);
  // The completion is the frame's alone: made by the text that leaves, or taken out of the slot before.
  (completion as { to: readonly Label[] }).to = to.slice(1);
  frame[next] = completion;
  return jump(frame, next);
}

/** Goes on with what a `finally` interrupted: throws the pending throw, otherwise goes the rest of the route. */
export function endFinally(frame: Frame, slot: string): Transfer {
  const completion = frame[slot] as Completion;
  frame[slot] = undefined;
  if (completion.type === "throw") throw completion.value;
  return leave(frame, completion);
}

/** Generated code that jumps nowhere is a bug of the compiler; going on would run the wrong block. */
function lost(frame: Frame): never {
  throw new Error(`a completion without a route at block ${String(frame.pc)}: this is a bug in the compiler`);
}
