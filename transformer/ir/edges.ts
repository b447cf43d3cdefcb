/** The control-flow graph that the IR implies. */
import type { Block, Machine, Operation, Route, Terminator } from "./ir.ts";
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

/** Blocks that control may reach next without an error. */
export function successors(block: Block): Set<Block> {
  const out = new Set<Block>();
  const end = block.end;
  if (block.leaves[0]) out.add(block.leaves[0].entry);
  switch (end?.type) {
    case "jump":
      out.add(end.to);
      break;
    case "branch":
      for (const one of end.cases) out.add(one.to);
      out.add(end.otherwise);
      break;
    case "await":
    case "yield":
    case "delegate":
    case "start":
      out.add(end.resume);
      break;
    case "leave": {
      const stop = firstStop(end.route);
      if (stop) out.add(stop);
      break;
    }
    case "endFinally":
      for (const exit of end.region.exits) out.add(exit);
      break;
    default:
  }
  for (const item of [...block.operations, ...(end ? [end] : [])]) {
    for (const rope of ropesOf(item)) {
      walk(rope, (piece) => {
        if (typeof piece !== "string" && piece.type === "label") out.add(piece.block);
      });
    }
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
export function reachable(machine: Machine): Set<Block> {
  for (;;) {
    const seen = new Set<Block>();
    const todo = [machine.blocks[0]!];
    let grew = false;
    for (let block = todo.pop(); block; block = todo.pop()) {
      if (seen.has(block)) continue;
      seen.add(block);
      // Only a route that is taken makes its regions lead anywhere.
      if (block.end?.type === "leave") grew = addExits(block.end.route) || grew;
      grew = addExits(returning(block)) || grew;
      todo.push(...successors(block));
      if (block.handler) todo.push(block.handler);
    }
    if (!grew) return seen;
  }
}
