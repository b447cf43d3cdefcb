/** What compiled code costs where nothing is saved: outside a run, in unit tests and inside steps. */
import { besideNative } from "../beside-native.ts";
import type { Figure } from "../figure.ts";

/** About as long as each other, natively. */
const FUNCTIONS = { loop: 100_000, fibonacci: 21, guarded: 30_000, batches: 1_500, accounts: 40_000 };
const GENERATORS = { requests: 40_000, delegation: 20_000, closing: 3_000, promises: 15_000 };

export const compiledNative: Figure = {
  name: "compiled-native",
  reach: { at: "most", ratio: 2 },
  async measure() {
    const { ratios, programs, milliseconds } = await besideNative("async-heavy.ts", FUNCTIONS, ["es5", "regenerator"]);
    return {
      ratio: ratios.ours,
      value: milliseconds,
      unit: "ms of processor time",
      against: "native async functions: the geometric mean over five programs outside a run",
      beside: { ...programs, "TypeScript ES5": ratios.es5, regenerator: ratios.regenerator },
    };
  },
};

/** Regenerator leaves async generators to a plugin that is not its own. */
export const generatorsNative: Figure = {
  name: "generators-native",
  reach: null,
  async measure() {
    const { ratios, programs, milliseconds } = await besideNative("async-generators.ts", GENERATORS, ["es5"]);
    return {
      ratio: ratios.ours,
      value: milliseconds,
      unit: "ms of processor time",
      against: "native async generators and `for await`: the geometric mean over four programs outside a run",
      beside: { ...programs, "TypeScript ES5": ratios.es5 },
    };
  },
};
