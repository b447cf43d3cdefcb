/**
 * Liveness of slots (Appel, Modern Compiler Implementation, 10.1): backwards over the blocks until nothing changes. An
 * error may leave a block anywhere, so what its landing block needs is live throughout it.
 */
import { ropesOf, successors } from "../ir/edges.ts";
import type { Block, Machine, Operation, Piece, Slot, Terminator } from "../ir/ir.ts";
import { walk } from "../ir/rope.ts";

export interface Liveness {
  /** The slots that are live where each block begins. */
  readonly live: ReadonlyMap<Block, ReadonlySet<Slot>>;
  /** Every slot that is mentioned anywhere: read, written, or pending in a region. */
  readonly used: ReadonlySet<Slot>;
}

/** What one block does with slots, and which blocks its text jumps to. */
interface Facts {
  /** Read before any definition in the block. */
  readonly uses: Set<Slot>;
  readonly definitions: Set<Slot>;
  readonly jumps: readonly Block[];
}

export function liveness(machine: Machine): Liveness {
  const used = new Set<Slot>();
  for (const region of machine.regions) {
    used.add(region.slot);
    if (region.iterator) used.add(region.iterator);
  }
  const facts = new Map(machine.blocks.map((block): [Block, Facts] => [block, factsOf(block, used)]));
  const jumps = new Map(machine.blocks.map((block): [Block, readonly Block[]] => [block, facts.get(block)!.jumps]));
  // What a block uses is live where it begins; the rest is added until nothing changes.
  const live = new Map(machine.blocks.map((block): [Block, Set<Slot>] => [block, new Set(facts.get(block)!.uses)]));
  // Whoever comes to a region puts the completion into its slot on the way.
  const pending = new Map(machine.regions.map((region): [Block, Slot] => [region.entry, region.slot]));
  for (const [entry, slot] of pending) live.get(entry)?.delete(slot);
  const after = new Map(machine.blocks.map((block): [Block, readonly Block[]] => [block, successors(block, jumps)]));
  const backwards = [...machine.blocks].reverse();
  for (let changed = true; changed; ) {
    changed = false;
    for (const block of backwards) {
      const { definitions } = facts.get(block)!;
      const now = live.get(block)!;
      const own = pending.get(block);
      const before = now.size;
      for (const next of after.get(block)!)
        for (const slot of live.get(next)!) if (slot !== own && !definitions.has(slot)) now.add(slot);
      if (block.handler) for (const slot of live.get(block.handler)!) if (slot !== own) now.add(slot);
      // A `return()` enters the region from the suspension, before the block has defined anything.
      if (block.leaves[0]) for (const slot of live.get(block.leaves[0].entry)!) if (slot !== own) now.add(slot);
      if (now.size !== before) changed = true;
    }
  }
  return { live, used };
}

function factsOf(block: Block, used: Set<Slot>): Facts {
  const uses = new Set<Slot>();
  const definitions = new Set<Slot>();
  const jumps: Block[] = [];
  const note = (piece: Piece): void => {
    if (typeof piece === "string") return;
    if (piece.type === "label") jumps.push(piece.block);
    if (piece.type !== "slot") return;
    used.add(piece.slot);
    if (piece.access === "read" && !definitions.has(piece.slot)) uses.add(piece.slot);
  };
  const read = (item: Operation | Terminator): void => {
    for (const rope of ropesOf(item)) walk(rope, note);
  };
  for (const operation of block.operations) {
    read(operation);
    if (operation.type === "assign") {
      used.add(operation.slot);
      definitions.add(operation.slot);
    } else for (const slot of operation.defines ?? []) definitions.add(slot);
  }
  const { end } = block;
  if (end) {
    read(end);
    // `endFinally` takes the completion out of the slot; `leave` puts one in.
    if (end.type === "endFinally" && !definitions.has(end.region.slot)) uses.add(end.region.slot);
    if (end.type === "leave") definitions.add(end.route.regions[0]!.slot);
  }
  return { uses, definitions, jumps };
}
