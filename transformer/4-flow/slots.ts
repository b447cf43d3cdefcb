/** Names of slots: the variable's, `name$2` where that is taken or reserved; temporaries and regions numbered. */
import type { Machine, Slot } from "../ir/ir.ts";
import { retain } from "./simplify.ts";

/** The frame's own fields, and what a plain object treats specially. */
const RESERVED = ["pc", "$", "__proto__"];

/** Names the slots that something in the machine still uses; the others are dropped. */
export function nameSlots(machine: Machine, isUsed: (slot: Slot) => boolean): void {
  const taken = new Set(RESERVED);
  retain(machine.slots, isUsed);
  const name = (slot: Slot): void => {
    let candidate = slot.numbered ? `${slot.wanted}1` : slot.wanted;
    for (let n = 2; taken.has(candidate); n++) candidate = slot.numbered ? `${slot.wanted}${n}` : `${slot.wanted}$${n}`;
    taken.add(candidate);
    slot.name = candidate;
  };
  const isOfIterator = (slot: Slot): boolean => machine.regions.some((one) => one.iterator && one.slot === slot);
  // Variables first, so that no temporary takes a name from the source.
  for (const slot of machine.slots) if (!slot.numbered && !isOfIterator(slot)) name(slot);
  for (const slot of machine.slots) if (slot.numbered) name(slot);
  for (const region of machine.regions) if (region.iterator) region.slot.name = `${region.iterator.name}$close`;
}
