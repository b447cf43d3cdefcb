/** The control-flow graph that the IR implies. */
import type { Block, Machine, Operation, Piece, Route, Terminator } from "./ir.ts";
import { type Rope, walk } from "./rope.ts";

/** The first block a completion on this route reaches. */
export const firstStop = (route: Route): Block | null => route.regions[0]?.entry ?? route.target;

/** Where a `return()` of a generator that is suspended at this block goes. */
const returning = ({ leaves }: Block): Route => ({ type: "return", regions: leaves, target: null });

/** Every rope of an operation or terminator. */
export function ropesOf(item: Operation | Terminator): readonly Rope[] {
  switch (item.type) {
    case "assign":
      return [item.value];
    case "evaluate":
      return [item.code];
    case "branch":
      return item.cases.map((one) => one.test);
    case "await":
    case "yield":
    case "delegate":
    case "throw":
      return [item.value];
    case "return":
    case "leave":
      return item.value === null ? [] : [item.value];
    default:
      return [];
  }
}

/** Blocks that the kept text of a block jumps to, by block: few machines have any. */
export type TextJumps = ReadonlyMap<Block, readonly Block[]>;

export const textJumps = (machine: Machine): TextJumps => (machine.jumpsInText ? findTextJumps(machine) : new Map());

/** The same, whatever the machine says of its text. */
export function findTextJumps(machine: Machine): TextJumps {
  const out = new Map<Block, Block[]>();
  for (const block of machine.blocks) {
    const note = (piece: Piece): void => {
      if (typeof piece === "string" || piece.type !== "label") return;
      const known = out.get(block);
      if (known) known.push(piece.block);
      else out.set(block, [piece.block]);
    };
    for (const operation of block.operations) for (const rope of ropesOf(operation)) walk(rope, note);
    if (block.end) for (const rope of ropesOf(block.end)) walk(rope, note);
  }
  return out;
}

/** Blocks that control may reach next without an error; one may be listed twice. */
export function successors(block: Block, jumps: TextJumps): readonly Block[] {
  const out: Block[] = jumps.size > 0 ? [...(jumps.get(block) ?? [])] : [];
  const end = block.end;
  if (block.leaves[0]) out.push(block.leaves[0].entry);
  switch (end?.type) {
    case "jump":
      out.push(end.to);
      break;
    case "branch":
      for (const one of end.cases) out.push(one.to);
      out.push(end.otherwise);
      break;
    case "await":
    case "yield":
    case "delegate":
    case "start":
      out.push(end.resume);
      break;
    case "leave": {
      const stop = firstStop(end.route);
      if (stop) out.push(stop);
      break;
    }
    case "endFinally":
      out.push(...end.region.exits);
      break;
    default:
  }
  return out;
}

/** Notes for each region on a route where it may lead; answers whether that was new. */
export function addExits(route: Route): boolean {
  let added = false;
  route.regions.forEach((region, i) => {
    const next = route.regions[i + 1]?.entry ?? route.target;
    if (!next || region.exits.has(next)) return;
    region.exits.add(next);
    added = true;
  });
  return added;
}

/** Blocks reachable from the entry, by jumps and by errors. */
export function reachable(machine: Machine, jumps: TextJumps): Set<Block> {
  for (;;) {
    const seen = new Set<Block>();
    const todo = [machine.blocks[0]!];
    let grew = false;
    for (let block = todo.pop(); block; block = todo.pop()) {
      if (seen.has(block)) continue;
      seen.add(block);
      // Only a route that is taken makes its regions lead anywhere.
      if (block.end?.type === "leave") grew = addExits(block.end.route) || grew;
      if (block.leaves.length > 0) grew = addExits(returning(block)) || grew;
      todo.push(...successors(block, jumps));
      if (block.handler) todo.push(block.handler);
    }
    if (!grew) return seen;
  }
}
