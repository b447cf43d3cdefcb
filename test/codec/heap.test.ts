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

describe("a save that fails", () => {
  const bad = () => {};

  test("leaves everything as it was: the next one writes what this one would have", () => {
    const value: Record<string, unknown> = { a: { n: 1 }, list: [1] };
    const heap = new Heap();
    const base = heap.save("base", { strong: { value } });
    base.saved();
    (value.a as { n: number }).n = 2;
    (value.list as unknown[]).push({ fresh: true }, bad);
    expect(() => heap.save("delta", { strong: { value } })).toThrow(/PD4001: value\.list\[2\]/);
    (value.list as unknown[]).pop();
    const delta = heap.save("delta", { strong: { value } });
    expect(delta.written).toBe(3);
    delta.saved();
    expect(Heap.load({}, [base.text, delta.text]).roots.get("value")).toEqual(value);
  });

  test("beyond the limits", () => {
    const heap = new Heap({ limits: { maxObjects: 3 } });
    expect(() => heap.save("base", { strong: { value: [{}, {}, {}] } })).toThrow("PD4002");
    expect(heap.save("base", { strong: { value: [{}, {}] } }).objects).toBe(3);
    expect(() => new Heap({ limits: { maxBytes: 100 } }).save("base", { strong: { value: "x".repeat(100) } })).toThrow(
      "PD4002",
    );
  });

  test("an older save cannot be acknowledged after a later one was made", () => {
    const heap = new Heap();
    const first = heap.save("base", { strong: {} });
    heap.save("base", { strong: {} });
    expect(() => first.saved()).toThrow(RangeError);
  });
});

describe("the shadow sees every change", () => {
  const frozen = (value: object) => Object.freeze(value);
  test.each<[string, (value: Record<string, unknown>) => unknown]>([
    ["zero to minus zero", (value) => (value.zero = -0)],
    ["NaN to undefined", (value) => (value.nan = undefined)],
    [
      "a property that becomes an accessor with the same value",
      (value) => Object.defineProperty(value, "zero", { get: Map.prototype.keys as () => unknown }),
    ],
    ["a property that becomes read-only", (value) => Object.defineProperty(value, "zero", { writable: false })],
    ["a hidden property", (value) => Object.defineProperty(value, "hidden", { value: 1 })],
    ["a symbol property", (value) => (value[Symbol.iterator as unknown as string] = 1)],
    ["frozen", frozen],
    ["the order of properties", (value) => Reflect.deleteProperty(value, "zero") && Object.assign(value, { zero: 0 })],
    ["another prototype", (value) => Object.setPrototypeOf(value, null)],
    ["an item that becomes read-only", (value) => Object.defineProperty(value.list, 0, { writable: false })],
    ["a hole", (value) => delete (value.list as unknown[])[0]],
    ["a property of an array", (value) => Object.assign(value.list as object, { extra: 1 })],
    ["an array cut and grown again", (value) => (value.list as unknown[]).splice(0, 2, 2, 1)],
    [
      "the order of a map",
      (value) => (value.map as Map<unknown, unknown>).delete("a") && (value.map as Map<unknown, unknown>).set("a", 1),
    ],
    ["a property of a map", (value) => Object.assign(value.map as object, { extra: 1 })],
    ["lastIndex", (value) => ((value.pattern as RegExp).lastIndex = 1)],
    ["a byte", (value) => ((value.bytes as Uint8Array)[0] = 1)],
    ["an error's message", (value) => ((value.error as Error).message = "other")],
    ["the same value in another object", (value) => (value.list = [...(value.list as unknown[])])],
  ])("%s", (_, change) => {
    const value: Record<string, unknown> = {
      zero: 0,
      nan: Number.NaN,
      list: [1, 2],
      map: new Map([
        ["a", 1],
        ["b", 2],
      ]),
      pattern: /a/g,
      bytes: new Uint8Array(2),
      error: new Error("x"),
    };
    const heap = new Heap();
    heap.save("base", { strong: { value } }).saved();
    change(value);
    expect(heap.save("delta", { strong: { value } }).written).toBeGreaterThan(0);
  });
});

test("an object that died and comes back is written again", () => {
  const kept = { text: "kept outside of the run" };
  const value: Record<string, unknown> = { kept };
  const heap = new Heap();
  heap.save("base", { strong: { value } }).saved();
  delete value.kept;
  const base = heap.save("base", { strong: { value } });
  base.saved();
  value.again = kept;
  const delta = heap.save("delta", { strong: { value } });
  expect(Heap.load({}, [base.text, delta.text]).roots.get("value")).toEqual(value);
});
