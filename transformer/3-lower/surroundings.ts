/** What a piece of text is a part of: how it names `this`, its frame and its home object. */
import type { ts } from "@ts-morph/common";
import type { Binding } from "../2-analyze/bindings.ts";
import type { Slot } from "../ir/ir.ts";
import type { Rope } from "../ir/rope.ts";

/** How text reaches the frame of the machine it is a part of. */
export interface FrameAccess {
  /** The slot that holds a lowered variable or its cell, or a captured cell; undefined for variables of kept scopes. */
  slotOf(binding: Binding): Slot | undefined;
  /** `return v` inside kept text. */
  returns(value: Rope | null): Rope;
  /** `break` or `continue` that leaves kept text; undefined when it stays inside. */
  jumps(node: ts.BreakOrContinueStatement): Rope | undefined;
}

/** What the text is a part of. */
export interface Surroundings {
  readonly frame: FrameAccess | null;
  readonly self: Rope;
  /** The cell behind `this` while `super(…)` may not have been called yet: what arrows inside take in its place. */
  readonly selfCell: Rope | null;
  readonly args: Rope;
  readonly target: Rope;
  /** `super`'s home object, when the text no longer stands in its method. */
  readonly home: Rope | null;
  /** The cell behind `home`, when that is an object literal: what arrows inside take. */
  readonly homeCell: Rope | null;
  /** Path of the function, for the names of what is lifted out of it. */
  readonly path: string;
  /** Inside the callback of a step: functions stay where they are. */
  readonly volatile: boolean;
  /** Values that nobody needs while an instance is loaded, and which are not evaluated then; and which form stands for each. */
  readonly skipped?: ReadonlyMap<ts.Node, "undefined" | "[]">;
}

/** Text that stands where the user wrote it: `this` is `this`. */
export const inPlace = (path: string): Surroundings => ({
  frame: null,
  self: "this",
  selfCell: null,
  args: "arguments",
  target: "new.target",
  home: null,
  homeCell: null,
  path,
  volatile: false,
});
