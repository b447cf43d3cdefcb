/** Processor time of a turn in the engine, all threads, on a store that does nothing. */
import { working } from "../engines.ts";
import { cpu, type Figure, sideBySide } from "../figure.ts";
import { hollowStore } from "../hollow-store.ts";
import { small } from "../programs/orders.ts";
import { smallHeap } from "../programs/services.ts";

const TURNS = 4000;

export const turnCpu: Figure = {
  name: "turn-cpu",
  reach: { at: "most", ratio: 4 },
  async measure() {
    const heap = smallHeap();
    const { turns, texts } = await working(hollowStore(), (engine) =>
      sideBySide(9, {
        turns: () => cpu(async () => (await engine.start(small, [TURNS])).result()),
        texts: () =>
          cpu(() => {
            for (let i = 0; i < TURNS; i++) JSON.parse(JSON.stringify(heap));
          }),
      }),
    );
    return {
      ratio: turns / texts,
      value: (turns / TURNS) * 1000,
      unit: "µs a turn",
      against: "JSON.stringify + JSON.parse of the same heap of thirty objects",
      beside: { "stringify + parse": (texts / TURNS) * 1000 },
    };
  },
};
