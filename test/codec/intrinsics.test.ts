import { isBuiltin, isPure, nameOfIntrinsic, resolveIntrinsic } from "perdure/internal/codec/intrinsics";
import { describe, expect, test } from "vitest";

const getter = (owner: object, key: PropertyKey) => Object.getOwnPropertyDescriptor(owner, key)!.get!;

describe("names of what every realm has", () => {
  test.each<[string, unknown]>([
    ["Array.prototype.map", Array.prototype.map],
    ["Array.prototype.values", Array.prototype[Symbol.iterator]],
    ["Object.prototype", Object.prototype],
    ["get Map.prototype.size", getter(Map.prototype, "size")],
    ["set Object.prototype.__proto__", Object.getOwnPropertyDescriptor(Object.prototype, "__proto__")!.set],
    ["Symbol.asyncIterator", Symbol.asyncIterator],
    ["%TypedArray%", Object.getPrototypeOf(Uint8Array)],
    ["%ArrayIteratorPrototype%", Object.getPrototypeOf([].values())],
    ["%AsyncFunction.prototype%", Object.getPrototypeOf(async () => {})],
    ["Math", Math],
    ["Intl.DateTimeFormat.prototype.formatToParts", Intl.DateTimeFormat.prototype.formatToParts],
    ["globalThis", globalThis],
    ["console", console],
    ["console.log", console.log],
    ["process.env", process.env],
    ["URL.prototype", URL.prototype],
  ])("%s", (name, value) => {
    expect(nameOfIntrinsic(value as object)).toBe(name);
    expect(resolveIntrinsic(name)).toBe(value);
  });

  test("other names of the same thing are understood too", () => {
    expect(resolveIntrinsic("Array.prototype[Symbol.iterator]")).toBe(Array.prototype.values);
    expect(resolveIntrinsic("Map.prototype.constructor")).toBe(Map);
  });

  test("every name leads back to its value", () => {
    const queue: object[] = [
      Object,
      Array,
      String,
      Map,
      Promise,
      RegExp,
      Date,
      Reflect,
      Intl,
      Math,
      JSON,
      Proxy,
      Uint8Array,
    ];
    let names = 0;
    for (const value of queue) {
      for (const key of Reflect.ownKeys(value)) {
        const { value: child, get, set } = Object.getOwnPropertyDescriptor(value, key)!;
        for (const one of [child, get, set]) {
          if (typeof one !== "function" && (typeof one !== "object" || one === null)) continue;
          expect(resolveIntrinsic(nameOfIntrinsic(one)!)).toBe(one);
          names++;
          if (!queue.includes(one)) queue.push(one);
        }
      }
    }
    expect(names).toBeGreaterThan(300);
  });

  test("what nobody has, and keys of every object, have no value", () => {
    for (const name of ["no.such", "__proto__", "constructor", "hasOwnProperty", "globalThis.Array", ""])
      expect(resolveIntrinsic(name)).toBeUndefined();
    for (const value of [{}, () => {}, Symbol("mine"), Symbol.for("x"), class {}])
      expect(nameOfIntrinsic(value)).toBeUndefined();
  });

  test("a global defined later is found when its name is asked for", () => {
    const late = { here: 1 };
    Object.defineProperty(globalThis, "perdureLate", { value: late, configurable: true });
    expect(resolveIntrinsic("perdureLate")).toBe(late);
    expect(nameOfIntrinsic(late)).toBe("perdureLate");
    Reflect.deleteProperty(globalThis, "perdureLate");
    expect(resolveIntrinsic("perdureLate")).toBe(late);
  });

  test("no accessor of the global object runs that could load or warn", () => {
    let ran = false;
    Object.defineProperty(globalThis, "perdureTrap", { get: () => (ran = true), configurable: true });
    expect(resolveIntrinsic("perdureTrap")).toBeUndefined();
    Reflect.deleteProperty(globalThis, "perdureTrap");
    expect(ran).toBe(false);
  });
});

describe("what may run inside a turn", () => {
  test.each([
    ["Array.prototype.map", Array.prototype.map, true, true],
    ["Promise.resolve", Promise.resolve, true, true],
    ['getter(Map.prototype, "size")', getter(Map.prototype, "size"), true, true],
    ["crypto.randomUUID", crypto.randomUUID, false, true],
    ["structuredClone", structuredClone, false, true],
    ["URL", URL, false, true],
    ["URLSearchParams.prototype.get", URLSearchParams.prototype.get, false, true],
    ['getter(URL.prototype, "href")', getter(URL.prototype, "href"), false, true],
    ["Buffer.from", Buffer.from, false, true],
    ["performance.now", performance.now, false, true],
    ["fetch", fetch, false, false],
    ["setTimeout", setTimeout, false, false],
    ["console.log", console.log, false, false],
    ["process.nextTick", process.nextTick, false, false],
    ["function randomUUID() {}", function randomUUID() {}, false, false],
    ["{}", {}, false, false],
    ['"map"', "map", false, false],
    ["undefined", undefined, false, false],
  ])("%s", (_, fn, builtin, pure) => {
    expect(isBuiltin(fn)).toBe(builtin);
    expect(isPure(fn)).toBe(pure);
  });
});
