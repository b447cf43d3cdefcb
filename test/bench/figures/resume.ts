/** Load and first turn of a run after ten and after ten thousand steps, with the same live state. */
import { Vat } from "perdure/internal/machine/vat";
import { workSettings } from "perdure/internal/engine/options";
import { type Figure, mean, median } from "../figure.ts";
import { small } from "../programs/orders.ts";
import { bareHost, turnsOf } from "../vats.ts";

const SAMPLES = 25;

/** The segments of the run at each of those turns, with bases written as the engine writes them. */
async function segmentsAt(wanted: ReadonlySet<number>): Promise<Map<number, string[]>> {
  const found = new Map<number, string[]>();
  const { compactBytes, compactDeltas } = workSettings({});
  const last = Math.max(...wanted);
  let segments: string[] = [];
  let turn = 0;
  for await (const vat of turnsOf(small, last + 1)) {
    segments.push(vat.save("delta").text);
    const { bytes, deltas } = vat.sinceBase;
    if (deltas >= compactDeltas || bytes >= Math.max(compactBytes, segments[0]!.length)) segments = [vat.save("base").text];
    if (wanted.has(turn)) found.set(turn, [...segments]);
    if (turn++ === last) break;
  }
  return found;
}

async function resumeOnce(texts: readonly string[]): Promise<number> {
  const start = performance.now();
  const vat = Vat.load(bareHost(), { run: "bench", incarnation: "0".repeat(32), segments: texts.map((text) => ({ text })) });
  const [number] = vat.operations.keys();
  const { settled } = vat.attempt(number!);
  vat.deliver({ type: "step", operation: number!, settlement: await settled });
  vat.turn();
  vat.save("delta");
  return performance.now() - start;
}

export const resume: Figure = {
  name: "resume",
  reach: { at: "most", ratio: 1.2 },
  async measure() {
    // Points spread over a whole cycle of compaction.
    const { compactDeltas } = workSettings({});
    const cycle = Array.from({ length: 20 }, (_, i) => Math.round((i * compactDeltas) / 20));
    const steps = [10, 100, 1000, 10_000];
    const wanted = new Set(steps.flatMap((after) => cycle.map((offset) => after + offset)));
    const found = await segmentsAt(wanted);
    const samples = new Map<number, number[]>([...wanted].map((turn) => [turn, []]));
    for (let i = 0; i <= SAMPLES; i++)
      for (const turn of wanted) {
        const ms = await resumeOnce(found.get(turn)!);
        if (i > 0) samples.get(turn)!.push(ms);
      }
    const after = (from: number) => mean(cycle.map((offset) => median(samples.get(from + offset)!)));
    const [ten, hundred, thousand, tenThousand] = steps.map(after) as [number, number, number, number];
    return {
      ratio: tenThousand / ten,
      value: tenThousand,
      unit: "ms to load and take a turn after 10,000 steps",
      against: "the same after 10 steps, averaged over a cycle of compaction",
      beside: { "10": ten, "100": hundred, "1000": thousand },
    };
  },
};
