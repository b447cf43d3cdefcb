import * as $ from "perdure/emitted";
import { describe, expect, it } from "vitest";

const fingerprints: Record<string, string> = {};
const $m = $.module("test/driver.ts", {
  abi: 1,
  file: "test/driver.ts",
  fingerprints: new Proxy(fingerprints, {
    ownKeys: () => ["work", "cleanup", "sum", "plain", "loop", "toString", "ret"],
    getOwnPropertyDescriptor: () => ({ value: "1", enumerable: true, configurable: true }),
    get: () => "1",
  }),
  sites: [],
});

const meta = (name: string, handlers: Record<string, string> = {}) => ({
  name,
  at: [1, 1] as const,
  live: {},
  points: {},
  handlers,
});

describe("a machine outside a run", () => {
  const ret = $m.machine("ret", meta("ret"), (f) => {
    switch (f.pc) {
      case 0:
        return $.await(f, "toString", f.value);
      default:
        return $.return(f, f.after ?? f.value);
    }
  });

  it("takes the ticks that a native async function takes", async () => {
    const native = async (value: unknown, after?: unknown) => {
      await value;
      return after ?? value;
    };
    const thenable = () => ({ then: (resolve: (v: number) => void) => resolve(1) });
    for (const make of [() => 1, () => Promise.resolve(1), thenable]) {
      for (const makeNext of [undefined, () => Promise.resolve(2), thenable]) {
        const log: string[] = [];
        const ticks = async (name: string, run: () => Promise<unknown>) => {
          let done = false;
          const counted = run().then(() => (done = true));
          for (let i = 0; !done; i++) {
            log.push(`${name}${i}`);
            await null;
          }
          await counted;
          return log.filter((entry) => entry.startsWith(name)).length;
        };
        expect(await ticks("m", () => ret.enter({ value: make(), after: makeNext?.() }))).toBe(
          await ticks("n", () => native(make(), makeNext?.())),
        );
      }
    }
  });

  it("unwinds by its handler table, and by own labels only", async () => {
    const seen: unknown[] = [];
    const work = $m.machine("work", meta("work", { charge: "finally1$throw", 1: "finally1$throw" }), (f, sent) => {
      switch (f.pc) {
        case 0:
          return $.jump(f, 1);
        case 1:
          return $.await(f, "charge", f.promise);
        case "charge":
          return $.leave(f, { type: "return", value: sent, to: ["finally1"] });
        case "finally1$throw":
          f.finally1 = { type: "throw", value: sent };
          return $.jump(f, "finally1");
        case "finally1":
          seen.push("finally");
          return $.await(f, "release", null);
        case "release":
          return $.endFinally(f, "finally1");
        default:
          throw new Error(`no block ${String(f.pc)}`);
      }
    });
    expect(await work.enter({ promise: Promise.resolve(7) })).toBe(7);
    await expect(work.enter({ promise: Promise.reject(new Error("no")) })).rejects.toThrow("no");
    expect(seen).toEqual(["finally", "finally"]);
    await expect(ret.enter({ value: Promise.reject(new Error("own")) })).rejects.toThrow("own");
  });
});

describe("cells", () => {
  it("throw in their dead zone, are initialized once, and are copied per iteration", () => {
    const a = $.tdz("a");
    expect(() => a.v).toThrow(new ReferenceError("Cannot access 'a' before initialization"));
    expect(() => {
      a.v = 1;
    }).toThrow(ReferenceError);
    [a.init] = [5];
    expect(a.v).toBe(5);
    a.v = 6;
    const b = $.copy(a);
    a.v = 7;
    expect(b.v).toBe(6);
    expect(() => $.check($.TDZ, "x")).toThrow("Cannot access 'x' before initialization");
    expect(() => $.constant("x")).toThrow(TypeError);
  });
});

describe("iteration", () => {
  const list = (value: unknown) => {
    const out: unknown[] = [];
    for (const it = $.iterate(value); $.next(it); ) out.push(it.value);
    return out;
  };
  it("gives what for-of gives", () => {
    const values = [
      Array(2).concat(3),
      "a\u{1f600}b\ud800",
      new Map([[1, 2]]),
      new Set([1, 2]),
      new Uint8Array([1, 2]),
      (function* () {
        yield 1;
        yield 2;
      })(),
    ];
    for (const value of values)
      if (typeof value === "string" || Symbol.iterator in Object(value))
        expect(list(value)).toEqual(
          typeof (value as any).next === "function" ? [1, 2] : [...(value as Iterable<unknown>)],
        );
    expect(() => $.iterate(5)).toThrow(TypeError);
  });
  it("follows a collection that changes, and closes", () => {
    const map = new Map([
      [1, "a"],
      [2, "b"],
      [3, "c"],
    ]);
    const it1 = $.iterate(map);
    $.next(it1);
    map.delete(1);
    map.delete(2);
    map.set(4, "d");
    expect($.next(it1) && it1.value).toEqual([3, "c"]);
    expect((it1 as any).position).toBe(1);
    expect($.next(it1) && it1.value).toEqual([4, "d"]);
    expect($.next(it1)).toBe(false);
    map.set(5, "e");
    expect($.next(it1)).toBe(false);
    const closed: string[] = [];
    const own = {
      [Symbol.iterator]: () => ({
        next: () => ({ done: false, value: 1 }),
        return: () => ({ n: closed.push("closed") }),
      }),
    };
    const it2 = $.iterate(own);
    $.next(it2);
    $.close(it2);
    $.close(it2);
    expect(closed).toEqual(["closed"]);
  });
  it("enumerates as for-in does", () => {
    const base = { inherited: 1, shadowed: 2 };
    const object = Object.create(base, {
      hidden: { value: 1, enumerable: false },
      shadowed: { value: 1, enumerable: false },
    });
    Object.assign(object, { b: 1, a: 2, 1: 3 });
    const expected: string[] = [];
    for (const key in object) expected.push(key);
    expect(list2(object)).toEqual(expected);
    expect(list2(null)).toEqual([]);
    expect(list2("ab")).toEqual(["0", "1"]);
    const deleting: Record<string, number> = { x: 1, y: 2, z: 3 };
    const e = $.enumerate(deleting);
    $.next(e);
    delete deleting.y;
    expect($.next(e) && e.value).toBe("z");
  });
  const list2 = (value: unknown) => {
    const out: unknown[] = [];
    for (const e = $.enumerate(value); $.next(e); ) out.push(e.value);
    return out;
  };
});
