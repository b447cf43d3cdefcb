/** Generators of a run in the hands of others, in saves that cannot be made, and in saves that are damaged. */
import type { Frame, Transfer } from "perdure/abi";
import * as $ from "perdure/emitted";
import { readSegment, writeSegment } from "perdure/internal/codec/segment";
import { decodeOutcome } from "perdure/internal/machine/values";
import { Vat } from "perdure/internal/machine/vat";
import { describe, expect, it } from "vitest";
import { blocks } from "./blocks.ts";
import { drive, makeHost, makeVat } from "./host.ts";

const $m = $.module("test/generators.ts", {
  abi: 1,
  file: "test/generators.ts",
  fingerprints: { count: "f-count", feed: "f-feed", made: "f-made" },
  sites: [],
});

/** `function* (kept) { for (let i = 0; ; i++) yield i; }`, with `kept` alive at the `yield`. */
const counting = (path: string, generator: "sync" | "async") =>
  $m.machine(
    path,
    {
      name: path,
      at: [1, 1],
      generator,
      live: { start: ["kept"], yield: ["kept", "i"] },
      points: { start: [1, 1], yield: [2, 5] },
      handlers: {},
    },
    (f: Frame, sent: any): Transfer => {
      if (f.pc === 0) return $.start(f, "start");
      if (f.pc === "start") f["i"] = 0;
      else (f["i"] as number)++;
      if (sent === "fail") throw new Error("sent");
      return $.yield(f, "yield", f["i"]);
    },
  );
const countMachine = counting("count", "sync");
const feedMachine = counting("feed", "async");
const count = $m.define(function count(kept?: unknown): any {
  return countMachine.enter({ kept, pc: 0, $: undefined, i: undefined });
}, "count");
const feed = $m.define(function feed(kept?: unknown): any {
  return feedMachine.enter({ kept, pc: 0, $: undefined, i: undefined });
}, "feed");

/** What ordinary code gets hold of. */
const outside: { it?: any } = {};

const keeping = (make: () => unknown) =>
  blocks(
    ["it"],
    (f) => {
      f.it = make();
      outside.it = f.it;
    },
    (f) => f.it.next(),
    (f) => f.it.next(),
  );

describe("a generator of a run", () => {
  it("looks and behaves as the platform's", async () => {
    const native = function* () {};
    expect(Object.getPrototypeOf(count)).toBe(Object.getPrototypeOf(native));
    const g = count();
    expect(Object.prototype.toString.call(g)).toBe("[object Generator]");
    expect(g).toBeInstanceOf(count);
    expect(Object.getPrototypeOf(native.prototype).next.call(g)).toEqual({ value: 0, done: false });
    expect([g.next(), g.return(5), g.next()]).toEqual([
      { value: 1, done: false },
      { value: 5, done: true },
      { value: undefined, done: true },
    ]);
  });

  it("is refused to ordinary code outside turns", () => {
    for (const make of [count, feed]) {
      const host = makeHost();
      const vat = makeVat(keeping(make), [], host);
      vat.turn(1);
      expect(() => outside.it.next()).toThrow(/PD2107.*(count|feed)/);
      expect(host.failures.map(String)).toEqual([expect.stringMatching(/PD2107/)]);
      expect(() => vat.turn()).toThrow(/PD2107/);
    }
  });

  it("is refused to another run", () => {
    for (const make of [count, feed]) {
      makeVat(keeping(make)).turn(1);
      const other = makeVat(blocks([], () => outside.it.next()));
      expect(() => other.turn()).toThrow(/PD2107/);
    }
  });

  it("may be given to a step as a copy, when it answers at once", async () => {
    const taken = (generator: any) => [...[0, 1].map(() => generator.next().value)];
    const take = $m.expression("made", { name: "", at: [1, 1] }, (g: any) => taken(g));
    const main = blocks(
      ["it"],
      (f) => {
        f.it = count();
        f.it.next();
        return $m.step(0, take, [f.it]);
      },
      (f, sent) => [sent, f.it.next().value],
    );
    const host = makeHost();
    const vat = await drive(makeVat(main, [], host), host, "turns");
    // The copy has moved, and so has the original: copy-out.
    expect(decodeOutcome(vat.outcome()!)).toEqual({ status: "fulfilled", value: [[1, 2], 3] });
  });

  it("is refused to a step when it answers with promises of the run", () => {
    const take = $m.expression("made", { name: "", at: [1, 1] }, (g: any) => g.next());
    const main = blocks(
      [],
      () => $m.step(0, take, [feed()]),
      () => 0,
    );
    expect(() => makeVat(main).turn()).toThrow(/async generator of the run/);
  });

  it("blocks the run with the path to what it keeps", () => {
    for (const make of [count, feed]) {
      const vat = makeVat(keeping(() => make(new WeakMap())));
      vat.turn(1);
      expect(() => vat.save("base")).toThrow(/PD4001.*(count|feed).*kept/s);
    }
  });

  it("an iterator of ordinary code is refused where it is asked", () => {
    async function* ordinary() {
      yield 1;
    }
    const main = blocks(
      [],
      () => {
        $.iterateAsync(ordinary());
      },
      () => 0,
    );
    expect(() => makeVat(main).turn()).toThrow(/PD2108.*step/s);
  });
});

describe("a forged save of a generator", () => {
  const identity = { run: "run-forged", incarnation: "incarnation-forged" };
  const saved = (make: () => unknown): string => {
    const vat = Vat.create(makeHost(), { ...identity, fn: keeping(make), args: [] });
    vat.runOneJob();
    return vat.save("base").text;
  };
  /** Whoever can write to the store can make a checksum that fits. */
  const forged = (text: string, change: (tag: string, payload: any) => unknown): string => {
    const body = readSegment(text, 1e9);
    return writeSegment({
      ...body,
      nodes: body.nodes.map(([id, tag, payload]) => [id, tag, change(tag, payload) as never]),
    });
  };
  const load = (text: string) => Vat.load(makeHost(), { ...identity, segments: [{ text }] });
  /** `[code, [label, slots], …]`, wherever the kind keeps it. */
  const record = (tag: string, payload: any, change: (list: any[]) => any[]) =>
    tag === "generator"
      ? { ...payload, is: change(payload.is) }
      : tag === "generator-frame"
        ? change(payload)
        : payload;

  it.each([
    [
      "an unknown code",
      /PD2401.*#gone/,
      ([[, print], ...rest]: any[]) => [["test/generators.ts#gone", print], ...rest],
    ],
    [
      "a label it does not have",
      /no resume point __proto__/,
      ([code, [, slots], ...rest]: any[]) => [code, ["__proto__", slots], ...rest],
    ],
    ["a missing slot", /lacks kept/, ([code, [label], ...rest]: any[]) => [code, [label, {}], ...rest]],
    ["no known form", /PD4010/, () => [5]],
    [
      "a function that is no generator",
      /PD2401|PD4010/,
      ([, ...rest]: any[]) => [["test/values.ts#add", "f-add"], ...rest],
    ],
  ] as const)("says that it has %s", (_, says, change) => {
    for (const make of [count, feed]) {
      const text = saved(make);
      expect(() => load(forged(text, (_tag, payload) => payload))).not.toThrow();
      const damaged = forged(text, (tag, payload) => record(tag, payload, change));
      expect(damaged).not.toBe(text);
      expect(() => load(damaged)).toThrow(says);
    }
  });

  it("says that an async one waits for nothing known, or runs for nobody", () => {
    const text = saved(() => {
      const it = feed();
      it.next();
      return it;
    });
    const damage = (change: (list: any[]) => any[]) => () =>
      load(forged(text, (tag, payload) => (tag === "generator-frame" ? change(payload) : payload)));
    expect(damage((list) => list.with(2, "__proto__"))).toThrow(/waits for nothing known/);
    expect(damage((list) => list.with(4, []))).toThrow(/runs for nobody/);
    expect(damage((list) => list.with(4, [["jump", ["u"], ["u"]]]))).toThrow(/asks for nothing/);
    expect(damage((list) => list.with(4, [["next", ["u"], ["u"]]]))).toThrow(/a promise is expected/);
    expect(damage((list) => list.with(5, [1, 2, true]))).toThrow(/has no iterator/);
  });
});
