/** Accessors of plain objects whose ordinary getter gives one object that is made when it is first asked for: what a save makes of them, and what stays refused. */
import { isPerdureError } from "perdure";
import { Heap, type HeapOptions } from "perdure/internal/codec/heap";
import { describe, expect, test } from "vitest";

const run: HeapOptions = { entersErrors: true };
const save = (value: unknown) => new Heap(run).save("base", { strong: { value } }).text;
const load = (text: string) => Heap.load(run, [text]).roots.get("value");

function refusal(value: unknown) {
  try {
    save(value);
  } catch (why) {
    if (isPerdureError(why)) return { code: why.code, ...why.details };
    throw why;
  }
  return "saved";
}

/** As a validator gives it. */
function result(makings: string[] = []) {
  let error: Error | undefined;
  return {
    success: false,
    get error() {
      if (!error) makings.push("made");
      error ??= new TypeError("no number");
      return error;
    },
    set error(other) {
      error = other;
    },
  };
}

describe("a value that is made when it is first asked for", () => {
  test("is made by the save, once, and is a property from then on", () => {
    const makings: string[] = [];
    const value = result(makings);
    const back = load(save({ value, again: value })) as { value: typeof value; again: typeof value };
    expect(back.again).toBe(back.value);
    expect(back.value.error).toBeInstanceOf(TypeError);
    expect(makings).toEqual(["made"]);
    const now = Object.getOwnPropertyDescriptor(value, "error");
    expect(now).toMatchObject({ writable: true, enumerable: true, configurable: true });
    expect(Object.getOwnPropertyDescriptor(back.value, "error")).toMatchObject({ writable: true });
  });

  test("is the object that the run had of it before", () => {
    const value = result();
    const held = { value, error: value.error };
    const back = load(save(held)) as typeof held;
    expect(held.value.error).toBe(held.error);
    expect(back.value.error).toBe(back.error);
  });

  test("stays readable only when it had no setter", () => {
    const list = [1];
    const value = {
      get list() {
        return list;
      },
    };
    const back = load(save(value)) as typeof value;
    for (const one of [value, back])
      expect(() => Object.assign(one, { list: [] }), "as without a setter").toThrow(TypeError);
    expect(back.list).toEqual([1]);
  });
});

describe("what is no such value is refused, by name", () => {
  let count = 0;
  const cases: Record<string, object> = {
    "a number that may be another one tomorrow": {
      get live() {
        return count;
      },
    },
    "another object each time": {
      get live() {
        return { count: ++count };
      },
    },
    "a view of its receiver": {
      rows: [1],
      get live() {
        return (this as unknown as { rows: number[] }).rows;
      },
    },
    "a getter that throws": {
      get live(): object {
        throw new Error("closed");
      },
    },
    "a getter without a text": Object.defineProperty({}, "live", {
      get: (() => [1]).bind(undefined),
      enumerable: true,
      configurable: true,
    }),
  };
  test.each(Object.keys(cases))("%s", (name) => {
    expect(refusal({ it: cases[name] })).toMatchObject({ code: "PD4001", path: "value.it.live" });
  });

  test("and the message says what to keep", () => {
    const { why, mend } = refusal(cases["a number that may be another one tomorrow"]) as Record<string, string>;
    expect(why).toBe(
      "it is an accessor (get live) of ordinary code, which no module binding or provided host leads to",
    );
    expect(mend).toBe("keep what it gives at once: const { live } = …");
  });
});
