/** What a suspended function may hold: closures, instances, iterators, cells. Each program is its own `main`, driven at every saving. */

import { isPerdureError } from "perdure";
import type { Frame, Transfer } from "perdure/abi";
import * as $ from "perdure/emitted";
import { decodeOutcome } from "perdure/internal/machine/values";
import { Vat } from "perdure/internal/machine/vat";
import { describe, expect, it } from "vitest";
import { drive, makeHost, makeVat, type Saving } from "./host.ts";

const $m = $.module("test/values.ts", {
  abi: 1,
  file: "test/values.ts",
  fingerprints: Object.fromEntries(
    [
      ..."add get Point double times Wallet Box Safe Safe.open Safe.open/plus Mine later".split(" "),
      ...Array.from({ length: 50 }, (_, i) => `main${i}`),
    ].map((code) => [code, `f-${code}`]),
  ),
  sites: [],
});

let count = 0;

/** A machine that runs its blocks in order, with a wait before each: what blocks keep in `slots` is live throughout. */
function blocks(slots: string[], ...parts: ((f: any, sent: any) => unknown)[]) {
  const path = `main${count++}`;
  const label = (i: number) => `w${i}`;
  const points = Object.fromEntries(parts.map((_, i) => [label(i), [i + 1, 1] as const]));
  const machine = $m.machine(
    path,
    { name: path, at: [1, 1], live: Object.fromEntries(parts.map((_, i) => [label(i), slots])), points, handlers: {} },
    (f: Frame, sent: unknown): Transfer => {
      const i = f.pc === 0 ? 0 : Number(String(f.pc).slice(1)) + 1;
      const value = parts[i]!(f, sent);
      return i === parts.length - 1 ? $.return(f, value) : $.await(f, label(i), value);
    },
  );
  return $m.define({ [path]: () => machine.enter({}) }[path]!, path);
}

async function everyWay(fn: () => unknown, expected: unknown) {
  expect(await fn()).toEqual(expected);
  for (const saving of ["never", "turns", "jobs"] satisfies Saving[]) {
    const host = makeHost();
    const vat = await drive(makeVat(fn, [], host), host, saving);
    expect([saving, decodeOutcome(vat.outcome()!)]).toEqual([saving, { status: "fulfilled", value: expected }]);
  }
}

describe("closures", () => {
  const add = $m.code("add", { name: "add", at: [1, 1] }, (n$: any) => (by: number) => {
    n$.v += by;
    return n$.v;
  });
  const get = $m.code("get", { name: "get", at: [1, 1] }, (n$: any) => () => n$.v);

  it("share cells", () =>
    everyWay(
      blocks(
        ["add", "get"],
        (f) => {
          const n$ = $.cell(1);
          f.add = add(n$);
          f.get = get(n$);
        },
        (f) => f.add(2),
        (f, sent) => [sent, f.get(), f.add(3), f.get(), f.add.name, f.add.length],
      ),
      [3, 3, 6, 6, "add", 1],
    ));

  it("keep their identity, own properties and prototypes", () => {
    const Point = $m.code(
      "Point",
      { name: "Point", at: [1, 1] },
      () =>
        function Point(this: any, x: number) {
          this.x = x;
        },
    );
    const double = $m.code(
      "double",
      { name: "double", at: [1, 1] },
      () =>
        function (this: any) {
          return this.x * 2;
        },
    );
    return everyWay(
      blocks(
        ["P", "p", "same"],
        (f) => {
          f.P = Point();
          f.P.prototype.double = double();
          f.P.made = { count: 1 };
          f.p = new f.P(4);
          f.same = [f.P, f.P.made];
        },
        (f) => [
          f.p instanceof f.P,
          f.p.double(),
          f.same[0] === f.P,
          f.same[1] === f.P.made,
          f.p.constructor === f.P,
          new f.P(5).double(),
        ],
      ),
      [true, 8, true, true, true, 10],
    );
  });

  it("see the dead zone of a variable until it is initialized", () =>
    everyWay(
      blocks(
        ["get", "n$"],
        (f) => {
          f.n$ = $.tdz("n");
          f.get = get(f.n$);
        },
        (f) => {
          let message = "";
          try {
            f.get();
          } catch (e) {
            message = String(e);
          }
          f.n$.init = 5;
          return message;
        },
        (f, sent) => [sent, f.get()],
      ),
      ["ReferenceError: Cannot access 'n' before initialization", 5],
    ));

  it("wait as handlers of a promise, in combinators and finally", () => {
    const times = $m.code("times", { name: "times", at: [1, 1] }, (k: number, log$: any) => (v: number) => {
      log$.v.push(v);
      return v * k;
    });
    return everyWay(
      blocks(
        ["log$", "p"],
        (f) => {
          f.log$ = $.cell([]);
          const P = $.Promise;
          const one = P.resolve(1).then(times(2, f.log$)).then(times(3, f.log$));
          f.p = P.all([
            one,
            P.race([new P(() => {}), one]),
            P.any([P.reject(1), one]),
            P.allSettled([one, P.reject(3)]),
            one.finally(times(0, f.log$) as never),
          ]);
        },
        (f) => f.p,
        (f, sent) => [sent, f.log$.v],
      ),
      [
        [
          6,
          6,
          6,
          [
            { status: "fulfilled", value: 6 },
            { status: "rejected", reason: 3 },
          ],
          6,
        ],
        [1, 2, undefined],
      ],
    );
  });
});

class Wallet {
  static {
    $m.class(Wallet, "Wallet", {
      get: (o: any) => [o.#cents, o.#log],
      set: (o: any, v) => ([o.#cents, o.#log] = v as any),
      has: (o) => #cents in o,
    });
  }
  static made = 0;
  #cents = $.reviving() ? (undefined as never) : 0;
  #log = $.reviving() ? (undefined as never) : [Wallet.made++];
  owner!: string;
  constructor(owner: string) {
    if ($.reviving()) return;
    this.owner = owner;
  }
  spend(n: number) {
    this.#cents -= n;
    this.#log.push(n);
    return this.#cents;
  }
  get log() {
    return this.#log;
  }
}

describe("classes", () => {
  it("instances keep private fields and identity, and revive without user code", () =>
    everyWay(
      blocks(
        ["w", "list", "spend"],
        (f) => {
          Wallet.made = 0;
          f.w = new Wallet("ann");
          f.list = [f.w, f.w];
          f.spend = f.w.spend;
        },
        (f) => f.w.spend(5),
        (f, sent) => [
          sent,
          f.list[0] === f.list[1],
          f.list[1].spend(1),
          f.w.owner,
          f.w.log,
          f.w instanceof Wallet,
          Wallet.made,
          f.spend === Wallet.prototype.spend,
          f.spend.call(f.w, 4),
        ],
      ),
      [-5, true, -6, "ann", [0, 5, 1, 4], true, 1, true, -10],
    ));

  it("nested classes keep their cells, statics and instances", () => {
    const Box$ = $m.classCode("Box", { name: "Box", at: [1, 1] }, (unit$: any, Base: any) => {
      class Box extends Base {
        static {
          $m.class(Box, "Box", {
            get: (o: any) => [o.#n],
            set: (o: any, v) => ([o.#n] = v as any),
            has: (o) => #n in o,
          });
        }
        static {
          if (!$.reviving()) (Box as any).count = 0;
        }
        #n = $.reviving() ? (undefined as never) : 1;
        constructor(n: number) {
          if ($.reviving()) {
            super();
            return;
          }
          super(`${n}`);
          this.#n = n;
          (Box as any).count++;
        }
        get text() {
          return `${this.#n}${unit$.v}`;
        }
      }
      return Box;
    });
    return everyWay(
      blocks(
        ["Box", "b", "unit$"],
        (f) => {
          f.unit$ = $.cell("kg");
          f.Box = Box$(f.unit$, Wallet);
          f.b = new f.Box(3);
        },
        (f) => {
          f.unit$.v = "g";
          new f.Box(4);
        },
        (f) => [
          f.b.text,
          f.b.owner,
          f.Box.count,
          f.b instanceof f.Box,
          f.b instanceof Wallet,
          f.b.constructor === f.Box,
          new f.Box(5).text,
          f.Box.name,
        ],
      ),
      ["3g", "3", 2, true, true, true, "5g", "Box"],
    );
  });
});

describe("classes whose methods suspend", () => {
  it("nested ones have their own machines, found with their class", () => {
    const Safe$ = $m.classCode("Safe", { name: "Safe", at: [1, 1] }, (unit$: any) => {
      let open: any;
      let plus: any;
      class Safe {
        static {
          $m.class(Safe, "Safe", {
            get: (o: any) => [o.#n],
            set: (o: any, v) => ([o.#n] = v as any),
            has: (o) => #n in o,
          });
          plus = $m.code("Safe.open/plus", { name: "plus", at: [1, 1] }, (self: Safe) => (by: number) => self.#n + by);
          open = $m.machine(
            "Safe.open",
            { name: "open", at: [1, 1], live: { w: ["self"] }, points: {}, handlers: {} },
            (f: any, sent) => {
              if (f.pc === 0) return $.await(f, "w", (f.self as Safe).#n);
              return $.return(f, [`${sent}${unit$.v}`, plus(f.self)]);
            },
          );
        }
        #n = $.reviving() ? (undefined as never) : 0;
        constructor(n: number) {
          if ($.reviving()) return;
          this.#n = n;
        }
        open() {
          return open.enter({ self: this });
        }
      }
      return Safe;
    });
    return everyWay(
      blocks(
        ["p", "a", "b"],
        (f) => {
          const A = Safe$($.cell("kg")) as any;
          const B = Safe$($.cell("lb")) as any;
          f.a = new A(1);
          f.b = new B(2);
          f.p = [f.a.open(), f.b.open(), f.a.open()];
        },
        (f) => $.Promise.all(f.p),
        (f, sent) => [
          sent.map(([text, plus]: any) => [text, plus(10)]),
          f.a.constructor === f.b.constructor,
          f.a.open === f.b.open,
        ],
      ),
      [
        [
          ["1kg", 11],
          ["2lb", 12],
          ["1kg", 11],
        ],
        false,
        false,
      ],
    );
  });

  it("subclasses of Promise keep their class while they wait", () => {
    const Mine$ = $m.classCode("Mine", { name: "Mine", at: [1, 1] }, (Base: any) => {
      class Mine extends Base {
        static {
          $m.class(Mine, "Mine");
        }
        mark() {
          return "mine";
        }
      }
      return Mine;
    });
    const later = $m.code("later", { name: "later", at: [1, 1] }, () => (v: number) => v + 1);
    return everyWay(
      blocks(
        ["Mine", "p", "q"],
        (f) => {
          f.Mine = Mine$($.Promise);
          f.p = f.Mine.resolve(1);
          f.p.extra = "kept";
          f.q = f.p.then(later()).then(later());
        },
        (f) => f.q,
        (f, sent) => [sent, f.q instanceof f.Mine, f.q.mark(), f.p.extra, f.p.constructor === f.Mine],
      ),
      [3, true, "mine", "kept", true],
    );
  });
});

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
      const segment = `{"perdure":1,"checksum":"${(hash >>> 0).toString(16).padStart(8, "0")}","body":${json}}`;
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
