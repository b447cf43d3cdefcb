/**
 * Liveness of slots (Appel, Modern Compiler Implementation, 10.1): backwards over the blocks until nothing changes. An
 * error may leave a block anywhere, so what its landing block needs is live throughout it.
 */
import { ropesOf, successors } from "../ir/edges.ts";
import type { Block, Machine, Operation, Slot, Terminator } from "../ir/ir.ts";
import { walk } from "../ir/rope.ts";

interface Facts {
  /** Read before any definition in the block. */
  readonly uses: Set<Slot>;
  readonly definitions: Set<Slot>;
}

/** The slots that are live where each block begins. */
export function liveness(machine: Machine): Map<Block, Set<Slot>> {
  const facts = new Map(machine.blocks.map((block): [Block, Facts] => [block, factsOf(block)]));
  const live = new Map(machine.blocks.map((block): [Block, Set<Slot>] => [block, new Set()]));
  const pending = new Map(machine.regions.map((region): [Block, Slot] => [region.entry, region.slot]));
  const backwards = [...machine.blocks].reverse();
  const after = new Map(machine.blocks.map((block): [Block, ReadonlySet<Block>] => [block, successors(block)]));
  for (let changed = true; changed; ) {
    changed = false;
    for (const block of backwards) {
      const { uses, definitions } = facts.get(block)!;
      const now = new Set(uses);
      for (const next of after.get(block)!) {
        for (const slot of live.get(next)!) if (!definitions.has(slot)) now.add(slot);
      }
      if (block.handler) for (const slot of live.get(block.handler)!) now.add(slot);
      // A `return()` enters the region from the suspension, before the block has defined anything.
      if (block.leaves[0]) for (const slot of live.get(block.leaves[0].entry)!) now.add(slot);
      // Whoever comes to a region puts the completion into its slot on the way.
      const own = pending.get(block);
      if (own) now.delete(own);
      if (now.size === live.get(block)!.size) continue;
      live.set(block, now);
      changed = true;
    }
  }
  return live;
}

function factsOf(block: Block): Facts {
  const uses = new Set<Slot>();
  const definitions = new Set<Slot>();
  const read = (item: Operation | Terminator): void => {
    for (const rope of ropesOf(item)) {
      walk(rope, (piece) => {
        if (typeof piece === "string" || piece.type !== "slot" || piece.access !== "read") return;
        if (!definitions.has(piece.slot)) uses.add(piece.slot);
      });
    }
  };
  for (const operation of block.operations) {
    read(operation);
    if (operation.type === "assign") definitions.add(operation.slot);
    else for (const slot of operation.defines ?? []) definitions.add(slot);
  }
  const { end } = block;
  if (end) {
    read(end);
    // `endFinally` takes the completion out of the slot; `leave` puts one in.
    if (end.type === "endFinally" && !definitions.has(end.region.slot)) uses.add(end.region.slot);
    if (end.type === "leave") definitions.add(end.route.regions[0]!.slot);
  }
  return { uses, definitions };
}

/** Every slot that is mentioned anywhere: read, written, or pending in a region. */
export function slotsUsed(machine: Machine): Set<Slot> {
  const out = new Set<Slot>();
  for (const region of machine.regions) {
    out.add(region.slot);
    if (region.iterator) out.add(region.iterator);
  }
  for (const block of machine.blocks) {
    for (const item of [...block.operations, ...(block.end ? [block.end] : [])]) {
      if (item.type === "assign") out.add(item.slot);
      for (const rope of ropesOf(item))
        walk(rope, (piece) => {
          if (typeof piece !== "string" && piece.type === "slot") out.add(piece.slot);
        });
    }
  }
  return out;
}
