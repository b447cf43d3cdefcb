import { Heap, type HeapOptions, type Roots } from "perdure/internal/codec/heap";
import { describe, expect, test } from "vitest";

/** Saves a value and loads it into fresh objects. */
function copy<T>(value: T, options: HeapOptions = {}): T {
  const save = new Heap(options).save("base", { strong: { value } });
  return Heap.load(options, [save.text]).roots.get("value") as T;
}

describe("values", () => {
  test.each([
    ["undefined", undefined],
    ["null", null],
    ["a string with every kind of trouble", 'a"\\\u0000\ud800\u2028'],
    ["NaN", Number.NaN],
    ["-0", -0],
    ["Infinity", Number.POSITIVE_INFINITY],
    ["a bigint", -(2n ** 70n)],
    ["a registered symbol", Symbol.for("perdure.test")],
    ["a well-known symbol", Symbol.asyncIterator],
    ["a built-in", Array.prototype.map],
    ["a global", globalThis],
  ])("%s", (_, value) => expect(copy(value)).toBe(value));

  test("a local symbol keeps its description and its identity within the run", () => {
    const mine = Symbol("mine");
    const [a, b] = copy([mine, { [mine]: 1 }]) as [symbol, object];
    expect(a).not.toBe(mine);
    expect(a.description).toBe("mine");
    expect(Reflect.ownKeys(b)).toEqual([a]);
  });
});

describe("objects", () => {
  test("identity and cycles", () => {
    const shared = { name: "shared" };
    const value: Record<string, unknown> = { a: shared, b: [shared], map: new Map<unknown, unknown>([[shared, 1]]) };
    value.self = value;
    (value.map as Map<unknown, unknown>).set("all", value);
    const back = copy(value);
    expect(back).toEqual(value);
    expect((back.b as unknown[])[0]).toBe(back.a);
    expect((back.map as Map<unknown, unknown>).get(back.a)).toBe(1);
    expect((back.map as Map<unknown, unknown>).get("all")).toBe(back);
  });

  test("built-in types", () => {
    const value = {
      date: new Date(86_400_000),
      never: new Date(Number.NaN),
      set: new Set([1, "1", null]),
      pattern: /a+/giu,
      error: new TypeError("no stock", { cause: new RangeError("below zero") }),
      boxed: [Object("text"), Object(1), Object(true), Object(5n)],
      sparse: Object.assign([1], { 2: 3 }),
    };
    value.pattern.lastIndex = 7;
    const back = copy(value);
    expect(back).toStrictEqual(value);
    expect(back.pattern.lastIndex).toBe(7);
    expect(back.error.stack).toBe(value.error.stack);
    expect(back.error).toBeInstanceOf(TypeError);
    expect(1 in back.sparse).toBe(false);
  });
});

describe("deltas", () => {
  const load = (texts: string[]) => Heap.load({}, texts).roots.get("value") as Record<string, unknown>;

  test("hold what changed, and the tail of an array that grew", () => {
    const log: unknown[] = Array.from({ length: 100 }, (_, i) => `line ${i}`);
    const value: Record<string, unknown> = { log, order: { total: 1 }, other: { untouched: "text" } };
    const heap = new Heap();
    const base = heap.save("base", { strong: { value } });
    base.saved();
    log.push("one more", { nested: true });
    (value.order as { total: number }).total = 2;
    const delta = heap.save("delta", { strong: { value } });
    expect(delta.kind).toBe("delta");
    expect(delta.written).toBe(3);
    expect(delta.text).not.toContain("line 7");
    expect(delta.text).not.toContain("untouched");
    expect(load([base.text, delta.text])).toEqual(value);
  });

  test("nothing changed: nothing written, also after loading", () => {
    const value = { list: [1, { a: new Map([[1, new Set(["x"])]]) }], error: new Error("x"), when: new Date(5) };
    const heap = new Heap();
    const base = heap.save("base", { strong: { value } });
    base.saved();
    expect(heap.save("delta", { strong: { value } }).written).toBe(0);
    const loaded = Heap.load({}, [base.text]);
    expect(loaded.heap.save("delta", { strong: Object.fromEntries(loaded.roots) }).written).toBe(0);
  });

  test("a save that was not acknowledged is written again", () => {
    const value = { n: 1 };
    const heap = new Heap();
    heap.save("base", { strong: { value } }).saved();
    value.n = 2;
    const lost = heap.save("delta", { strong: { value } });
    expect(heap.save("delta", { strong: { value } }).text).toBe(lost.text);
  });
});

describe("roots", () => {
  test("weak ones are kept only when something reaches what they are for, to a fixed point", () => {
    const a = { name: "a" };
    const b = { name: "b" };
    const c = { name: "c" };
    const roots: Roots = {
      strong: { main: [a] },
      weak: (reached) => ({
        ...(reached(a) ? { onA: { then: b } } : {}),
        ...(reached(b) ? { onB: 1 } : {}),
        ...(reached(c) ? { onC: 1 } : {}),
      }),
    };
    const save = new Heap().save("base", roots);
    expect(save.roots).toEqual(["main", "onA", "onB"]);
    expect(save.reached(b)).toBe(true);
    expect(save.reached(c)).toBe(false);
  });
});

describe("what cannot be saved", () => {
  class Socket {}
  test.each([
    ["an instance of an ordinary class", { order: { socket: new Socket() } }, /main\.order\.socket.*class Socket/],
    ["an ordinary function", { list: [1, function handler() {}] }, /main\.list\[1\].*function handler/],
    ["a promise", { "first name": Promise.resolve() }, /main\["first name"\]/],
  ])("%s", (_, main, message) => {
    expect(() => new Heap().save("base", { strong: { main } })).toThrow(message);
  });
});
