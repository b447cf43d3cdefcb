/** Arguments and results that hold no objects are copied without a heap: the same text, the same values. */
import { decodeFlat, encodeFlat } from "perdure/internal/codec/flat-value";
import { DEFAULT_LIMITS, Heap } from "perdure/internal/codec/heap";
import { decodeValue, encodeValue } from "perdure/internal/machine/values";
import { describe, expect, test } from "vitest";

const OWNER = "value";
const { maxBytes } = DEFAULT_LIMITS;
const inHeap = (value: unknown): string => new Heap({ owner: OWNER }).save("base", { strong: { value } }).text;

const flat = [
  ...[0, -0, 1.5, Number.NaN, Number.POSITIVE_INFINITY, "text", "\u{1F600}\ud800", "", true, null, undefined, 5n, -7n],
  ...[[], [1], [10, undefined, "a", null, Number.NaN, -0, 5n, false]],
];
const sparse = [1, 2, 3];
delete sparse[1];
const named = Object.assign([1], { more: 2 });
const others = [
  ...[[[1]], [{}], { a: 1 }, [Symbol.for("s")], Symbol.for("s"), new Date(0), sparse, named, Object.freeze([1])],
  ...[Object.defineProperty([1], 0, { get: () => 2 }), Object.setPrototypeOf([1], null)],
];

describe("a value without objects of its own", () => {
  test.each(flat.map((value) => [value]))("no. %# has the text that a heap writes", (value) => {
    const text = encodeFlat("value", value, OWNER, () => true);
    expect(text).toBe(inHeap(value));
    expect(decodeFlat(text!, OWNER, maxBytes)).toEqual({ value });
    expect(decodeValue(encodeValue(value))).toEqual(value);
  });

  test("an array is a fresh copy", () => {
    const value = [1, 2];
    const text = encodeValue(value);
    const copy = decodeValue(text);
    expect(copy).not.toBe(decodeValue(text));
    expect(copy).toEqual(value);
  });
});

test.each(others.map((value) => [value]))("what has more to say takes a heap (%#)", (value) => {
  expect(encodeFlat("value", value, OWNER, () => true)).toBe(undefined);
});

test("an array that has a name, or is a proxy, is left to the heap", () => {
  expect(encodeFlat("value", [1], OWNER, () => false)).toBe(undefined);
  const list = [1, 2];
  const provided = { list };
  expect(decodeValue(encodeValue(list, { provided }), { provided })).toBe(list);
  const proxy = new Proxy([1], {});
  expect(() => encodeValue(proxy, { provided: {}, isProxy: (value) => value === proxy })).toThrow("PD4001");
});

test("texts of other forms are left to the heap, damaged ones are refused", () => {
  for (const value of [[[1]], { a: 1 }, [Symbol.for("s")], sparse]) {
    expect(decodeFlat(inHeap(value), OWNER, maxBytes)).toBe(undefined);
    expect(decodeValue(inHeap(value))).toEqual(value);
  }
  const text = encodeFlat("value", [1], OWNER, () => true)!;
  expect(() => decodeValue(text.replace("[1]]]", "[2]]]"))).toThrow("PD4010");
  expect(() => decodeValue(text.slice(0, -1))).toThrow("PD4010");
  expect(decodeFlat(text, "another", maxBytes)).toBe(undefined);
  expect(() => decodeFlat(text, OWNER, 10)).toThrow("PD4002");
});
