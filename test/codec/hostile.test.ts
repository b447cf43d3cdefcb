/** Segments that no save has written: always a coded error, or values of the language; never a crash, hang or pollution. */
import fc from "fast-check";
import { Heap, type HeapOptions } from "perdure/internal/codec/heap";
import { checksum } from "perdure/internal/codec/segment";
import { encodeValue } from "perdure/internal/codec/standalone";
import { isPerdureError } from "perdure/internal/errors";
import { describe, expect, test } from "vitest";

const seal = (body: string) => `{"perdure":2,"checksum":"${checksum(body)}","body":${body}}`;

const body = (nodes: unknown[], rest: object = {}) =>
  seal(
    JSON.stringify({
      base: 0,
      next: 1000,
      roots: { value: [1] },
      nodes,
      ...rest,
    }),
  );

const load = (texts: string[], options: HeapOptions = {}) => Heap.load(options, texts).roots.get("value");

/** Loads and says what happened; fails on anything but a value or a coded error. */
function outcome(texts: string[], options: HeapOptions = {}): string {
  const before = Reflect.ownKeys(Object.prototype).length;
  try {
    load(texts, options);
    return "loaded";
  } catch (why) {
    if (!isPerdureError(why)) throw why;
    return why.code;
  } finally {
    expect(Reflect.ownKeys(Object.prototype).length).toBe(before);
    expect(({} as { polluted?: boolean }).polluted).toBeUndefined();
  }
}

describe("the frame of a segment", () => {
  const good = encodeValue({ a: [1, 2], b: new Map([["k", new Date(5)]]) });
  test.each([
    ["empty", ""],
    ["no JSON", "hello"],
    ["cut off", good.slice(0, -20)],
    ["cut off by one", good.slice(0, -1)],
    ["trailing bytes", `${good} `],
    ["a flipped bit", good.replace('"k"', '"j"')],
    ["another product's JSON", '{"version":1,"frames":[]}'],
    ["a number", 5 as unknown as string],
    ["null body", seal("null")],
    ["array body", seal("[]")],
    ["no fields", seal("{}")],
    ["depth bomb", seal("[".repeat(200_000) + "]".repeat(200_000))],
    ["unclosed depth bomb", seal("[".repeat(1_000_000))],
  ])("%s", (_, text) => expect(outcome([text])).toMatch(/^PD401[01]$/));

  test("another format version", () => expect(outcome([good.replace('"perdure":2', '"perdure":1')])).toBe("PD4011"));
  test("another run's segment", () => expect(outcome([good], { owner: "b3" })).toBe("PD4010"));
  test("too long", () => expect(outcome([good], { limits: { maxBytes: 10 } })).toBe("PD4002"));
  test("too many objects", () => expect(outcome([good], { limits: { maxObjects: 2 } })).toBe("PD4002"));

  test("deltas missing, repeated, or out of order", () => {
    const heap = new Heap();
    const value = { n: 0 };
    const texts = Array.from({ length: 4 }, (_, i) => {
      value.n = i;
      const save = heap.save(i === 0 ? "base" : "delta", { strong: { value } });
      save.saved();
      return save.text;
    });
    const [base, a, b, c] = texts as [string, string, string, string];
    expect(outcome(texts)).toBe("loaded");
    for (const wrong of [[], [a], [base, b], [base, a, a], [base, b, a], [base, a, c], [base, base]])
      expect(outcome(wrong)).toBe("PD4010");
  });
});

describe("the objects of a segment", () => {
  test.each<[string, unknown[], object?]>([
    ["a root that is missing", []],
    ["a child that is missing", [[1, "a", [[2]]]]],
    ["a number out of bounds", [[1, "a", [[-5]]]]],
    ["a fractional number", [[1, "a", [[1.5]]]]],
    ["a number beyond what was given", [[1, "o", {}]], { next: 1 }],
    ["an unknown reference", [[1, "o", { a: ["r", "no.such.thing"] }]]],
    ["a reference to a key of every object", [[1, "o", { a: ["r", "__proto__"] }]]],
    ["a reference to constructor", [[1, "o", { a: ["r", "constructor"] }]]],
    ["an unknown kind", [[1, "zz", {}]]],
    ["a kind named like a key of every object", [[1, "constructor", {}]]],
    ["an unknown leaf", [[1, "a", [["q", 1]]]]],
    ["a bigint that is none", [[1, "a", [["b", "0x10"]]]]],
    ["a number that is none", [[1, "a", [["n", "seven"]]]]],
    ["an inline object", [[1, "a", [{ a: 1 }]]]],
    ["an empty value", [[1, "a", [[]]]]],
    ["a map with half an entry", [[1, "m", [1]]]],
    ["a date of text", [[1, "d", "today"]]],
    ["a pattern that is none", [[1, "x", ["(", "", 0]]]],
    ["flags that are none", [[1, "x", ["a", "zz", 0]]]],
    ["a view without buffer", [[1, "VUint8Array", [5, 0, 1]]]],
    [
      "a view on a plain object",
      [
        [1, "VUint8Array", [[2], 0, 1]],
        [2, "o", {}],
      ],
    ],
    [
      "a view out of bounds",
      [
        [1, "VUint8Array", [[2], 0, 4_000_000_000]],
        [2, "B", ""],
      ],
    ],
    [
      "a view at a negative offset",
      [
        [1, "VUint8Array", [[2], -1, 1]],
        [2, "B", "AAAA"],
      ],
    ],
    ["a huge resizable buffer", [[1, "B", ["", 1e15]]]],
    ["a huge pool", [[1, "Bp", 1e12]]],
    ["Base64 that is none", [[1, "B", "é"]]],
    ["a view as its own buffer", [[1, "VUint8Array", [[1], 0, 1]]]],
    ["a weak reference to itself", [[1, "R", [[1]]]]],
    ["a URL that is none", [[1, "U", "::"]]],
    ["a prototype of text", [[1, "o", [{ is: null, proto: "x" }]]]],
    [
      "a prototype cycle",
      [
        [1, "o", [{ is: null, proto: [2] }]],
        [2, "o", [{ is: null, proto: [1] }]],
      ],
    ],
    ["a getter that is data", [[1, "o", [{ is: null, own: [["a", 1, ["u"], 8]] }]]]],
    ["attributes out of range", [[1, "o", [{ is: null, own: [["a", 1, 99]] }]]]],
    ["a property without value", [[1, "o", [{ is: null, own: [["a"]] }]]]],
    ["a key that is an object", [[1, "o", [{ is: null, own: [[[1], 1]] }]]]],
    ["properties that are no list", [[1, "o", [{ is: null, own: 5 }]]]],
    ["an array length beyond the language", [[1, "a", { is: [2 ** 32, true] }]]],
    ["a negative array length", [[1, "a", { is: [-1, true] }]]],
    ["an error without prototype", [[1, "e", {}]]],
    ["a tail of nothing", [[1, "a", []]], { tails: [[2, 0, [1]]] }],
    ["a tail in the wrong place", [[1, "a", []]], { tails: [[1, 5, [1]]] }],
    ["a tail of an object", [[1, "o", {}]], { tails: [[1, 0, [1]]] }],
    ["a snapshot without values", [[1, "s", {}]]],
    ["a snapshot of missing objects", [[1, "s", { values: [], as: [7], own: [] }]]],
    ["a snapshot with damaged parts", [[1, "s", { values: [], as: [], own: [5] }]]],
    ["nodes that are no nodes", [[1, "o"]]],
    ["roots that are no object", [[1, "o", {}]], { roots: [] }],
    ["a number that is text", [["1", "o", {}]]],
    [
      "creation nested too deeply",
      [...Array.from({ length: 5000 }, (_, i) => [i + 1, "R", [[i + 2]]]), [5001, "o", {}]],
      { next: 9999 },
    ],
  ])("%s", (_, nodes, rest) => expect(outcome([body(nodes, rest)])).toMatch(/^PD40(10|12|13)$/));

  test("__proto__ is a property like any other", () => {
    const text = body([
      [1, "o", JSON.parse('{"__proto__":[2]}')],
      [2, "o", { polluted: true }],
    ]);
    const value = load([text]) as object;
    expect(Object.getPrototypeOf(value)).toBe(Object.prototype);
    expect(Object.hasOwn(value, "__proto__")).toBe(true);
    expect(load([body([[1, "o", {}]], { roots: JSON.parse('{"__proto__":[1],"value":5}') })])).toBe(5);
  });

  test("the longest array costs nothing", () => {
    const value = load([body([[1, "a", { is: [2 ** 32 - 1, true], own: [["7", 1]] }]])]) as unknown[];
    expect(value.length).toBe(2 ** 32 - 1);
  });

  test("payloads nested deeply are refused without recursion", () => {
    for (const open of ["[", '{"a":', '["is",', "[[1],"]) {
      const depth = 100_000;
      const close = open.startsWith("{") ? "}" : "]";
      const nested = `${open.repeat(depth)}1${close.repeat(depth)}`;
      for (const tag of ["o", "a", "m", "t", "e", "x", "s", "D", "B", "VUint8Array"]) {
        const text = seal(`{"base":0,"next":9,"roots":{"value":[1]},"nodes":[[1,"${tag}",${nested}]]}`);
        expect(outcome([text])).toMatch(/^PD4010$|^loaded$/);
      }
    }
  });
});

test("what was loaded from hostile bytes can still be saved, or is refused", () => {
  const deep = `${"[".repeat(50_000)}1${"]".repeat(50_000)}`;
  for (const parts of [
    `"values":[${deep}],"as":[],"own":[]`,
    `"values":[],"as":[],"own":[[2,"o",${deep}]]`,
    `"values":[[1]],"as":[2],"own":[]`,
  ]) {
    const nodes = `[[1,"s",{${parts}}],[2,"o",[{"is":null,"junk":${deep}}]]]`;
    const text = seal(`{"base":0,"next":9,"roots":{"value":[1]},"nodes":${nodes}}`);
    expect(outcome([text])).toBe("PD4010");
  }
});

describe("mutations of real segments", () => {
  const symbol = Symbol("mine");
  const shared = { text: "shared", [symbol]: 1 };
  const buffer = new ArrayBuffer(8);
  const graph: Record<string, unknown> = {
    shared,
    list: Object.assign([1], { 2: shared, 3: "x" }),
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
  graph.self = graph;
  const heap = new Heap();
  const snapshot = heap.snapshot([graph]);
  const roots = { strong: { value: graph, snapshot } };
  const first = heap.save("base", roots);
  first.saved();
  (graph.list as unknown[]).push("more");
  shared.text = "changed";
  const second = heap.save("delta", roots);
  const bodies = [first.text, second.text].map((text) => text.slice(text.indexOf('"body":') + 7, -1));
  const [base, delta] = bodies as [string, string];

  test("the originals load", () => expect(outcome([seal(base), seal(delta)])).toBe("loaded"));

  test("bytes replaced, removed, inserted, under a valid checksum", () => {
    const edit = fc.record({
      at: fc.nat(base.length - 1),
      remove: fc.nat(6),
      insert: fc.oneof(
        fc.constantFrom(
          "",
          "0",
          "-1",
          "[",
          "]",
          "{}",
          "null",
          '"',
          "[1]",
          '["r","Array"]',
          '"__proto__"',
          "1e99",
          "99999999",
          ",",
          '"o"',
          '["u"]',
        ),
        fc.string({ maxLength: 3 }),
      ),
    });
    const seen = new Map<string, number>();
    fc.assert(
      fc.property(fc.boolean(), fc.array(edit, { minLength: 1, maxLength: 3 }), (inBase, edits) => {
        let text = inBase ? base : delta;
        for (const { at, remove, insert } of edits) {
          const from = at % text.length;
          text = text.slice(0, from) + insert + text.slice(from + remove);
        }
        const code = outcome(inBase ? [seal(text), seal(delta)] : [seal(base), seal(text)]);
        seen.set(code, (seen.get(code) ?? 0) + 1);
      }),
      { numRuns: 3000 },
    );
    expect([...seen.keys()].sort()).toEqual(expect.arrayContaining(["PD4010", "loaded"]));
  });

  test("values exchanged inside valid JSON", () => {
    const parsed = JSON.parse(base) as { nodes: unknown[] };
    const spots: [object, string | number][] = [];
    const visit = (at: unknown) => {
      if (typeof at !== "object" || at === null) return;
      for (const key of Object.keys(at)) {
        spots.push([at, key]);
        visit((at as Record<string, unknown>)[key]);
      }
    };
    visit(parsed);
    const value = fc.oneof(
      fc.constantFrom<unknown>(
        null,
        true,
        -1,
        0,
        1,
        1.5,
        2 ** 32,
        1e308,
        "",
        "a",
        "__proto__",
        [],
        {},
        [[]],
        [null],
        ["u"],
        ["n", "NaN"],
        ["r", "Array.prototype"],
        ["r", "x"],
        { is: 1 },
        [{ is: null }],
      ),
      fc.nat(60).map((id) => [id]),
      fc.jsonValue(),
    );
    const loads = fc.property(fc.nat(spots.length - 1), value, (i, replacement) => {
      const [owner, key] = spots[i]! as [Record<string, unknown>, string];
      const before = owner[key];
      owner[key] = replacement;
      try {
        outcome([seal(JSON.stringify(parsed)), seal(delta)]);
      } finally {
        owner[key] = before;
      }
    });
    fc.assert(loads, { numRuns: 3000 });
  });
});

test("a list of 100,000 links is saved, compared and loaded", () => {
  interface Link {
    n: number;
    next: Link | null;
  }
  let head: Link | null = null;
  for (let n = 0; n < 100_000; n++) head = { n, next: head };
  const heap = new Heap();
  const base = heap.save("base", { strong: { value: head } });
  base.saved();
  head!.n = -1;
  const delta = heap.save("delta", { strong: { value: head } });
  expect(delta.written).toBe(1);
  let length = 0;
  for (let at = load([base.text, delta.text]) as Link | null; at; at = at.next) length++;
  expect(length).toBe(100_000);
  const copied = heap.snapshot([head]).open().values[0] as Link;
  expect(copied.next!.n).toBe(99_998);
});
