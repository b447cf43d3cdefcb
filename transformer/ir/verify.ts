/** Checks the invariants of `ir.ts`. Run by tests after lowering and after every pass of `4-flow`. */
import { findTextJumps, firstStop, reachable, ropesOf, successors } from "./edges.ts";
import type { Block, Machine } from "./ir.ts";
import { walk } from "./rope.ts";

/** Every violation found, in words; empty when the machine is sound. */
export function verify(machine: Machine): string[] {
  const problems: string[] = [];
  const listed = new Set(machine.blocks);
  const slots = new Set(machine.slots);
  const name = (block: Block): string => `block ${machine.blocks.indexOf(block)} (${String(block.label)})`;
  const landings = new Set<Block>();
  for (const block of machine.blocks) if (block.handler) landings.add(block.handler);

  if (listed.size !== machine.blocks.length) problems.push("a block is listed twice");
  const jumps = findTextJumps(machine);
  if (jumps.size > 0 && !machine.jumpsInText) problems.push("text jumps, and the machine does not say so");
  for (const block of reachable(machine, jumps)) {
    if (!listed.has(block)) problems.push(`${name(block)} is reached but not placed`);
    if (!block.end) problems.push(`${name(block)} has no terminator`);
    for (const next of successors(block, jumps)) {
      if (!listed.has(next)) problems.push(`${name(block)} leads to a block that is not placed`);
    }
    const end = block.end;
    if (end?.type === "await" || end?.type === "yield" || end?.type === "delegate" || end?.type === "start") {
      if (!end.resume.resumes) problems.push(`${name(block)} resumes at ${name(end.resume)}, which is no resume block`);
      if (end.resume.handler !== block.handler) problems.push(`${name(block)} resumes in another region`);
      if (!end.resume.savable) problems.push(`${name(end.resume)} resumes but has no stable name`);
      if (end.resume.leaves.length > 0 && (end.type === "await" || end.type === "start"))
        problems.push(`${name(end.resume)} is left by return(), but nobody can call that there`);
    }
    if (end?.type === "leave") {
      if (end.route.regions.length === 0) problems.push(`${name(block)} leaves through no region`);
      if ((end.route.type === "return") !== (end.route.target === null))
        problems.push(`${name(block)} leaves to nowhere`);
      if (!firstStop(end.route)) problems.push(`${name(block)} leaves to nowhere`);
    }
    for (const item of [...block.operations, ...(end ? [end] : [])]) {
      if (item.type === "assign" && !slots.has(item.slot)) problems.push(`${name(block)} assigns an unknown slot`);
      for (const rope of ropesOf(item)) {
        walk(rope, (piece) => {
          if (typeof piece !== "string" && piece.type === "slot" && !slots.has(piece.slot))
            problems.push(`${name(block)} uses an unknown slot`);
        });
      }
    }
  }
  const pending = new Set(machine.regions.map((region) => region.slot));
  if (pending.size !== machine.regions.length) problems.push("two regions share a slot");
  for (const region of machine.regions) {
    if (!region.entry.savable || !region.landing.savable) problems.push("a region has no stable name");
    if (region.entry.handler === region.landing) problems.push("a region guards its own finally");
  }
  return problems;
}
