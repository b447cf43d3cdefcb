/** What a turn writes, bases included, while an array grows by an element a turn. */
import type { Store } from "perdure/internal/store/store";
import { memory } from "perdure/memory";
import { working } from "../engines.ts";
import type { Figure } from "../figure.ts";
import { growing } from "../programs/orders.ts";

const TURNS = 10_000;
const WINDOW = 1_000;

/** Adds up what each turn hands to the store: its segment, and the base that is written after it. */
function weighing(store: Store, written: number[]): Store {
  return Object.assign(Object.create(store) as Store, {
    commit(group: Parameters<Store["commit"]>[0]) {
      for (const { segment } of group) if (segment !== null) written.push(segment.text.length);
      return store.commit(group);
    },
    compact(...args: Parameters<Store["compact"]>) {
      written[written.length - 1]! += args[2].text.length;
      return store.compact(...args);
    },
  });
}

export const bytesPerTurn: Figure = {
  name: "bytes-per-turn",
  reach: { at: "most", ratio: 1.5 },
  async measure() {
    const written: number[] = [];
    await working(weighing(memory(), written), async (engine) => (await engine.start(growing, [TURNS])).result());
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
