/** What compiled code costs where nothing is saved: outside a run, in unit tests and inside steps. */
import { cpu, type Figure, sideBySide } from "../figure.ts";
import { inEachForm } from "../lowered.ts";

/** About as long as each other, natively. */
const CALLS = { loop: 100_000, fibonacci: 21, guarded: 30_000, batches: 1_500, accounts: 40_000 };

export const compiledNative: Figure = {
  name: "compiled-native",
  reach: { at: "most", ratio: 2 },
  async measure() {
    const forms = await inEachForm("async-heavy.ts");
    const beside: { [name: string]: number } = {};
    const ratios = { ours: 1, es5: 1, regenerator: 1 };
    const names = Object.keys(CALLS) as (keyof typeof CALLS)[];
    let milliseconds = 0;
    for (const name of names) {
      const count = CALLS[name];
      const expected = await forms.native[name]!(count);
      const side = (form: keyof typeof forms) => async () => {
        let result = 0;
        const time = await cpu(async () => (result = await forms[form][name]!(count)));
        if (result !== expected) throw new Error(`${form} ${name}: ${result}, not ${expected}`);
        return time;
      };
      const times = await sideBySide(11, {
        native: side("native"),
        ours: side("ours"),
        es5: side("es5"),
        regenerator: side("regenerator"),
      });
      milliseconds += times.ours;
      beside[name] = times.ours / times.native;
      // The geometric mean: no program weighs more because it runs longer.
      for (const form of ["ours", "es5", "regenerator"] as const)
        ratios[form] *= (times[form] / times.native) ** (1 / names.length);
    }
    return {
      ratio: ratios.ours,
      value: milliseconds,
      unit: "ms of processor time",
      against: "native async functions: the geometric mean over five programs outside a run",
      beside: { ...beside, "TypeScript ES5": ratios.es5, regenerator: ratios.regenerator },
    };
  },
};
