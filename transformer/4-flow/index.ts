/** From built blocks to a machine that can be printed: joined, named, with the slots that each resume point keeps. */
import type { Block, Machine, Slot } from "../ir/ir.ts";
import { nameLabels } from "./labels.ts";
import { liveness } from "./liveness.ts";
import { simplify } from "./simplify.ts";
import { nameSlots } from "./slots.ts";

/** Where a machine may be saved: each resume block with its live slots, in the order in which slots were made. */
export type LiveSlots = ReadonlyMap<Block, readonly Slot[]>;

/** `entered`: the slots that the caller fills. They have names even when nothing reads them. */
export function analyzeFlow(machine: Machine, entered: readonly Slot[]): LiveSlots {
  simplify(machine);
  const { isLive, isUsed } = liveness(machine);
  nameSlots(machine, (slot) => isUsed(slot) || entered.includes(slot));
  nameLabels(machine);
  const kept = new Map<Block, readonly Slot[]>();
  for (const block of machine.blocks) {
    if (!block.resumes) continue;
    kept.set(
      block,
      machine.slots.filter((slot) => isLive(block, slot)),
    );
  }
  return kept;
}
