/** Load and first turn of a run after ten and after ten thousand steps, with the same live state. */

import { needsBase } from "perdure/internal/engine/compaction";
import { workSettings } from "perdure/internal/engine/options";
import { Vat } from "perdure/internal/machine/vat";
import { type Figure, mean, median } from "../figure.ts";
import { small } from "../programs/orders.ts";
import { bareHost, turnsOf } from "../vats.ts";

const SAMPLES = 25;

/** Calls `look` after each turn with the segments that a load would read: bases are written as the engine writes them. */
async function follow(look: (turn: number, segments: readonly string[]) => boolean): Promise<void> {
  const settings = workSettings({});
  let segments: string[] = [];
  let turn = 0;
  for await (const vat of turnsOf(small, 1e9)) {
    segments.push(vat.save("delta").text);
    if (needsBase(settings, vat.sinceBase, segments[0]!.length)) segments = [vat.save("base").text];
    if (!look(turn++, segments)) return;
  }
}

/** Turns between two bases. */
async function cycleLength(): Promise<number> {
  const bases: number[] = [];
  await follow((turn, segments) => {
    if (segments.length === 1) bases.push(turn);
    return bases.length < 4;
  });
  return bases[3]! - bases[2]!;
}

async function segmentsAt(wanted: ReadonlySet<number>): Promise<Map<number, readonly string[]>> {
  const found = new Map<number, readonly string[]>();
  const last = Math.max(...wanted);
  await follow((turn, segments) => {
    if (wanted.has(turn)) found.set(turn, [...segments]);
    return turn < last;
  });
  return found;
}

async function resumeOnce(texts: readonly string[]): Promise<number> {
  const start = performance.now();
  const vat = Vat.load(bareHost(), {
    run: "bench",
    incarnation: "0".repeat(32),
    segments: texts.map((text) => ({ text })),
  });
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
    const length = await cycleLength();
    const cycle = Array.from({ length: 20 }, (_, i) => Math.round((i * length) / 20));
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
      beside: { "10": ten, "100": hundred, "1000": thousand, "turns in a cycle": length },
    };
  },
};
