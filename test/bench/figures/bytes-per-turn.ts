/** What a turn writes, bases included, while an array grows by an element a turn. */
import { memory } from "perdure/memory";
import { working } from "../engines.ts";
import type { Figure } from "../figure.ts";
import { growing } from "../programs/orders.ts";
import { weighing } from "../weighing-store.ts";

const TURNS = 10_000;
const WINDOW = 1_000;

export const bytesPerTurn: Figure = {
  name: "bytes-per-turn",
  reach: { at: "most", ratio: 1.5 },
  async measure() {
    const written: number[] = [];
    // Bases count with the turn that they are written after.
    const store = weighing(memory(), {
      turn: (bytes) => written.push(bytes),
      base: (bytes) => (written[written.length - 1]! += bytes),
    });
    await working(store, async (engine) => (await engine.start(growing, [TURNS])).result());
    const means = Array.from({ length: TURNS / WINDOW }, (_, i) => {
      const window = written.slice(i * WINDOW, (i + 1) * WINDOW);
      return window.reduce((sum, bytes) => sum + bytes, 0) / window.length;
    });
    const largest = Math.max(...means);
    const smallest = Math.min(...means);
    return {
      ratio: largest / smallest,
      value: largest,
      unit: "bytes a turn",
      against: "the smallest mean over 1,000 turns",
      beside: { smallest },
    };
  },
};
