/**
 * Liveness of slots (Appel, Modern Compiler Implementation, 10.1): backwards over the blocks until nothing changes. An
 * error may leave a block anywhere, so what its landing block needs is live throughout it. Sets of slots are rows of bits.
 */
import { ropesOf, successors, type TextJumps } from "../ir/edges.ts";
import type { Block, Machine, Operation, Piece, Slot, Terminator } from "../ir/ir.ts";
import { walk } from "../ir/rope.ts";

export interface Liveness {
  /** Whether the slot is live where the block begins. */
  isLive(block: Block, slot: Slot): boolean;
  /** Whether the slot is mentioned anywhere: read, written, or pending in a region. */
  isUsed(slot: Slot): boolean;
}

const BITS = 32;

/** Sets of slots, by their numbers. */
class Rows {
  private readonly width: number;
  private readonly words: Uint32Array;

  constructor(count: number, slots: number) {
    this.width = Math.ceil(slots / BITS);
    this.words = new Uint32Array(count * this.width);
  }

  has(row: number, { number }: Slot): boolean {
    return (this.words[row * this.width + ((number / BITS) | 0)]! & (1 << (number % BITS))) !== 0;
  }

  add(row: number, { number }: Slot): void {
    this.words[row * this.width + ((number / BITS) | 0)]! |= 1 << (number % BITS);
  }

  delete(row: number, { number }: Slot): void {
    this.words[row * this.width + ((number / BITS) | 0)]! &= ~(1 << (number % BITS));
  }

  /** Adds to a row what another one has, without what stands in a row of `except`; answers whether that was new. */
  addAll(row: number, from: number, except: Rows, exceptRow: number): boolean {
    let grew = false;
    for (let at = 0; at < this.width; at++) {
      const now = this.words[row * this.width + at]!;
      const next = now | (this.words[from * this.width + at]! & ~except.words[exceptRow * this.width + at]!);
      if (next >>> 0 === now) continue;
      this.words[row * this.width + at] = next;
      grew = true;
    }
    return grew;
  }
}

export function liveness(machine: Machine): Liveness {
  const { blocks, slots, regions } = machine;
  for (let at = 0; at < blocks.length; at++) blocks[at]!.number = at;
  for (let at = 0; at < slots.length; at++) slots[at]!.number = at;
  const used = new Rows(1, slots.length);
  /** What a block uses before it defines it is live where it begins; the rest is added until nothing changes. */
  const live = new Rows(blocks.length, slots.length);
  /** What is defined in a block, and what others put in on the way to it: of either its successors' need is none of its own. */
  const defined = new Rows(blocks.length, slots.length);
  const arriving = new Rows(blocks.length, slots.length);
  const after: (readonly Block[])[] = [];
  for (const region of regions) {
    used.add(0, region.slot);
    if (region.iterator) used.add(0, region.iterator);
  }
  const jumps = noteFacts(machine, live, defined, used);
  for (const block of blocks) after.push(successors(block, jumps));
  // Whoever comes to a region puts the completion into its slot on the way.
  for (const { entry, slot } of regions) {
    if (blocks[entry.number] !== entry) continue;
    live.delete(entry.number, slot);
    defined.add(entry.number, slot);
    arriving.add(entry.number, slot);
  }
  for (let changed = true; changed; ) {
    changed = false;
    for (let at = blocks.length - 1; at >= 0; at--) {
      const { handler, leaves } = blocks[at]!;
      for (const next of after[at]!) changed = live.addAll(at, next.number, defined, at) || changed;
      if (handler) changed = live.addAll(at, handler.number, arriving, at) || changed;
      // A `return()` enters the region from the suspension, before the block has defined anything.
      if (leaves[0]) changed = live.addAll(at, leaves[0].entry.number, arriving, at) || changed;
    }
  }
  return { isLive: (block, slot) => live.has(block.number, slot), isUsed: (slot) => used.has(0, slot) };
}

/** Notes what each block does with slots; answers which blocks its text jumps to. */
function noteFacts({ blocks }: Machine, uses: Rows, definitions: Rows, used: Rows): TextJumps {
  const jumps = new Map<Block, Block[]>();
  let block = blocks[0]!;
  const use = (slot: Slot): void => {
    if (!definitions.has(block.number, slot)) uses.add(block.number, slot);
  };
  const note = (piece: Piece): void => {
    if (typeof piece === "string") return;
    if (piece.type === "slot") {
      used.add(0, piece.slot);
      if (piece.access === "read") use(piece.slot);
    } else if (piece.type === "label") {
      const known = jumps.get(block);
      if (known) known.push(piece.block);
      else jumps.set(block, [piece.block]);
    }
  };
  const read = (item: Operation | Terminator): void => {
    for (const rope of ropesOf(item)) walk(rope, note);
  };
  for (block of blocks) {
    const { number, operations, end } = block;
    for (const operation of operations) {
      read(operation);
      if (operation.type === "assign") {
        used.add(0, operation.slot);
        definitions.add(number, operation.slot);
      } else for (const slot of operation.defines ?? []) definitions.add(number, slot);
    }
    if (!end) continue;
    read(end);
    // `endFinally` takes the completion out of the slot; `leave` puts one in.
    if (end.type === "endFinally") use(end.region.slot);
    if (end.type === "leave") definitions.add(number, end.route.regions[0]!.slot);
  }
  return jumps;
}
