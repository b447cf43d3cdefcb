/** Joins blocks that lowering kept apart: fewer jumps to run, and a text that reads from top to bottom. */
import { reachable, ropesOf, successors } from "../ir/edges.ts";
import type { Block, Machine } from "../ir/ir.ts";
import { walk } from "../ir/rope.ts";

export function simplify(machine: Machine): void {
  keepReachable(machine);
  threadJumps(machine);
  keepReachable(machine);
  mergeChains(machine);
}

function keepReachable(machine: Machine): void {
  const live = reachable(machine);
  machine.blocks.splice(0, machine.blocks.length, ...machine.blocks.filter((block) => live.has(block)));
  // A region that nobody leaves or throws through is gone, and with it its slot.
  const isUsed = machine.regions.filter((region) => live.has(region.entry) || live.has(region.landing));
  machine.regions.splice(0, machine.regions.length, ...isUsed);
}

/** Blocks that text refers to by label: they must stay what they are. */
function mentioned(machine: Machine): Set<Block> {
  const out = new Set<Block>();
  for (const block of machine.blocks) {
    for (const item of [...block.operations, ...(block.end ? [block.end] : [])]) {
      for (const rope of ropesOf(item))
        walk(rope, (piece) => {
          if (typeof piece !== "string" && piece.type === "label") out.add(piece.block);
        });
    }
  }
  return out;
}

/** A jump to a block that only jumps goes there at once. */
function threadJumps(machine: Machine): void {
  const fixed = mentioned(machine);
  const final = (block: Block): Block => {
    const seen = new Set<Block>();
    let at = block;
    while (at.operations.length === 0 && at.end?.type === "jump" && !at.pinned && !fixed.has(at) && !seen.has(at)) {
      seen.add(at);
      at = at.end.to;
    }
    return at;
  };
  for (const { end } of machine.blocks) {
    if (end?.type === "jump") end.to = final(end.to);
    if (end?.type === "branch") {
      for (const one of end.cases) one.to = final(one.to);
      end.otherwise = final(end.otherwise);
    }
  }
}

/** A block with one way in, from a jump in the same region, becomes the end of its predecessor. */
function mergeChains(machine: Machine): void {
  const ways = new Map<Block, number>();
  const handlers = new Set<Block>();
  for (const block of machine.blocks) {
    for (const next of successors(block)) ways.set(next, (ways.get(next) ?? 0) + 1);
    if (block.handler) handlers.add(block.handler);
  }
  const fixed = mentioned(machine);
  const gone = new Set<Block>();
  for (const block of machine.blocks) {
    if (gone.has(block)) continue;
    while (block.end?.type === "jump") {
      const next: Block = block.end.to;
      const isOwn = ways.get(next) === 1 && !next.pinned && !fixed.has(next) && !handlers.has(next);
      if (!isOwn || next === block || next === machine.blocks[0] || next.handler !== block.handler) break;
      block.operations.push(...next.operations);
      block.end = next.end;
      gone.add(next);
    }
  }
  machine.blocks.splice(0, machine.blocks.length, ...machine.blocks.filter((block) => !gone.has(block)));
}
