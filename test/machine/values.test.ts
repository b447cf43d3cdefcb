/** What else a suspended function may hold, and what cannot be saved or loaded. Each program is its own `main`, driven at every saving. */
import { isPerdureError } from "perdure";
import * as $ from "perdure/emitted";
import { decodeOutcome } from "perdure/internal/machine/values";
import { Vat } from "perdure/internal/machine/vat";
import { describe, expect, it } from "vitest";
import { $m, blocks, everyWay } from "./blocks.ts";
import { makeHost, makeVat } from "./host.ts";
import { Wallet } from "./wallet.ts";

describe("what generated code calls for literals and patterns", () => {
  it("does not ask an exhausted iterator again", () => {
    let asked = 0;
    const it = $.iterate({ [Symbol.iterator]: () => ({ next: () => ({ done: ++asked > 1, value: asked }) }) });
    expect([$.next(it), it.value, $.next(it), it.value, $.next(it), it.value, asked]).toEqual([
      true,
      1,
      false,
      undefined,
      false,
      undefined,
      2,
    ]);
  });
  it("keeps template objects by name", () => {
    const strings = $m.template("strings", ((s: TemplateStringsArray, ..._: unknown[]) => s)`a${0}b`);
    return everyWay(
      blocks(
        ["s"],
        (f) => void (f.s = strings),
        (f) => f.s === strings && f.s.raw === strings.raw,
      ),
      true,
    );
  });
});

describe("member calls across a suspension", () => {
  it("keep receiver and function", () =>
    everyWay(
      blocks(
        ["m", "o"],
        (f) => {
          f.o = new Map([["a", 1]]);
          f.m = $.member(f.o, "get");
        },
        (f) => [$.invoke(f.m, ["a"]), f.m.receiver === f.o],
      ),
      [1, true],
    ));
});

describe("what cannot be saved", () => {
  it("is named by its variable path", () => {
    const main = blocks(
      ["order"],
      (f) => void (f.order = { items: [{ socket: new (class Socket {})() }] }),
      () => 1,
    );
    const vat = makeVat(main);
    vat.runOneJob();
    expect(() => vat.save("base")).toThrow(
      /PD4001: main\d+ \(test\/values\.ts:\d+:\d+\) › order\.items\[0\]\.socket cannot be saved: it is an instance of the ordinary class Socket/,
    );
  });
  it("a Proxy is refused before any of its traps is asked", () => {
    const trap = () => {
      throw new Error("asked");
    };
    const handler = { get: trap, getOwnPropertyDescriptor: trap, getPrototypeOf: trap, has: trap, ownKeys: trap };
    const proxy = new Proxy({}, handler);
    const host = { ...makeHost(), isProxy: (value: object) => value === proxy };
    const held = blocks(
      ["held"],
      (f) => void (f.held = { proxy }),
      () => 1,
    );
    const returned = blocks([], () => ({ proxy }));
    for (const main of [held, returned]) {
      const vat = makeVat(main, [], host);
      expect(() => vat.runOneJob() && vat.save("base")).toThrow(/PD4001: .*\.proxy cannot be saved: it is a Proxy/);
    }
  });
  it("a result that cannot be copied blocks the run", () => {
    const vat = makeVat(blocks([], () => ({ fn: () => 1 })));
    expect(() => vat.turn()).toThrow(/PD4001: main\d+ \(test\/values\.ts:1:1\) › result\.fn/);
    expect(() => vat.turn()).toThrow(/PD4001/);
  });
  it("what is thrown always leaves", () => {
    const vat = makeVat(
      blocks([], () => {
        throw Object.assign(new TypeError("no"), { socket: new (class Socket {})(), code: "E1" });
      }),
    );
    vat.turn();
    expect(decodeOutcome(vat.outcome()!)).toMatchObject({
      status: "rejected",
      reason: { name: "TypeError", message: "no", code: "E1" },
    });
    expect(vat.status()).toBe("failed");
  });
});

describe("segments that no save has written", () => {
  it("are loaded or refused with a code, whatever they hold", () => {
    const main = blocks(
      ["it", "w", "get", "p", "e", "m", "nested"],
      (f) => {
        const n$ = $.cell({ list: [1, 2, { a: 1 }] });
        f.it = $.iterator(new Map([["a", n$]]), "entries");
        f.w = new Wallet("ann");
        f.get = $m.code("later", { name: "later", at: [1, 1] }, (c$: any) => () => c$.v)(n$);
        f.p = $.Promise.all([
          $.Promise.race([new $.Promise(() => {}), f.w]),
          $.Promise.resolve(1).then(f.get).finally(f.get),
        ]);
        f.e = $.enumerate({ x: 1 });
        f.m = $.member(f.w, "spend");
        f.nested = [$.iterate([1, 2]), f.p];
      },
      (f) => f.p,
    );
    const host = makeHost();
    const vat = makeVat(main, [], host);
    vat.runOneJob();
    const { text } = vat.save("base");
    const body = JSON.parse(text).body;
    const load = (changed: unknown) => {
      const json = JSON.stringify(changed);
      let hash = 0x811c9dc5;
      for (let i = 0; i < json.length; i++) hash = Math.imul(hash ^ json.charCodeAt(i), 0x01000193);
      const segment = `{"perdure":2,"checksum":"${(hash >>> 0).toString(16).padStart(8, "0")}","body":${json}}`;
      return Vat.load(host, { run: vat.run, incarnation: vat.incarnation, segments: [{ text: segment }] });
    };
    expect(() => load(body)).not.toThrow();
    const places: (readonly [any, string | number])[] = [];
    const visit = (json: any) => {
      if (typeof json !== "object" || json === null) return;
      for (const key of Object.keys(json)) {
        places.push([json, key]);
        visit(json[key]);
      }
    };
    visit(body.nodes);
    const strange = [
      null,
      0,
      -1,
      1e9,
      "",
      "__proto__",
      [],
      {},
      [1],
      [999],
      ["u"],
      ["r", "code:x"],
      ["r", "Object.prototype"],
      [[1]],
      { __proto__: null },
      true,
    ];
    const refused = new Set<string>();
    for (const [i, [holder, key]] of places.entries()) {
      for (const value of [strange[i % strange.length], strange[(i * 7 + 3) % strange.length], [i % 40]]) {
        const before = holder[key];
        holder[key] = value;
        try {
          const loaded = load(body);
          loaded.stack();
          loaded.save("base");
        } catch (thrown) {
          if (!isPerdureError(thrown))
            throw new Error(`${JSON.stringify(value)} in the place of ${JSON.stringify(before)}`, { cause: thrown });
          refused.add(thrown.code);
        }
        holder[key] = before;
      }
    }
    expect(places.length).toBeGreaterThan(100);
    expect([...refused]).toContain("PD4010");
    expect(() => load(body)).not.toThrow();
  });
});
