/** What a turn writes that changes a KB of a large state. It is the same for every store: the segments are. */
import { memory } from "perdure/memory";
import { working } from "../engines.ts";
import type { Figure } from "../figure.ts";
import { bulky } from "../programs/crowds.ts";
import { weighing } from "../weighing-store.ts";

/** Enough for several bases: one is written for about every six hundred turns. */
const TURNS = 4000;

export const deltaBytes: Figure = {
  name: "delta-bytes",
  reach: { at: "most", ratio: 1.5 },
  async measure() {
    const turns: number[] = [];
    const bases: number[] = [];
    const store = weighing(memory(), {
      turn: (bytes) => turns.push(bytes),
      base: (bytes) => bases.push(bytes),
    });
    await working(store, async (engine) => (await engine.start(bulky, [TURNS])).result());
    const sum = (all: readonly number[]) => all.reduce((total, one) => total + one, 0);
    // The first turn fills the state.
    const deltas = sum(turns.slice(1)) / (turns.length - 1) / 1024;
    const included = (sum(turns.slice(1)) + sum(bases)) / (turns.length - 1) / 1024;
    return {
      ratio: deltas,
      value: included,
      unit: "KB a turn with the bases, of which at most 3 are to be",
      against: "KB written in a turn that changes one KB of 300",
      beside: { bases: bases.length, "KB of a base": sum(bases) / Math.max(bases.length, 1) / 1024 },
    };
  },
};
