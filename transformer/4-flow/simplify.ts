/** Joins blocks that lowering kept apart: fewer jumps to run, and a text that reads from top to bottom. */
import { reachable, successors, type TextJumps, textJumps } from "../ir/edges.ts";
import type { Block, Machine } from "../ir/ir.ts";

export function simplify(machine: Machine): void {
  const jumps = textJumps(machine);
  keepReachable(machine, jumps);
  if (threadJumps(machine, jumps)) keepReachable(machine, jumps);
  mergeChains(machine, jumps);
}

const NONE: ReadonlySet<Block> = new Set();

/** Takes what does not pass the test out of the list. */
export function retain<Item>(list: Item[], test: (item: Item) => boolean): void {
  let kept = 0;
  for (const item of list) if (test(item)) list[kept++] = item;
  list.length = kept;
}

function keepReachable(machine: Machine, jumps: TextJumps): void {
  const live = reachable(machine, jumps);
  retain(machine.blocks, (block) => live.has(block));
  // A region that nobody leaves or throws through is gone, and with it its slot.
  retain(machine.regions, (region) => live.has(region.entry) || live.has(region.landing));
}

/** Blocks that text refers to by label: they must stay what they are. */
const mentioned = (machine: Machine, jumps: TextJumps): ReadonlySet<Block> =>
  jumps.size === 0 ? NONE : new Set(machine.blocks.flatMap((block) => jumps.get(block) ?? []));

/** A jump to a block that only jumps goes there at once. Answers whether there was one. */
function threadJumps(machine: Machine, jumps: TextJumps): boolean {
  const fixed = mentioned(machine, jumps);
  let changed = false;
  const final = (block: Block): Block => {
    let seen: Set<Block> | undefined;
    let at = block;
    while (at.operations.length === 0 && at.end?.type === "jump" && !at.pinned && !fixed.has(at) && !seen?.has(at)) {
      seen ??= new Set();
      seen.add(at);
      at = at.end.to;
      changed = true;
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
  return changed;
}

/** A block with one way in, from a jump in the same region, becomes the end of its predecessor. */
function mergeChains(machine: Machine, jumps: TextJumps): void {
  /** The block that leads to each, if only one does. */
  const only = new Map<Block, Block | null>();
  const handlers = new Set<Block>();
  for (const block of machine.blocks) {
    for (const next of successors(block, jumps)) {
      const known = only.get(next);
      if (known !== block) only.set(next, known === undefined ? block : null);
    }
    if (block.handler) handlers.add(block.handler);
  }
  const fixed = mentioned(machine, jumps);
  const gone = new Set<Block>();
  for (const block of machine.blocks) {
    if (gone.has(block)) continue;
    while (block.end?.type === "jump") {
      const next: Block = block.end.to;
      const isOwn = only.get(next) !== null && !next.pinned && !fixed.has(next) && !handlers.has(next);
      if (!isOwn || next === block || next === machine.blocks[0] || next.handler !== block.handler) break;
      block.operations.push(...next.operations);
      block.end = next.end;
      gone.add(next);
    }
  }
  if (gone.size > 0) retain(machine.blocks, (block) => !gone.has(block));
}
