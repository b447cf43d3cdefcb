/** Closures that a suspended function holds. Each program is its own `main`, driven at every saving. */
import * as $ from "perdure/emitted";
import { describe, it } from "vitest";
import { $m, blocks, everyWay } from "./blocks.ts";

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
