/**
 * Labels. A saved frame may hold a label only if it is stable under edits elsewhere: resume points are named after what
 * they await and numbered among their namesakes, regions after their slot; everything else is a number of this build.
 */
import type { Block, Machine } from "../ir/ir.ts";

export function nameLabels(machine: Machine): void {
  const taken = new Set<string>();
  for (const region of machine.regions) {
    const stem = region.iterator?.name ?? region.slot.name;
    region.entry.label = region.slot.name;
    region.landing.label = `${stem}$throw`;
    taken.add(region.slot.name).add(`${stem}$throw`);
  }
  const isRegional = (block: Block): boolean =>
    machine.regions.some(({ entry, landing }) => entry === block || landing === block);
  let number = 0;
  for (const block of machine.blocks) {
    if (isRegional(block)) continue;
    // The entry is where a call starts: always 0.
    if (block.savable === null || block === machine.blocks[0]) {
      block.label = number++;
      continue;
    }
    // Resume points count among their namesakes: `charge`, `charge$2`; targets of routed jumps are always numbered.
    const stem = block.savable;
    let label = block.resumes ? stem : `${stem}1`;
    for (let n = 2; taken.has(label); n++) label = block.resumes ? `${stem}$${n}` : `${stem}${n}`;
    taken.add(label);
    block.label = label;
  }
}
