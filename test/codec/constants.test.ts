/** Texts of the program in segments: said once, by number from then on, whatever becomes of the saves in between. */
import type { Kind } from "perdure/internal/codec/contract";
import { Heap, type Save } from "perdure/internal/codec/heap";
import { checksum } from "perdure/internal/codec/segment";
import { describe, expect, test } from "vitest";

/** Something that is made of a text of the program. */
class Mark {
  text: string;
  constructor(text: string) {
    this.text = text;
  }
}

const markKind: Kind<Mark> = {
  tag: "mark",
  test: (value): value is Mark => value instanceof Mark,
  encode: ({ text }, encoder) => [encoder.constant(text)],
  create: (payload, decoder) => new Mark(decoder.constant((payload as readonly string[])[0])),
  fill() {},
};
const options = { kinds: [markKind as unknown as Kind] };

/** A heap with marks, one more in each save. */
function marking() {
  const heap = new Heap(options);
  const marks: Mark[] = [];
  return {
    heap,
    mark(text: string, kind: "delta" | "base" = "delta"): Save {
      marks.push(new Mark(text));
      return heap.save(kind, { strong: { marks } });
    },
    marks,
    base: (): Save => heap.save("base", { strong: { marks } }),
  };
}

const acknowledged = (save: Save): string => {
  save.saved();
  return save.text;
};
const texts = (segments: readonly string[]): readonly string[] =>
  (Heap.load(options, segments).roots.get("marks") as readonly Mark[]).map(({ text }) => text);

test("a text is written once, and by its number from then on", () => {
  const { mark } = marking();
  const segments = ["one", "two", "one", "two"].map((text) => acknowledged(mark(text)));
  expect(segments.map((text) => /"constants":\[[^\]]*\]/.exec(text)?.[0])).toEqual([
    '"constants":[0,"one"]',
    '"constants":[1,"two"]',
    undefined,
    undefined,
  ]);
  expect(texts(segments)).toEqual(["one", "two", "one", "two"]);
});

test("what a save held that nobody acknowledged is written again", () => {
  const { mark } = marking();
  const first = acknowledged(mark("one"));
  mark("two");
  const second = acknowledged(mark("three"));
  expect(second).toContain('"constants":[1,"two","three"]');
  expect(texts([first, second])).toEqual(["one", "two", "three"]);
});

test("a base beside the deltas may be kept or lost, also one whose table has more", () => {
  const { mark, marks, base } = marking();
  const first = acknowledged(mark("one"));
  // Refused by the store, and taken back: the text has its number.
  mark("two");
  marks.pop();
  const beside = acknowledged(base());
  const next = acknowledged(mark("three"));
  expect(beside).toContain('"constants":[0,"one","two"]');
  expect(next).toContain('"constants":[1,"two","three"]');
  expect(texts([first, next])).toEqual(["one", "three"]);
  expect(texts([beside, next])).toEqual(["one", "three"]);
});

test("a heap that was loaded goes on with the numbers of the one before", () => {
  const before = marking();
  const segments = [acknowledged(before.mark("one")), acknowledged(before.mark("two"))];
  const { heap, roots } = Heap.load(options, segments);
  const marks = roots.get("marks") as Mark[];
  marks.push(new Mark("two"), new Mark("three"));
  const next = heap.save("delta", { strong: { marks } });
  expect(next.text).toContain('"constants":[2,"three"]');
  expect(texts([...segments, next.text])).toEqual(["one", "two", "two", "three"]);
});

describe("damaged tables", () => {
  const segment = (constants: unknown, number: unknown = 0) => {
    const body = JSON.stringify({
      base: 0,
      next: 9,
      roots: { marks: [1] },
      constants,
      nodes: [
        [1, "a", [[2]]],
        [2, "mark", [number]],
      ],
    });
    return `{"perdure":2,"checksum":"${checksum(body)}","body":${body}}`;
  };
  test("the form is that of a save", () => expect(texts([segment([0, "one"])])).toEqual(["one"]));
  test.each([
    ["a number that was never given", segment([0, "one"], 1)],
    ["a negative number", segment([0, "one"], -1)],
    ["a fraction", segment([0, "one"], 0.5)],
    ["an object in the place of a number", segment([0, "one"], { length: 1 })],
    ["no table", segment(undefined)],
    ["a gap", segment([1, "one"])],
    ["a text that stands twice", segment([0, "one", "one"])],
    ["no texts", segment([0, 1])],
    ["no list", segment({ 0: "one" })],
  ])("%s", (_, text) => expect(() => texts([text])).toThrow(/PD4010/));

  test("a delta that contradicts its base", () => {
    const body = JSON.stringify({ delta: 1, next: 9, constants: [0, "two"] });
    const delta = `{"perdure":2,"checksum":"${checksum(body)}","body":${body}}`;
    expect(() => texts([segment([0, "one"]), delta])).toThrow(/PD4010.*contradict/);
  });
});
