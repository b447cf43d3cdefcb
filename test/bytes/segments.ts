/** Segments of a rich heap, mutated under a checksum that fits. */
import { Heap } from "perdure/internal/codec/heap";
import { checksum } from "perdure/internal/codec/segment";
import { isPerdureError } from "perdure/internal/errors";
import { type Chance, mutatedText } from "./mutate.ts";
import type { Tally } from "./trial.ts";

const seal = (body: string): string => `{"perdure":2,"checksum":"${checksum(body)}","body":${body}}`;

function originals(): readonly [base: string, delta: string] {
  const symbol = Symbol("mine");
  const shared: Record<string | symbol, unknown> = { text: "shared", [symbol]: 1 };
  const buffer = new ArrayBuffer(8);
  const list: unknown[] = Object.assign([1], { 2: shared, 3: "x" });
  const graph: Record<string, unknown> = {
    shared,
    list,
    map: new Map<unknown, unknown>([
      [shared, 1],
      ["k", new Set([shared, 2n])],
    ]),
    date: new Date(5),
    error: new TypeError("bad", { cause: shared }),
    pattern: /a+/g,
    frozen: Object.freeze({ a: [1] }),
    bytes: new Uint8Array(buffer),
    words: new Uint16Array(buffer, 2, 2),
    boxed: Object("s"),
    url: new URL("http://a.example/"),
    accessor: Object.defineProperty({}, "x", { get: Object.getOwnPropertyDescriptor(Map.prototype, "size")!.get }),
    odd: [Number.NaN, -0, undefined, Symbol.iterator, Math.max],
    ref: new WeakRef(shared),
  };
  graph["self"] = graph;
  const heap = new Heap();
  // Names of functions that a step is given stand in the table of texts.
  const strong = { value: graph, snapshot: heap.snapshot([graph, Math.max]) };
  const roots = { strong };
  const base = heap.save("base", roots);
  base.saved();
  list.push("more");
  shared["text"] = "changed";
  const delta = heap.save("delta", { strong: { ...strong, later: heap.snapshot([Math.min, Math.max]) } });
  const [one, two] = [base.text, delta.text].map((text) => text.slice(text.indexOf('"body":') + 7, -1));
  return [one!, two!];
}

export async function fuzzSegments(chance: (n: number) => Chance, count: number, tally: Tally): Promise<void> {
  const [base, delta] = originals();
  const before = Reflect.ownKeys(Object.prototype).length;
  for (let n = 0; n < count; n++) {
    const dice = chance(n);
    const [first, second] = dice.below(2) === 0 ? [mutatedText(dice, base), delta] : [base, mutatedText(dice, delta)];
    let what = "answered";
    try {
      const { heap, roots } = Heap.load({}, [seal(first), seal(second)]);
      // What was loaded can be saved again, or is refused.
      heap.save("base", { strong: { value: roots.get("value") } });
    } catch (cause) {
      if (!isPerdureError(cause)) throw new Error(`segments, mutation ${n}`, { cause });
      what = cause.code;
    }
    tally.set(what, (tally.get(what) ?? 0) + 1);
    if (Reflect.ownKeys(Object.prototype).length !== before || "polluted" in {})
      throw new Error(`segments, mutation ${n}: a prototype is polluted`);
  }
}
