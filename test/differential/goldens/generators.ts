/** Generators and `for await`. */
import type { Goldens } from "./cases.ts";

const collect = `const collect = async (from: any) => { const all: any[] = []; for await (const one of from) all.push(one); return all; };`;
const tree = `const node = (name: string, ...children: any[]): any => ({ name, children });
const forest = (...roots: any[]) => { const made = new Forest(); (made.roots as any[]).push(...roots); return made; };
const small = () => node("r", node("s", node("t")), node("u"));`;

export const generators: Goldens = {
  listing: {
    before: collect,
    cases: {
      "every page": [`return collect(items("a"));`, `["a1", "a2", "a3"]`],
      "a page without items is no end": [`return collect(items("gaps"));`, `["g1", "g2", "g3"]`],
      "nothing at all": [`return collect(items("empty"));`, `[]`],
      "up to a limit, in the middle of a page": [`return collect(items("a", 1));`, `["a1"]`],
      "up to a limit, at the end of a page": [`return collect(items("a", 2));`, `["a1", "a2"]`],
      "stop, as an answer to an item": [
        `const it = items("a"); return [await it.next("stop"), await it.next("stop"), await it.next()];`,
        /^\[\{ value: "a1", done: false \}, \{ value: undefined, done: true \}, \{ value: undefined, done: true \}\]$/,
      ],
      "a failure between two pages": [
        `const seen: string[] = []; try { for await (const one of items("broken")) seen.push(one); } catch (error: any) { seen.push(error.message); } return seen;`,
        `["x1", "page 1"]`,
      ],
      "left by break, nothing more is asked for": [
        `const it = items("a"); for await (const one of it) { if (one === "a2") break; } return it.next();`,
        `{ value: undefined, done: true }`,
      ],
      "several requests wait in their order": [
        `const it = items("a"); return (await Promise.all([it.next(), it.next(), it.next(), it.next()])).map((one) => one.value);`,
        `["a1", "a2", "a3", undefined]`,
      ],
      "several prefixes": [`return collect(allItems(["a", "empty", "b"]));`, `["a1", "a2", "a3", "b1"]`],
      "the failure of an inner one ends the outer": [
        `const it = allItems(["b", "none", "a"]); const out: any[] = [(await it.next()).value]; out.push(await it.next().catch((error: any) => error.message), await it.next()); return out;`,
        `["b1", "no prefix none", { value: undefined, done: true }]`,
      ],
      "return reaches through yield*": [
        `const it = allItems(["a", "b"]); await it.next(); return [await it.return(get("left", 5) as any), await it.next()];`,
        `[{ value: "left", done: true }, { value: undefined, done: true }]`,
      ],
      "throw reaches through yield*": [
        `const it = allItems(["a", "b"]); await it.next(); return it.throw(new Error("enough")).catch((error: any) => error.message);`,
        `"enough"`,
      ],
      "two at once": [
        `return Promise.all([collect(items("a")), collect(items("gaps", 2)), collect(allItems(["b"]))]);`,
        `[["a1", "a2", "a3"], ["g1", "g2"], ["b1"]]`,
      ],
    },
  },
  mailing: {
    before: "",
    cases: {
      "to all": [`return mailAll("news", 9);`, `[]`],
      "in the order of the recipients, whoever is rendered first": [`return mailAll("slow", 9);`, `[]`],
      "those that bounce are told": [`return mailAll("bounces", 9);`, `["ann", "cy"]`],
      "a budget of none sends none": [`return mailAll("bounces", 0);`, `[]`],
      "a budget of one": [`return mailAll("bounces", 1);`, `["ann"]`],
      "a budget of two": [`return mailAll("bounces", 2);`, `["ann"]`],
      "a budget that is just enough": [`return mailAll("bounces", 3);`, `["ann", "cy"]`],
      "a budget below none is no limit": [`return mailAll("bounces", -1);`, `["ann", "cy"]`],
      "what cannot be rendered fails it": [
        `return mailAll("unwritten", 9).catch((error: any) => error.message);`,
        `"no text for ann"`,
      ],
      "two campaigns at once": [
        `return Promise.all([mailAll("bounces", 9), mailAll("slow", 2)]);`,
        `[["ann", "cy"], []]`,
      ],
      "one after the other": [`return [await mailAll("slow", 1), await mailAll("bounces", 9)];`, `[[], ["ann", "cy"]]`],
    },
  },
  tree: {
    before: tree,
    cases: {
      "parents before children": [
        `const out: any[] = []; for (const [{ name }, depth] of walk(small())) out.push(name + depth); return out;`,
        `["r0", "s1", "t2", "u1"]`,
      ],
      "an answer skips what is below": [
        `const it = walk(small()); const out: any[] = []; for (let r = it.next(); ; r = it.next(out.at(-1) === "s")) { if (r.done) return [...out, r.value]; out.push(r.value[0].name); await get(1); }`,
        `["r", "s", "u", 3]`,
      ],
      "counts its nodes": [
        `const it = walk(small()); let r = it.next(); while (!r.done) { await get(1); r = it.next(); } return r.value;`,
        `4`,
      ],
      "begins where it is told": [
        `const it = walk(node("x"), 7); const first = it.next(); await get(1); return [first.value, it.next()];`,
        /^\[\[\{ name: "x", children: \[\] \}, 7\], \{ value: 1, done: true \}\]$/,
      ],
      "visits a forest, and clears it": [
        `const f = forest(small(), node("z")); await visitAll(f); return f.roots.length;`,
        `0`,
      ],
      "an empty forest": [`return visitAll(forest());`, `undefined`],
      "a visit that fails closes every level": [
        `const f = forest(node("r", node("cursed")), node("z")); const why = await visitAll(f).catch((error: any) => error.message); return [why, f.roots.length];`,
        `["cursed at 1", 0]`,
      ],
      "a break closes it": [
        `const f = forest(small()); for (const [{ name }] of f) { await get(name); if (name === "s") break; } return f.roots.length;`,
        `0`,
      ],
      "a return from the loop closes it": [
        `const f = forest(small()); const first = async () => { for (const [{ name }] of f) return get(name); }; return [await first(), f.roots.length];`,
        `["r", 0]`,
      ],
      "what was added while it waits is visited": [
        `const f = forest(node("a")); const seen: string[] = []; for (const [{ name }] of f) { seen.push(name); await get(1); if (name === "a") (f.roots as any[]).push(node("b")); } return seen;`,
        `["a", "b"]`,
      ],
      "return from outside, between two nodes": [
        `const it = walk(small()); it.next(); it.next(); await get(1); return [it.return(5), it.next()];`,
        `[{ value: 5, done: true }, { value: undefined, done: true }]`,
      ],
      "throw from outside, below": [
        `const it = walk(small()); it.next(); it.next(); await get(1); try { it.throw(new Error("axe")); } catch (error: any) { return [error.message, it.next().done]; }`,
        `["axe", true]`,
      ],
      "two walks over one tree": [
        `const t = small(); const [a, b] = [walk(t), walk(t)]; a.next(); await get(1); a.next(); b.next(); await get(1); return [a.next().value![0 as never]!["name"], b.next().value![0 as never]!["name"]];`,
        `["t", "s"]`,
      ],
    },
  },
};
