/** What a call means at run time, row by row: durable and pure callees run inside the turn, ordinary ones are steps after the save, or run at once. */
import { step } from "perdure";
import * as $ from "perdure/emitted";
import { afterEach, describe, expect, test } from "vitest";
import { linear } from "./linear.ts";
import { run, World } from "./world.ts";

const log: string[] = [];
afterEach(() => {
  log.length = 0;
});

const charge = async (order: { id: number; total?: number }): Promise<string> => {
  log.push(`charge ${order.id}`);
  return `receipt ${order.id}`;
};
const plain = (x: number) => x + 1;
const promising = (x: number): any => Promise.resolve(x);
const client = {
  url: "http://",
  async send(command: { name: string }) {
    return `${this.url}${command.name}`;
  },
  fetch(command: { name: string }): Promise<string> {
    return this.send(command);
  },
  sync(x: number) {
    return `${this.url}${x}`;
  },
};
const refs = { charge: () => charge, plain: () => plain, promising: () => promising, client: () => client };

describe("a call in promise position", () => {
  test("of ordinary code is a step: nothing is called before the engine issues it, and its result is a promise at once", async () => {
    const { main } = linear(
      ($m) => ({
        slots: ["p"],
        parts: [
          (f) => {
            f.p = $m.call(0, charge, [{ id: 1 }]);
            return (f.p as object) instanceof Promise ? f.p : Promise.reject(new Error("no promise"));
          },
          (_, sent) => sent,
        ],
      }),
      { sites: ["charge({ id: 1 })"], refs },
    );
    const world = new World().start(main);
    world.turn();
    expect(log).toEqual([]);
    expect([...world.vat.operations.values()]).toMatchObject([
      { type: "step", number: 1, text: "charge({ id: 1 })", where: { function: "main", position: [1, 3] } },
    ]);
    world.issue();
    expect(log).toEqual(["charge 1"]);
    expect((await world.drive()).result).toBe("receipt 1");
    expect(log).toEqual(["charge 1"]);
  });

  test("of a method is a step made through receiver and key: the receiver by reference, the function need not have a name", async () => {
    const { main } = linear(
      ($m) => ({ parts: [() => $m.method(0, client, "send", [{ name: "ping" }]), (_, sent) => sent] }),
      { refs },
    );
    expect(await run(main)).toBe("http://ping");
  });

  test("of a provided host's method works in a process that provides it", async () => {
    const { main } = linear(($m) => ({
      slots: ["host"],
      parts: [(f) => $m.method(0, f.args[0], "send", [{ name: "x" }]), (_, sent) => sent],
    }));
    const host = { n: 0, send: async (m: { name: string }) => `provided ${m.name}` };
    const world = new World({ provided: { host } });
    expect((await world.start(main, [host]).drive()).result).toBe("provided x");
  });

  test("of a durable function enters it: no step", async () => {
    const inner = linear(() => ({ parts: [() => 1, (f, sent) => sent + f.args[0]] }));
    const { main } = linear(($m) => ({ parts: [() => $m.call(0, inner.main, [41]), (_, sent) => sent] }));
    const world = await new World().start(main).drive();
    expect(world.result).toBe(42);
    expect(world.issued).toEqual([]);
  });

  test("of a built-in stays in the turn (a Map, an Array, a pure platform function)", async () => {
    const { main } = linear(($m) => ({
      slots: ["cache", "queue"],
      parts: [
        (f) => {
          f.cache = new Map([["a", 1]]);
          return $m.method(0, f.cache, "get", ["a"]);
        },
        (f, sent) => {
          f.queue = [sent, 2];
          return $m.method(0, f.queue, "shift", []);
        },
        (_, sent) => $m.call(0, structuredClone, [{ sent }]),
        (_, sent) => sent,
      ],
    }));
    const world = await new World().start(main).drive();
    expect(world.result).toEqual({ sent: 1 });
    expect(world.issued).toEqual([]);
  });

  test.each([
    ["call", ($m: $.ModuleScope) => $m.method(0, charge, "call", [null, { id: 2 }])],
    ["apply", ($m: $.ModuleScope) => $m.method(0, charge, "apply", [null, [{ id: 2 }]])],
    ["Reflect.apply", ($m: $.ModuleScope) => $m.method(0, Reflect, "apply", [charge, null, [{ id: 2 }]])],
    ["call of call", ($m: $.ModuleScope) => $m.method(0, Function.prototype.call, "call", [charge, null, { id: 2 }])],
  ])("%s is looked through to ordinary code", async (_name, call) => {
    const { main } = linear(($m) => ({ parts: [() => call($m), (_f, sent) => sent] }), { refs });
    const world = new World().start(main);
    world.turn();
    expect(log).toEqual([]);
    expect((await world.drive()).result).toBe("receipt 2");
    expect(world.issued).toHaveLength(1);
  });

  test("call is looked through to durable code", async () => {
    const inner = linear(() => ({ parts: [(f) => f.args[0], (_, sent) => sent * 2] }));
    const { main } = linear(($m) => ({
      parts: [() => $m.method(0, inner.main, "call", [undefined, 21]), (_, sent) => sent],
    }));
    expect(await run(main)).toBe(42);
  });

  test("of a member whose arguments suspended is the same through $m.invoke", async () => {
    const { main } = linear(
      ($m) => ({
        slots: ["t1"],
        parts: [
          (f) => {
            f.t1 = $.member(client, "send");
            return "late";
          },
          (f, sent) => $m.invoke(0, f.t1, [{ name: sent }]),
          (_, sent) => sent,
        ],
      }),
      { refs },
    );
    expect(await run(main)).toBe("http://late");
  });

  test("of what is no function throws what the language throws, with the callee as it is written", async () => {
    const { main } = linear(($m) => ({ parts: [(f) => $m.call(0, f.args[1], [1]), (_, s) => s] }), {
      sites: ["order.pay(1)"],
    });
    await expect(run(main)).rejects.toThrow(/order\.pay is not a function/);
    await expect(main()).rejects.toThrow(new TypeError("order.pay is not a function"));
  });

  test("an ordinary function that is no binding of a module blocks the run: it has no name to be saved by", () => {
    const local = async () => 1;
    const { main } = linear(($m) => ({ parts: [() => $m.call(0, local, []), (_, s) => s] }), { sites: ["local()"] });
    expect(() => new World().start(main).turn()).toThrow(
      /^PD2301: main \(test\/linear-\d+\.ts:1:3\): an operand of the step `local\(\)` cannot be saved/,
    );
  });
});

describe("an ordinary call outside promise position", () => {
  test("runs at once, inside the turn", async () => {
    const { main } = linear(($m) => ({ parts: [() => $m.now(0, plain(1)), (_, sent) => sent] }), { refs });
    expect(await run(main)).toBe(2);
  });

  test.each([
    ["now", ($m: $.ModuleScope) => $m.now(0, promising(1))],
    ["callNow", ($m: $.ModuleScope) => $m.callNow(0, promising, [1])],
    ["methodNow", ($m: $.ModuleScope) => $m.methodNow(0, client, "fetch", [{ name: "x" }])],
    ["made", ($m: $.ModuleScope) => $m.made(((x: number) => promising(x)) as never, [1])],
  ])("%s: a native promise after all blocks the run, and try/catch cannot swallow that", (_name, call) => {
    const { main } = linear(
      ($m) => ({
        parts: [
          () => {
            try {
              call($m);
            } catch {}
            return 1;
          },
          (_f, s) => s,
        ],
      }),
      { sites: ["promising(1)"], refs },
    );
    expect(() => new World().start(main).turn()).toThrow(/^PD2201: main \(test\/linear-/);
  });

  test.each([
    ["callNow", ($m: $.ModuleScope) => $m.callNow(0, charge, [{ id: 1 }]), "receipt 1"],
    ["methodNow", ($m: $.ModuleScope) => $m.methodNow(0, client, "send", [{ name: "x" }]), "http://x"],
  ])("%s: of an async function is a step wherever it stands", async (_name, call, result) => {
    const { main } = linear(
      ($m) => ({
        slots: ["kept"],
        parts: [
          (f) => {
            f.kept = { promise: call($m) };
            return $.Promise.resolve();
          },
          (f) => (f.kept as { promise: unknown }).promise,
          (_f, s) => s,
        ],
      }),
      { sites: ["charge(order)"], refs },
    );
    const world = new World().start(main);
    world.turn();
    expect(log).toEqual([]);
    expect((await world.drive()).result).toBe(result);
    expect(world.issued).toEqual(["charge(order)"]);
    expect(await run(main)).toBe(result);
  });

  test("the native promise that was refused cannot crash the process when it rejects", async () => {
    const failing = (): any => Promise.reject(new Error("nobody sees this"));
    const { main } = linear(($m) => ({ parts: [() => $m.now(0, failing()), (_, s) => s] }));
    const unhandled: unknown[] = [];
    const listen = (reason: unknown) => unhandled.push(reason);
    process.on("unhandledRejection", listen);
    expect(() => new World().start(main).turn()).toThrow("PD2201");
    await new Promise((resolve) => setTimeout(resolve, 5));
    process.off("unhandledRejection", listen);
    expect(unhandled).toEqual([]);
  });
});

describe("ordinary functions given to built-ins", () => {
  test("items.map(charge) in promise position: each call is a step, and nothing is called in the turn", async () => {
    const { main } = linear(
      ($m) => ({
        parts: [
          (f) => $m.method(0, $.Promise, "all", [$m.methodNow(1, f.args[0], "map", [charge], true)]),
          (_, sent) => sent,
        ],
      }),
      { sites: ["Promise.all(…)", "items.map(charge)"], refs },
    );
    const world = new World().start(main, [[{ id: 1 }, { id: 2 }, { id: 3 }]]);
    world.turn();
    expect(log).toEqual([]);
    expect(world.vat.operations.size).toBe(3);
    expect((await world.drive()).result).toEqual(["receipt 1", "receipt 2", "receipt 3"]);
    expect(log.sort()).toEqual(["charge 1", "charge 2", "charge 3"]);
    expect(await run(main, [[{ id: 1 }]])).toEqual(["receipt 1"]);
  });

  test("a callback gets index and array as natively when it can see them, and costs nothing for the rest when it cannot", async () => {
    const three = async (item: number, index: number, array: number[]) => [item, index, array.length];
    const one = async (item: { id: number }) => item.id;
    const program = (fn: Function) =>
      linear(
        ($m) => ({
          parts: [
            (f) => $m.method(0, $.Promise, "all", [$m.methodNow(1, f.args[0], "map", [fn], true)]),
            (_, sent) => sent,
          ],
        }),
        { refs: { fn: () => fn } },
      ).main;
    expect(await run(program(three), [[5, 6]])).toEqual([
      [5, 0, 2],
      [6, 1, 2],
    ]);
    const text = (n: number) => {
      const world = new World().start(program(one), [Array.from({ length: n }, (_, id) => ({ id }))]);
      world.vat.turn();
      return world.vat.save("base").text.length;
    };
    expect(text(80) / text(40)).toBeLessThan(2.5);
  });

  test("outside promise position the callback runs at once; a native promise from it is refused", async () => {
    const sync = linear(($m) => ({ parts: [(f) => $m.methodNow(0, f.args[0], "map", [plain]), (_, s) => s] }), {
      refs,
    });
    expect(await run(sync.main, [[1, 2]])).toEqual([2, 3]);
    const bad = linear(($m) => ({ parts: [(f) => $m.methodNow(0, f.args[0], "map", [promising]), (_, s) => s] }), {
      refs,
    });
    expect(() => new World().start(bad.main, [[{ id: 1 }]]).turn()).toThrow("PD2201");
  });

  test("built-ins that keep or compare functions get them as they are", async () => {
    const { main } = linear(
      ($m) => ({
        slots: ["list"],
        parts: [
          (f) => {
            f.list = [];
            $m.methodNow(0, f.list, "push", [charge]);
            return $m.methodNow(0, f.list, "includes", [charge]);
          },
          (f, sent) => [sent, f.list[0] === charge],
        ],
      }),
      { refs },
    );
    expect(await run(main)).toEqual([true, true]);
  });

  test("then, catch and finally of a run's promise: an ordinary callback is a step, and waits for the save", async () => {
    const { main } = linear(
      ($m) => ({
        slots: ["p"],
        parts: [
          (f) => {
            f.p = $m.method(0, $m.method(0, $.Promise, "resolve", [{ id: 7 }]), "then", [charge]);
            return $.Promise.resolve(0);
          },
          (f) => f.p,
          (_, sent) => sent,
        ],
      }),
      { sites: ["p.then(charge)"], refs },
    );
    const world = await new World().start(main).drive();
    expect(world.result).toBe("receipt 7");
    expect(world.issued).toEqual(["p.then(charge)"]);
    expect(await run(main)).toBe("receipt 7");
  });

  test("sort, reduce and replace call ordinary functions in the turn", async () => {
    const byNumber = (a: number, b: number) => a - b;
    const shout = (word: string) => word.toUpperCase();
    const { main } = linear(
      ($m) => ({
        parts: [
          (f) => [$m.methodNow(0, f.args[0], "sort", [byNumber]), $m.methodNow(0, "ab", "replace", [/b/, shout])],
          (_, sent) => sent,
        ],
      }),
      { refs: { byNumber: () => byNumber, shout: () => shout } },
    );
    expect(await run(main, [[3, 1, 2]])).toEqual([[1, 2, 3], "aB"]);
  });
});

describe("durable closures in ordinary hands", () => {
  const kept: Function[] = [];
  const apply = (fn: (x: number) => number, x: number) => fn(x);
  const keep = (fn: Function) => kept.push(fn);
  const host = { apply: () => apply, keep: () => keep };

  const program = (
    build: (
      $m: $.ModuleScope,
      add: (total$: { v: number }) => (n: number) => number,
    ) => Parameters<typeof linear>[0] extends (m: any) => infer P ? P : never,
  ) =>
    linear(
      ($m) => {
        const add = $m.code(
          "main/add",
          { name: "add", at: [2, 3] },
          (total$: { v: number }) => (n: number) => (total$.v += n),
        );
        return build($m, add);
      },
      { codes: ["main/add"], sites: ["keep(add)"], refs: host },
    );

  test("may be called inside the turn", async () => {
    const { main } = program(($m, add) => ({
      slots: ["total$"],
      parts: [
        (f) => {
          f.total$ = $.cell(1);
          return $m.callNow(0, apply, [add(f.total$), 5]);
        },
        (f, sent) => [sent, f.total$.v],
      ],
    }));
    expect(await run(main)).toEqual([6, 6]);
  });

  test("are guarded: called outside any turn they change nothing, the first caller gets PD2202, and the run is broken", () => {
    const { main } = program(($m, add) => ({
      slots: ["total$", "add"],
      parts: [
        (f) => {
          f.total$ = $.cell(1);
          f.add = add(f.total$);
          $m.callNow(0, keep, [f.add]);
          $m.callNow(0, keep, [f.add]);
          return new $.Promise(() => {});
        },
        (f) => f.total$.v,
      ],
    }));
    kept.length = 0;
    const world = new World().start(main);
    world.turn();
    expect(kept[0]).toBe(kept[1]);
    expect([kept[0]!.name, kept[0]!.length]).toEqual(["add", 1]);
    expect(() => kept[0]!(5)).toThrow(
      /^PD2202: the durable closure add, made in run run-1 and handed to ordinary code at test\/linear-\d+\.ts:1:3/,
    );
    expect(world.brokenBy?.message).toMatch("PD2202");
    expect(() => world.vat.turn()).toThrow("PD2202");
    // Once is enough: an emitter that throws ends the process.
    expect(kept[0]!(5)).toBeUndefined();
  });

  test("a guard that comes back is the closure again, saved as such", async () => {
    const give = (fn: Function) => fn;
    const { main } = linear(
      ($m) => {
        const add = $m.code(
          "main/add",
          { name: "add", at: [2, 3] },
          (total$: { v: number }) => (n: number) => (total$.v += n),
        );
        return {
          slots: ["total$", "back"],
          parts: [
            (f: any) => {
              f.total$ = $.cell(1);
              f.back = $m.callNow(0, give, [add(f.total$)]);
              return 0;
            },
            (f: any) => f.back(4),
            (f: any, sent: number) => [sent, f.total$.v],
          ],
        };
      },
      { codes: ["main/add"], refs: { give: () => give } },
    );
    expect(await run(main)).toEqual([5, 5]);
  });
});

describe("outside a run every form is the plain operation", () => {
  test("call, method, invoke, now, made, deferred, step", async () => {
    const { $m } = linear(() => ({ parts: [] }), { sites: ["f()"] });
    expect(await $m.call(0, charge, [{ id: 1 }])).toBe("receipt 1");
    expect(await $m.method(0, client, "send", [{ name: "a" }])).toBe("http://a");
    expect(await $m.invoke(0, $.member(client, "send"), [{ name: "b" }])).toBe("http://b");
    expect($m.methodNow(0, client, "sync", [1])).toBe("http://1");
    expect(await $m.now(0, promising(3))).toBe(3);
    expect($m.made(plain as never, [1])).toBe(2);
    expect(await ($m.deferred(promising as never, [1]) as Promise<number>)).toBe(1);
    expect(await $m.step(0, promising as never, [5])).toBe(5);
    expect(await step(async () => 6, { retry: 2, timeout: "1s" })).toBe(6);
    expect($m.constructNow(0, Map, [[["a", 1]]])).toEqual(new Map([["a", 1]]));
    expect(() => $m.method(0, undefined, "x", [])).toThrow("Cannot read properties of undefined (reading 'x')");
    expect(() => $m.constructNow(0, 1, [])).toThrow(TypeError);
  });
});
