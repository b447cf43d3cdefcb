/** Bound functions of durable code: saved as target, receiver and arguments, and looked through wherever they are called. */
import * as $ from "perdure/emitted";
import { describe, expect, test } from "vitest";
import { linear, type Part } from "./linear.ts";
import { run, World } from "./world.ts";

class Service {
  readonly prefix = "service";
  /** A method of an ordinary class: it has no name but through its instance. */
  async charge(item: { id: number }, ...more: unknown[]) {
    return `${this.prefix} charged ${item.id}${more.length > 1 ? " and more" : ""}`;
  }
  rate(amount: number) {
    return `${this.prefix} ${amount}`;
  }
}
const service = new Service();
const pay = async (currency: string, amount: number) => `${amount} ${currency}`;
const promise = (currency: string, amount: number) => Promise.resolve(`${amount} ${currency}`);
const double = (x: number) => 2 * x;
const keptByHost: Function[] = [];
const keep = (fn: Function) => void keptByHost.push(fn);
const refs = { service: () => service, pay: () => pay, promise: () => promise, double: () => double, keep: () => keep };

const program = (slots: readonly string[], ...build: (($m: $.ModuleScope) => Part)[]) =>
  linear(($m) => ({ slots, parts: build.map((make) => make($m)) }), { sites: ["zero()", "one()"], refs }).main;

describe("a bound function", () => {
  test("over a method of an ordinary class is saved by its receiver, and a call of it is a step", async () => {
    const main = program(
      ["charge"],
      ($m) => (f) => {
        f.charge = $m.methodNow(0, service.charge, "bind", [service]);
        return $.Promise.resolve();
      },
      ($m) => (f) => $m.call(1, f.charge, [{ id: 1 }]),
      () => (_, sent) => sent,
    );
    expect(await run(main)).toBe("service charged 1");
    expect((await new World().start(main).drive()).issued).toEqual(["one()"]);
  });

  test("items.map(service.charge.bind(service)) in promise position gives steps, which see what the method can see", async () => {
    const main = program(
      [],
      ($m) => (f) =>
        $m.method(0, $.Promise, "all", [
          $m.methodNow(1, f.args[0], "map", [$m.methodNow(1, service.charge, "bind", [service])], true),
        ]),
      () => (_, sent) => sent,
    );
    const world = new World().start(main, [[{ id: 1 }, { id: 2 }]]);
    world.turn();
    expect(world.vat.operations.size).toBe(2);
    expect((await world.drive()).result).toEqual(["service charged 1 and more", "service charged 2 and more"]);
    expect(await run(main, [[{ id: 3 }]])).toEqual(["service charged 3 and more"]);
  });

  test("keeps bound arguments, is bound again, and is looked through with call and apply", async () => {
    const main = program(
      ["euros", "ten"],
      ($m) => (f) => {
        f.euros = $m.methodNow(0, pay, "bind", [null, "EUR"]);
        f.ten = $m.methodNow(0, f.euros, "bind", [null, 10]);
        return $.Promise.resolve();
      },
      ($m) => (f) =>
        $m.method(0, $.Promise, "all", [
          [$m.call(1, f.ten, []), $m.method(1, f.euros, "call", [null, 7]), $m.method(1, f.ten, "apply", [null, []])],
        ]),
      () => (_, sent) => sent,
    );
    expect(await run(main)).toEqual(["10 EUR", "7 EUR", "10 EUR"]);
    expect((await new World().start(main).drive()).issued).toHaveLength(3);
  });

  test("over durable code runs inside the turn, and shares what it bound", async () => {
    const { main } = linear(
      ($m) => {
        const add = $m.code(
          "main/add",
          { name: "add", at: [2, 3] },
          () =>
            function add(this: { total: number }, n: number) {
              this.total += n;
              return this.total;
            },
        );
        return {
          slots: ["account", "add"],
          parts: [
            (f) => {
              f.account = { total: 1 };
              f.add = $m.methodNow(0, add(), "bind", [f.account, 5]);
              return $.Promise.resolve();
            },
            (f) => $m.call(0, f.add, []),
            (f, sent) => [sent, f.account.total, $.isDurable(f.add)],
          ],
        };
      },
      { codes: ["main/add"], refs },
    );
    expect(await run(main)).toEqual([6, 6, true]);
    expect((await new World().start(main).drive()).issued).toEqual([]);
  });

  test("is the platform's: name, length, no prototype, `new` and instanceof through the target", async () => {
    const main = program(
      ["Point", "rate"],
      ($m) => (f) => {
        f.Point = $m.methodNow(0, Map, "bind", [null, [["a", 1]]]);
        f.rate = $m.methodNow(0, service.rate, "bind", [service]);
        return $.Promise.resolve();
      },
      ($m) => (f) => {
        const made = $m.constructNow(0, f.Point, []) as Map<string, number>;
        return [
          made.get("a"),
          made instanceof f.Point,
          f.rate.name,
          f.rate.length,
          "prototype" in f.rate,
          $m.callNow(0, f.rate, [3]),
          Function.prototype.toString.call(f.rate),
        ];
      },
      () => (_, sent) => sent,
    );
    expect(await run(main)).toEqual([1, true, "bound rate", 1, false, "service 3", "function () { [native code] }"]);
  });

  test("made while its arguments suspended, it is savable too", async () => {
    const main = program(
      ["bind", "euros"],
      () => (f) => {
        f.bind = $.member(pay, "bind");
        return $.Promise.resolve("CHF");
      },
      () => (f, sent) => {
        f.euros = $.invoke(f.bind, [null, sent]);
        return $.Promise.resolve();
      },
      ($m) => (f) => $m.call(0, f.euros, [1]),
      () => (_, sent) => sent,
    );
    expect(await run(main)).toBe("1 CHF");
  });

  test("over an ordinary function outside promise position is looked at: a native promise of it is refused", () => {
    const main = program(
      [],
      ($m) => () => $m.methodNow(0, [1], "map", [$m.methodNow(1, promise, "bind", [null, "EUR"])]),
      () => (_, sent) => sent,
    );
    expect(() => new World().start(main).turn()).toThrow("PD2201");
  });

  test("over an async function is a step outside promise position too", async () => {
    const main = program(
      [],
      ($m) => (f) => {
        const { 0: kept } = $m.methodNow(0, [1], "map", [$m.methodNow(1, pay, "bind", [null, "EUR"])]) as unknown[];
        f.kept = $m.callNow(1, $m.methodNow(1, pay, "bind", [null, "USD", 2]) as Function, []);
        return kept;
      },
      () => (f, sent) => $.Promise.all([sent, f.kept]),
      () => (_, sent) => sent,
    );
    const world = new World().start(main);
    expect((await world.drive()).result).toEqual(["1 EUR", "2 USD"]);
    expect(world.issued).toHaveLength(2);
  });

  test("over durable code given to ordinary code is guarded, also when the target captured nothing", async () => {
    const { main } = linear(
      ($m) => {
        const read = $m.code(
          "main/read",
          { name: "read", at: [2, 3] },
          () =>
            function read(this: { n: number }) {
              return this.n;
            },
        );
        return {
          parts: [
            () => $m.callNow(0, keep, [$m.methodNow(1, read(), "bind", [{ n: 4 }])]),
            (_, sent) => sent ?? "kept",
          ],
        };
      },
      { codes: ["main/read"], refs },
    );
    expect((await new World().start(main).drive()).result).toBe("kept");
    expect(() => keptByHost.at(-1)!()).toThrow("PD2202");
  });

  test("that ordinary code made is opaque: it is refused by name, not lost", async () => {
    const opaque = pay.bind(null, "EUR");
    const main = program(
      ["fn"],
      () => (f) => {
        f.fn = [opaque];
        return $.Promise.resolve();
      },
      () => (f) => f.fn,
    );
    const world = new World().start(main);
    world.vat.runOneJob();
    expect(() => world.vat.save("delta")).toThrow(/PD4\d+.*bound pay/s);
  });

  test("outside a run it is the plain operation", async () => {
    const { $m } = linear(() => ({ parts: [() => 1] }), { refs });
    expect($m.methodNow(0, double, "bind", [null, 4])).toSatisfy((fn: () => number) => fn() === 8);
  });
});
