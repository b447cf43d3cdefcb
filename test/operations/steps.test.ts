/** Steps: output commit, operands as they were at the call, copy-out, results. */
import { currentStep, sleep } from "perdure";
import * as $ from "perdure/emitted";
import { Vat } from "perdure/internal/machine/vat";
import { afterEach, describe, expect, test } from "vitest";
import { linear } from "./linear.ts";
import { single } from "./single.ts";
import { run, World } from "./world.ts";

const seen: unknown[] = [];
afterEach(() => {
  seen.length = 0;
});
const note = (value: unknown) => seen.push(structuredClone(value));

describe("output commit", () => {
  test("a key made in the turn is the same on every attempt, alone and inside Promise.all", async () => {
    const charge = async (item: number, key: string) => {
      note([item, key]);
      return item;
    };
    const { main } = linear(
      ($m) => ({
        slots: ["key"],
        parts: [
          (f) => {
            f.key = crypto.randomUUID();
            return $.Promise.all(f.args[0].map((item: number) => $m.call(0, charge, [item, f.key])));
          },
          (f, sent) => [sent, f.key],
        ],
      }),
      { sites: ["charge(item, key)"], refs: { charge: () => charge } },
    );
    const world = new World().start(main, [[1, 2, 3]]);
    world.turn();
    for (let i = 0; i < 3; i++) {
      world.issue();
      await new Promise((resolve) => setImmediate(resolve));
      world.crash();
    }
    const [result, key] = (await world.drive()).result;
    expect(result).toEqual([1, 2, 3]);
    expect(seen.length).toBe(12);
    expect(new Set(seen.map((entry) => (entry as string[])[1]))).toEqual(new Set([key]));
  });

  test("currentStep().key is the same for every attempt, and differs between steps", async () => {
    const keyed = async () => {
      note(currentStep()!.key);
    };
    const { main } = linear(
      ($m) => ({ parts: [() => $.Promise.all([$m.call(0, keyed, []), $m.call(0, keyed, [])]), (_, sent) => sent] }),
      {
        refs: { keyed: () => keyed },
      },
    );
    const world = new World().start(main);
    world.turn();
    world.issue();
    world.crash();
    await world.drive();
    const incarnation = "0123456789abcdef0123456789abcdef";
    expect(seen).toEqual([`${incarnation}/1`, `${incarnation}/2`, `${incarnation}/1`, `${incarnation}/2`]);
  });
});

describe("operands are as they were at the call", () => {
  test("p = upload(items); items.push(1): the step sees what native code saw, the run keeps what it did", async () => {
    const upload = async (items: number[]) => {
      note(items);
      return items.length;
    };
    expect(
      await run(
        single(upload, (f) => f.args[0].push(1)),
        [[]],
      ),
    ).toEqual({ sent: 0, args: [[1]] });
    expect(seen.every((items) => (items as number[]).length === 0)).toBe(true);
  });

  test("a step that mutates its argument in flight: every attempt sees the argument as it was", async () => {
    const fillTax = async (order: { tax: string[] }) => {
      note(order);
      order.tax.push("tax");
      await null;
      note(order);
    };
    const main = single(fillTax);
    const world = new World().start(main, [{ tax: [] }]);
    world.turn();
    world.issue();
    await new Promise((resolve) => setImmediate(resolve));
    world.vat.save("base");
    world.crash();
    expect((await world.drive()).result).toEqual({ sent: undefined, args: [{ tax: ["tax"] }] });
    expect(seen).toEqual([{ tax: [] }, { tax: ["tax"] }, { tax: [] }, { tax: ["tax"] }]);
  });

  test("another fiber's turn saves the run meanwhile: the retry still sees the same", async () => {
    const slow = async (order: { n: number }) => {
      note(order);
      return order.n;
    };
    const { main } = linear(
      ($m) => ({
        slots: ["order", "p"],
        parts: [
          (f) => {
            f.order = { n: 1 };
            f.p = $m.call(0, slow, [f.order]);
            return sleep(10);
          },
          (f) => {
            f.order.n = 2;
            return sleep(10);
          },
          (f) => f.p,
          (f, sent) => [sent, f.order.n],
        ],
      }),
      { refs: { slow: () => slow } },
    );
    const world = new World().start(main);
    for (let at = 0; at < 3; at++) {
      world.turn();
      world.crash();
      for (const operation of [...world.vat.operations.values()])
        if (operation.type === "timer") world.deliver({ type: "timer", operation: operation.number });
    }
    expect((await world.drive()).result).toEqual([1, 2]);
    expect(seen).toEqual([{ n: 1 }]);
  });

  test("a promise of the run among the operands is refused with its path", () => {
    const { main } = linear(
      ($m) => ({
        parts: [() => $m.call(0, structuredCloneLater, [{ pending: new $.Promise(() => {}) }]), (_, s) => s],
      }),
      { sites: ["send({ pending })"], refs: { structuredCloneLater: () => structuredCloneLater } },
    );
    expect(() => new World().start(main).turn()).toThrow(
      /PD2301: .*send\(\{ pending \}\).*\.pending.*await it before the step/s,
    );
  });
  const structuredCloneLater = async (x: unknown) => x;
});

describe("copy-out", () => {
  test("what the step changed is applied to the originals: properties, array elements, maps, new objects", async () => {
    const enrich = async (order: any) => {
      order.tax = 19;
      delete order.draft;
      order.items[0].price = 5;
      order.items.push({ price: 7 });
      order.seen.set("a", order.items);
    };
    const order = { draft: true, items: [{ price: 1 }], seen: new Map() };
    const { main } = linear(
      ($m) => ({
        slots: ["order", "items", "first"],
        parts: [
          (f) => {
            f.order = f.args[0];
            f.items = f.order.items;
            f.first = f.items[0];
            return $m.call(0, enrich, [f.order]);
          },
          (f) => [
            f.order.tax,
            "draft" in f.order,
            f.items === f.order.items,
            f.first === f.items[0],
            f.first.price,
            f.items[1].price,
            f.order.seen.get("a") === f.items,
          ],
        ],
      }),
      { refs: { enrich: () => enrich } },
    );
    expect(await run(main, [order])).toEqual([19, false, true, true, 5, 7, true]);
  });

  test("captured variables of closures that the step called back are copied out too", async () => {
    const each = async (xs: number[], fn: (x: number) => void) => {
      for (const x of xs) fn(x);
    };
    const { main } = linear(
      ($m) => {
        const add = $m.code("main/add", { name: "add", at: [2, 3] }, (total$: { v: number }) => (n: number) => {
          total$.v += n;
        });
        return {
          slots: ["total$"],
          parts: [
            (f: any) => {
              f.total$ = $.cell(0);
              return $m.call(0, each, [[1, 2, 3], add(f.total$)]);
            },
            (f: any) => f.total$.v,
          ],
        };
      },
      { codes: ["main/add"], refs: { each: () => each } },
    );
    expect(await run(main)).toBe(6);
  });

  test("also when the step rejects", async () => {
    const half = async (order: any) => {
      order.tried = true;
      throw new Error("half");
    };
    const { main } = linear(
      ($m) => ({
        parts: [(f) => $m.call(0, half, f.args), () => 0, (f, e) => [e.message, f.args[0].tried]],
        handlers: { 0: 2 },
      }),
      {
        refs: { half: () => half },
      },
    );
    expect(await run(main, [{}])).toEqual(["half", true]);
  });

  test("different properties changed by both sides are both kept", async () => {
    const left = async (o: any) => {
      o.left = 1;
    };
    expect(
      await run(
        single(left, (f) => (f.args[0].right = 2)),
        [{}],
      ),
    ).toEqual({ args: [{ right: 2, left: 1 }] });
  });

  test("the same property changed by both sides blocks the run, names the step and the path, and applies nothing", async () => {
    const change = async (o: any) => {
      o.other = 1;
      o.total = 1;
    };
    const main = single(change, (f) => (f.args[0].total = 2));
    const world = new World().start(main, [{ total: 0 }]);
    await expect(world.drive()).rejects.toThrow(
      /^PD2203: main \(test\/linear-\d+\.ts:1:3\): the step `service\(x\)` changed .*\.total.*\n {2}fix: return the new value/,
    );
  });

  test("references pass through: a mutated provided host is mutated itself, once", async () => {
    const bump = async (host: { n: number }) => {
      host.n++;
    };
    const host = { n: 0 };
    const { main } = linear(($m) => ({ parts: [(f) => $m.call(0, bump, f.args), () => 0] }), {
      refs: { bump: () => bump },
    });
    await new World({ provided: { host } }).start(main, [host]).drive();
    expect(host.n).toBe(1);
  });
});

describe("results", () => {
  test("are the run's own copy: the service may go on changing its object", async () => {
    const shared = { n: 1 };
    const get = async () => shared;
    const main = single(get);
    const world = await new World().start(main).drive();
    shared.n = 2;
    expect(world.result.sent).toEqual({ n: 1 });
  });

  test("share identity with the arguments", async () => {
    const pick = async (order: any) => ({ same: order, item: order.items[0], fresh: { item: order.items[0] } });
    const { main } = linear(
      ($m) => ({
        slots: ["order"],
        parts: [
          (f) => {
            f.order = { items: [{ id: 1 }] };
            return $m.call(0, pick, [f.order]);
          },
          (f, sent) => [sent.same === f.order, sent.item === f.order.items[0], sent.fresh.item === sent.item],
        ],
      }),
      { refs: { pick: () => pick } },
    );
    expect(await run(main)).toEqual([true, true, true]);
  });

  test("one that cannot be copied enters as it is, and blocks only a save that still reaches it", async () => {
    class Connection {
      id = 7;
    }
    const connect = async () => new Connection();
    const used = single(connect);
    const world = new World().start(used);
    await expect(world.drive()).rejects.toThrow(/PD4001.*Connection/s);
    const { main } = linear(($m) => ({ parts: [() => $m.call(0, connect, []), (_, sent) => sent.id] }), {
      refs: { connect: () => connect },
    });
    expect((await new World().start(main).drive()).result).toBe(7);
  });

  test("undefined, symbols by name, bigints, dates and errors as values", async () => {
    const many = async () => [undefined, 1n, new Date(5), new TypeError("value"), Number.NaN, -0];
    const { main } = linear(
      ($m) => ({
        parts: [
          () => $m.call(0, many, []),
          (_, [u, big, date, error, nan, zero]) => [
            u === undefined,
            String(big),
            date.getTime(),
            error instanceof TypeError,
            Number.isNaN(nan),
            Object.is(zero, -0),
          ],
        ],
      }),
      { refs: { many: () => many } },
    );
    expect(await run(main)).toEqual([true, "1", 5, true, true, true]);
  });
});

describe("what a turn writes", () => {
  test("the names, places and texts of calls stand in the first segment that needs them, and not in others", async () => {
    const charge = async (n: number) => n;
    const { main } = linear(
      ($m) => ({ parts: [() => $m.call(0, charge, [1]), () => $m.call(0, charge, [2]), (_, sent) => sent] }),
      { sites: ["charge(n)"], refs: { charge: () => charge } },
    );
    const world = new World().start(main);
    const segments: string[] = [];
    const turn = async () => {
      world.vat.turn();
      segments.push(world.vat.save("delta").text);
      for (const { number } of [...world.vat.operations.values()]) {
        const settlement = await world.vat.attempt(number).settled;
        world.vat.deliver({ type: "step", operation: number, settlement });
      }
    };
    await turn();
    await turn();
    const [first, second] = segments as [string, string];
    expect(first.match(/charge\(n\)/g)).toHaveLength(1);
    const table = JSON.parse(first).body.constants.slice(1) as readonly string[];
    for (const text of table) expect(second).not.toContain(JSON.stringify(text).slice(1, -1));
    // Read back, the operation says what it said.
    const again = Vat.load(world, {
      run: world.vat.run,
      incarnation: world.vat.incarnation,
      segments: segments.map((text) => ({ text })),
    });
    const [operation] = [...again.operations.values()];
    expect(operation).toMatchObject({ type: "step", number: 2, text: "charge(n)" });
    again.deliver({ type: "step", operation: 2, settlement: await again.attempt(2).settled });
    again.turn();
    expect(again.status()).toBe("done");
  });
});
