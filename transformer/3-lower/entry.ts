/** How a machine is entered. */
import type { Binding } from "../2-analyze/bindings.ts";
import type { Machine, Slot } from "../ir/ir.ts";
import type { Rope } from "../ir/rope.ts";

/** What the wrapper of a machine puts into its frame. */
export interface Entry {
  readonly machine: Machine;
  /** Slots of plain parameters, by name; null when block 0 binds them from the slot `params`. */
  readonly parameters: readonly { readonly name: string; readonly slot: Slot }[] | null;
  readonly params: Slot | null;
  readonly captures: readonly { readonly binding: Binding; readonly slot: Slot }[];
  readonly self: Slot | null;
  readonly args: Slot | null;
  readonly target: Slot | null;
  readonly home: Slot | null;
  /** The function's own name, when its body uses it. */
  readonly own: { readonly name: string; readonly slot: Slot } | null;
  /** The frame's other fields, known once slots have names: a frame that never grows has one shape, which the engine's caches know. */
  readonly rest: Rope[];
}
