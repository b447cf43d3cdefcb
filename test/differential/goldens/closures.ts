/** Closures and what they share. */
import type { Goldens } from "./cases.ts";

export const closures: Goldens = {
  counters: {
    before: `const values = (all: any[]) => all.map((one) => one.value);`,
    cases: {
      "each counts once": [`return tick(3);`, `[1, 2, 3]`],
      none: [`return tick(0);`, `[]`],
      "a minute for each": [`const from = Date.now(); await tick(2); return (Date.now() - from) / 60_000;`, `2`],
      "each has a variable of its own": [
        `const all = counters(3); await get(1); all[0]!.increment(); all[0]!.increment(); await get(2); return values(all);`,
        `[2, 1, 2]`,
      ],
      "a method and its accessor share one variable": [
        `const [one] = counters(1); const { increment } = one!; await get(1); return [increment(), one!.value, increment(), one!.value];`,
        `[1, 1, 2, 2]`,
      ],
      "held twice, they are one": [
        `const [one] = counters(1); const other = { one }; await get(1); other.one!.increment(); await get(2); return [one!.value, one === other.one];`,
        `[1, true]`,
      ],
      "a value cannot be set": [
        `const [one] = counters(1); await get(1); try { (one as any).value = 5; } catch (error: any) { return [error.name, one!.value]; }`,
        `["TypeError", 0]`,
      ],
      "accessors stay accessors": [
        `const [one] = counters(1); await get(1); const { get: getter, set, enumerable, configurable } = Object.getOwnPropertyDescriptor(one, "value")!; return [getter!.name, set, enumerable, configurable, Object.keys(one!)];`,
        `["get value", undefined, true, true, ["increment", "value"]]`,
      ],
      "a copy has the value of then": [
        `const [one] = counters(1); const copy = { ...one! }; one!.increment(); await get(1); return [copy.value, copy.increment(), copy.value, one!.value];`,
        `[0, 2, 0, 2]`,
      ],
      "names and lengths": [
        `const [one] = counters(1); await get(1); return [one!.increment.name, one!.increment.length, typeof (one!.increment as any).prototype];`,
        `["increment", 0, "undefined"]`,
      ],
      "what is thrown in between": [
        `const all = counters(2); try { all[0]!.increment(); await get(1); throw all[1]; } catch (thrown: any) { thrown.increment(); } return values(all);`,
        `[1, 2]`,
      ],
      "two at once": [`return Promise.all([tick(2), tick(1)]);`, `[[1, 2], [1]]`],
    },
  },
  limiter: {
    before: `const later = (n: number) => get(n * 10, n);`,
    cases: {
      "results in the order of the items": [`return mapLimited([3, 1, 2], 2, later);`, `[30, 10, 20]`],
      "nothing to do": [`return mapLimited([], 2, later);`, `[]`],
      "one at a time": [
        `const seen: number[] = []; await mapLimited([3, 1, 2], 1, async (n) => { await later(n); seen.push(n); }); return seen;`,
        `[3, 1, 2]`,
      ],
      "as many as there are": [
        `const seen: number[] = []; await mapLimited([3, 1, 2], 9, async (n) => { await later(n); seen.push(n); }); return seen;`,
        `[1, 2, 3]`,
      ],
      "never more than the width": [
        `let [now, most] = [0, 0]; await mapLimited([5, 1, 4, 2, 3], 2, async (n) => { most = Math.max(most, ++now); await later(n); now--; }); return [now, most];`,
        `[0, 2]`,
      ],
      "a width of none does nothing": [`return mapLimited([1, 2], 0, later);`, `[hole, hole]`],
      "a failure ends it, the other lanes go on": [
        `const seen: number[] = []; const why = await mapLimited([1, 2, 3, 4], 2, async (n) => { if (n === 1) throw new Error("first"); await later(n); seen.push(n); return n; }).catch((error: any) => error.message); await get(0, 50); return [why, seen];`,
        `["first", [2, 3, 4]]`,
      ],
      "work that throws at once": [
        `return mapLimited([1, 2], 1, (n) => { if (n === 2) throw new RangeError("two"); return later(n); }).catch((error: any) => [error.name, error.message]);`,
        `["RangeError", "two"]`,
      ],
      "work that is no promise": [`return mapLimited([1, 2, 3], 2, ((n: number) => n + 1) as any);`, `[2, 3, 4]`],
      "holes are items": [
        `return mapLimited([1, , 3] as any, 2, async (n: any) => get(n ?? "none", 1));`,
        `[1, "none", 3]`,
      ],
      "items that come while it runs": [
        `const items = [1, 2]; const going = mapLimited(items, 1, later); items.push(3); return going;`,
        `[10, 20, 30]`,
      ],
      "one inside another": [
        `return mapLimited([1, 2], 2, (n) => mapLimited([n, n + 1], 1, later));`,
        `[[10, 20], [20, 30]]`,
      ],
      "two at once": [
        `return Promise.all([mapLimited([2, 1], 1, later), mapLimited([1, 2], 2, later)]);`,
        `[[20, 10], [10, 20]]`,
      ],
    },
  },
};
