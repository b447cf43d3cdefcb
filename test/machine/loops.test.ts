/** Iterators that a suspended function holds. Each program is its own `main`, driven at every saving. */
import * as $ from "perdure/emitted";
import { decodeOutcome } from "perdure/internal/machine/values";
import { describe, expect, it } from "vitest";
import { blocks, everyWay } from "./blocks.ts";
import { makeVat } from "./host.ts";

describe("loops", () => {
  const over = (make: () => unknown, mutate: (target: any) => void = () => {}) =>
    blocks(
      ["it", "target", "out"],
      (f) => {
        f.target = make();
        f.it = $.iterate(f.target);
        f.out = [];
        $.next(f.it);
        f.out.push(f.it.value);
      },
      (f) => {
        mutate(f.target);
        if ($.next(f.it)) f.out.push(f.it.value);
      },
      (f) => {
        while ($.next(f.it)) f.out.push(f.it.value);
      },
      (f) => {
        f.out.push($.next(f.it));
        return f.out;
      },
    );
  it("keep their position in arrays, strings and typed arrays", async () => {
    await everyWay(
      over(
        () => [1, 2, 3],
        (a) => a.push(4),
      ),
      [1, 2, 3, 4, false],
    );
    await everyWay(
      over(() => "a\u{1f600}b"),
      ["a", "\u{1f600}", "b", false],
    );
    await everyWay(
      over(() => new Uint16Array([1, 2])),
      [1, 2, false],
    );
    await everyWay(
      over(() => [1]),
      [1, false],
    );
  });
  it("follow maps and sets that change", async () => {
    const map = () =>
      new Map([
        [1, "a"],
        [2, "b"],
        [3, "c"],
        [4, "d"],
      ]);
    await everyWay(over(map), [[1, "a"], [2, "b"], [3, "c"], [4, "d"], false]);
    await everyWay(
      over(map, (m) => {
        m.delete(1);
        m.delete(2);
        m.set(5, "e");
        m.set(1, "again");
      }),
      [[1, "a"], [3, "c"], [4, "d"], [5, "e"], [1, "again"], false],
    );
    await everyWay(
      over(map, (m) => m.clear()),
      [[1, "a"], false],
    );
    await everyWay(
      over(
        () => new Set(["x", "y", "z"]),
        (s) => s.delete("y"),
      ),
      ["x", "z", false],
    );
  });
  it("enumerate keys, without those deleted meanwhile", () =>
    everyWay(
      blocks(
        ["e", "o", "out"],
        (f) => {
          f.o = { x: 1, y: 2, z: 3 };
          f.e = $.enumerate(f.o);
          $.next(f.e);
          f.out = [f.e.value];
        },
        (f) => {
          delete f.o.y;
          f.o.late = 1;
        },
        (f) => {
          while ($.next(f.e)) f.out.push(f.e.value);
          return f.out;
        },
      ),
      ["x", "z"],
    ));
  const entriesOf = (make: () => object, method: "entries" | "keys" | "values", mutate: (target: any) => void) =>
    blocks(
      ["it", "target", "out"],
      (f) => {
        f.target = make();
        f.it = $.iterate($.iterator(f.target, method));
        $.next(f.it);
        f.out = [f.it.value];
      },
      (f) => mutate(f.target),
      (f) => {
        while ($.next(f.it)) f.out.push(f.it.value);
        return f.out;
      },
    );
  it("over entries(), keys() and values() of built-in collections keep their position too", async () => {
    for (const method of ["entries", "keys", "values"] as const) {
      const makers = [
        () => ["a", "b", "c"],
        () =>
          new Map([
            ["a", 1],
            ["b", 2],
            ["c", 3],
          ]),
        () => new Set(["a", "b", "c"]),
        () => new Uint8Array([5, 6, 7]),
      ];
      for (const make of makers) {
        const change = (target: any) => (Array.isArray(target) ? target.push("d") : target.delete?.("b"));
        const target = make() as any;
        const expected: unknown[] = [];
        let first = true;
        for (const item of target[method]()) {
          expected.push(item);
          if (first) change(target);
          first = false;
        }
        await everyWay(
          entriesOf(make as never, method, (t) => void change(t)),
          expected,
        );
      }
    }
    const other = $.iterate($.iterator({ keys: () => [1] }, "keys"));
    expect([$.next(other), other.value, $.next(other)]).toEqual([true, 1, false]);
    expect(() => $.iterator({} as never, "entries")).toThrow(TypeError);
    await everyWay(
      blocks(
        ["it", "next", "out"],
        (f) => {
          f.it = $.iterator(
            new Map([
              ["a", 1],
              ["b", 2],
              ["c", 3],
            ]),
            Symbol.iterator,
          );
          f.next = f.it.next;
          f.out = [f.it.next(), Object.prototype.toString.call([f.it]), f.it[Symbol.iterator]() === f.it];
        },
        (f) => void f.out.push(f.next.call(f.it)),
        (f) => {
          f.out.push([...f.it], f.it.next());
          return f.out;
        },
      ),
      [
        { value: ["a", 1], done: false },
        "[object Array]",
        true,
        { value: ["b", 2], done: false },
        [["c", 3]],
        { value: undefined, done: true },
      ],
    );
  });
  it("over other iterators of the platform cannot be saved", () => {
    const main = blocks(
      ["it"],
      (f) => void (f.it = $.iterate(new Map([[1, 2]]).entries())),
      (f) => $.next(f.it),
    );
    const vat = makeVat(main);
    vat.turn();
    expect(decodeOutcome(vat.outcome()!)).toEqual({ status: "fulfilled", value: true });
    const again = makeVat(main);
    again.runOneJob();
    expect(() => again.save("base")).toThrow(
      /PD4001: main\d+ \(test\/values\.ts:\d+:\d+\) › it cannot be saved: .*platform/,
    );
  });
});
