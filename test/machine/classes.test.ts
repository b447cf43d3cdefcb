/** Instances that a suspended function holds, and methods that suspend. Each program is its own `main`, driven at every saving. */
import * as $ from "perdure/emitted";
import { describe, it } from "vitest";
import { $m, blocks, everyWay } from "./blocks.ts";
import { Wallet } from "./wallet.ts";

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
