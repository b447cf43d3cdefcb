/** Processor time of a turn in the engine, all threads, on a store that does nothing. */
import { createEngine } from "perdure";
import { cpu, type Figure, sideBySide } from "../figure.ts";
import { hollowStore } from "../hollow-store.ts";
import { small } from "../programs/orders.ts";
import { smallHeap } from "../programs/services.ts";

const TURNS = 4000;

export const turnCpu: Figure = {
  name: "turn-cpu",
  reach: { at: "most", ratio: 4 },
  async measure() {
    const engine = createEngine({ store: hollowStore() });
    const work = engine.work();
    const heap = smallHeap();
    const { turns, texts } = await sideBySide(9, {
      turns: () => cpu(async () => (await engine.start(small, [TURNS])).result()),
      texts: () =>
        cpu(() => {
          for (let i = 0; i < TURNS; i++) JSON.parse(JSON.stringify(heap));
        }),
    });
    await engine.stop();
    await work;
    return {
      ratio: turns / texts,
      value: (turns / TURNS) * 1000,
      unit: "µs a turn",
      against: "JSON.stringify + JSON.parse of the same heap of thirty objects",
      beside: { "stringify + parse": (texts / TURNS) * 1000 },
    };
  },
};
