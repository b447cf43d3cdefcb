/** What a save costs that looks at ten thousand objects and writes one. */
import { type Figure, median } from "../figure.ts";
import { large } from "../programs/orders.ts";
import { record } from "../programs/services.ts";
import { turnsOf } from "../vats.ts";

const TURNS = 150;

export const walk: Figure = {
  name: "walk",
  reach: { at: "most", ratio: 1.2 },
  async measure() {
    const items = Array.from({ length: 10_000 }, (_, i) => record(i));
    const saves: number[] = [];
    const texts: number[] = [];
    for await (const vat of turnsOf(large, TURNS)) {
      const start = performance.now();
      vat.save("delta");
      const between = performance.now();
      JSON.stringify(items);
      const end = performance.now();
      saves.push(between - start);
      texts.push(end - between);
    }
    const [save, text] = [saves, texts].map((samples) => median(samples.slice(TURNS / 3))) as [number, number];
    return {
      ratio: save / text,
      value: save,
      unit: "ms a save",
      against: "JSON.stringify of the same heap",
      beside: { stringify: text },
    };
  },
};
