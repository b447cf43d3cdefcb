/** IR to readable text, for tests and bug reports. */
import type { Block, Machine, Operation, Terminator } from "./ir.ts";
import { type Rope, walk } from "./rope.ts";

/** One line for each operation; slots and labels by name once they have one. */
export function print(machine: Machine, source: string): string {
  const label = (block: Block): string =>
    block.label === -1 ? `#${machine.blocks.indexOf(block)}` : String(block.label);
  const text = (rope: Rope): string => {
    let out = "";
    walk(rope, (piece) => {
      if (typeof piece === "string") out += piece;
      else if (piece.type === "slice") out += source.slice(piece.start, piece.end);
      else if (piece.type === "slot") out += `%${piece.slot.name || piece.slot.wanted}`;
      else if (piece.type === "label") out += label(piece.block);
    });
    return out.replace(/\s+/g, " ").trim();
  };
  const operation = (item: Operation): string =>
    item.type === "assign" ? `%${item.slot.name || item.slot.wanted} = ${text(item.value)}` : text(item.code);
  const terminator = (end: Terminator | null): string => {
    switch (end?.type) {
      case undefined:
        return "(open)";
      case "jump":
        return `jump ${label(end.to)}`;
      case "branch":
        return `branch ${end.cases.map((one) => `[${text(one.test)} → ${label(one.to)}]`).join(" ")} else ${label(end.otherwise)}`;
      case "await":
      case "yield":
      case "delegate":
        return `${end.type} ${text(end.value)} → ${label(end.resume)}`;
      case "start":
        return `start → ${label(end.resume)}`;
      case "return":
        return `return ${end.value === null ? "" : text(end.value)}`;
      case "leave": {
        const via = end.route.regions.map((region) => label(region.entry)).join(", ");
        const to = end.route.target ? label(end.route.target) : "out";
        return `leave ${end.route.type} ${end.value === null ? "" : text(end.value)} via ${via} → ${to}`;
      }
      case "endFinally":
        return `endFinally ${label(end.region.entry)}`;
      case "throw":
        return `throw ${text(end.value)}`;
    }
  };
  return machine.blocks
    .map((block) => {
      const head = `${label(block)}:${block.handler ? ` (handler ${label(block.handler)})` : ""}`;
      return [head, ...block.operations.map((item) => `  ${operation(item)}`), `  ${terminator(block.end)}`].join("\n");
    })
    .join("\n");
}
