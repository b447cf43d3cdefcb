/** Steps: output commit, operands as they were at the call, copy-out, results, errors, retries, timeouts, cancellation. */
import { CancelledError, currentStep, sleep, step } from "perdure";
import * as $ from "perdure/emitted";
import { afterEach, describe, expect, test } from "vitest";
import { linear } from "./linear.ts";
import { run, World } from "./world.ts";

const seen: unknown[] = [];
afterEach(() => {
  seen.length = 0;
});
const note = (value: unknown) => seen.push(structuredClone(value));

/** A step of one call: gives what the step gave, or `[name, message]` of what it threw. */
const single = (service: Function, before?: (f: any) => void) =>
  linear(
    ($m) => ({
      parts: [
        (f) => {
          const promise = $m.call(0, service, f.args);
          before?.(f);
          return promise;
        },
        (f, sent) => ({ sent, args: f.args }),
      ],
    }),
    { sites: ["service(x)"], refs: { service: () => service } },
  ).main;

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

describe("errors", () => {
  class Declined extends Error {
    code = "card_declined";
    socket = new (class Socket {})();
    override name = "StripeCardError";
  }

  test("are caught in the run with name, message, code and stack; their class too when it is a module binding", async () => {
    class Known extends Error {
      detail = { why: "limit" };
    }
    const fail = async (known: boolean) => {
      throw known ? new Known("known") : new Declined("declined");
    };
    const { main } = linear(
      ($m) => ({
        parts: [
          (f) => $m.call(0, fail, f.args),
          () => "not reached",
          (_, e) => [
            e instanceof Error,
            e instanceof Known,
            e.name,
            e.message,
            e.code ?? e.detail,
            /steps\.test/.test(e.stack),
            "socket" in e,
          ],
        ],
        handlers: { 0: 2 },
      }),
      { refs: { fail: () => fail, Known: () => Known } },
    );
    expect(await run(main, [false])).toEqual([
      true,
      false,
      "StripeCardError",
      "declined",
      "card_declined",
      true,
      false,
    ]);
    expect(await run(main, [true])).toEqual([true, true, "Error", "known", { why: "limit" }, true, false]);
  });

  test("thrown by the call itself (no promise yet) reject the step too", async () => {
    const sync = () => {
      throw new RangeError("at once");
    };
    await expect(run(single(sync))).rejects.toThrow(new RangeError("at once"));
  });

  test("nobody retries a rejection that no policy asks to retry", async () => {
    let calls = 0;
    const fail = async () => {
      calls++;
      throw new Error("no");
    };
    const world = new World().start(single(fail));
    await world.drive();
    expect(() => world.result).toThrow("no");
    expect(calls).toBe(1);
  });
});

/** `step(body, options)`, where the body gets the number of the attempt. */
const explicit = (body: () => unknown, options: object) =>
  linear(
    ($m) => {
      const closure = $m.code("main/body", { name: "body", at: [2, 3] }, () => () => body());
      return {
        parts: [() => $m.call(0, step, [closure(), options]), (_, sent) => sent, (_, e) => [e.name, e.message]],
        handlers: { 0: 2 },
      };
    },
    { codes: ["main/body"], sites: ["step(body)"] },
  ).main;
/** The part that gets an error is the last one too: here the last part is the error's. */
const settle = async (main: Function) => {
  const world = new World().start(main);
  await world.drive();
  return [world.result, world.clock - 1_000_000];
};

describe("step(fn, { retry, timeout })", () => {
  test("retries with growing waits, each attempt on its own copy, until one succeeds", async () => {
    const attempts: number[] = [];
    const main = explicit(
      async () => {
        attempts.push(currentStep()!.attempt);
        if (attempts.length < 3) throw new Error(`attempt ${attempts.length}`);
        throw Object.assign(new Error("fulfilled in the end"), { name: "Marker" });
      },
      { retry: { attempts: 3, delay: "1s", factor: 3 } },
    );
    expect(await settle(main)).toEqual([["Marker", "fulfilled in the end"], 4000]);
    expect(attempts).toEqual([1, 2, 3]);
  });

  test("what a failed attempt changed is not seen by the next", async () => {
    const { main } = linear(
      ($m) => {
        const body = $m.code("main/body", { name: "body", at: [2, 3] }, (list$: { v: number[] }) => async () => {
          list$.v.push(currentStep()!.attempt);
          note(list$.v);
          if (currentStep()!.attempt < 3) throw new Error("again");
          return "done";
        });
        return {
          slots: ["list$"],
          parts: [
            (f: any) => {
              f.list$ = $.cell([]);
              return $m.call(0, step, [body(f.list$), { retry: 5 }]);
            },
            (f: any, sent: string) => [sent, f.list$.v],
          ],
        };
      },
      { codes: ["main/body"] },
    );
    expect((await new World().start(main).drive()).result).toEqual(["done", [3]]);
    expect(seen).toEqual([[1], [2], [3]]);
  });

  test("an attempt that takes longer than its timeout has failed, its signal aborts, and the next may succeed", async () => {
    const signals: AbortSignal[] = [];
    const main = explicit(
      () => {
        signals.push(currentStep()!.signal);
        return new Promise(() => {});
      },
      { timeout: "2s", retry: { attempts: 2, delay: 500 } },
    );
    expect(await settle(main)).toEqual([["TimeoutError", "step(body) did not settle within 2000 ms"], 4500]);
    expect(signals.map(({ aborted, reason }) => [aborted, reason.name])).toEqual([
      [true, "TimeoutError"],
      [true, "TimeoutError"],
    ]);
  });

  test("bad options block the run with PD2210 or PD2204", () => {
    expect(() => new World().start(explicit(() => 1, { retry: 0 })).turn()).toThrow("PD2210");
    expect(() => new World().start(explicit(() => 1, { timeout: "soon" })).turn()).toThrow("PD2204");
  });

  test("a retried step that is racing is saved with its policy", async () => {
    const main = explicit(
      async () => {
        throw new Error("always");
      },
      { retry: { attempts: 2, delay: 10 } },
    );
    const world = new World().start(main);
    world.turn();
    world.crash();
    expect([...world.vat.operations.values()]).toMatchObject([{ retry: { attempts: 2, delay: 10 } }]);
    expect((await world.drive()).result).toEqual(["Error", "always"]);
  });
});

describe("racing and cancelling", () => {
  const never = () => new Promise<never>(() => {});
  const refs = { never: () => never };

  test("a step that never settles loses a race against a timer", async () => {
    const { main } = linear(
      ($m) => ({
        parts: [() => $.Promise.race([$m.call(0, never, []), sleep("5s")]), (_, sent) => sent === undefined],
      }),
      { refs },
    );
    const world = new World().start(main);
    world.turn();
    world.issue();
    for (const { type, number } of [...world.vat.operations.values()])
      if (type === "timer") world.deliver({ type: "timer", operation: number });
    world.turn();
    expect(world.vat.outcome()?.status).toBe("fulfilled");
    expect(world.vat.status()).toBe("finishing");
  });

  test("a step that never settles can be cancelled: CancelledError is thrown at its await, and its signal aborts", async () => {
    let signal: AbortSignal | undefined;
    const stuck = () => {
      signal = currentStep()!.signal;
      return never();
    };
    const { main } = linear(
      ($m) => ({
        parts: [
          () => $m.call(0, stuck, []),
          () => 0,
          (_, e) => [e instanceof CancelledError, e instanceof Error, e.name, e.message],
        ],
        handlers: { 0: 2 },
      }),
      { refs: { stuck: () => stuck } },
    );
    const world = new World().start(main);
    world.turn();
    world.issue();
    world.deliver({ type: "cancel", reason: "by the customer" });
    world.turn();
    world.issue();
    expect(world.result).toEqual([true, true, "CancelledError", "The run was cancelled: by the customer"]);
    expect(signal?.aborted).toBe(true);
  });

  test("operations begun in finally after a cancel work", async () => {
    const release = async () => "released";
    const { main } = linear(
      ($m) => ({
        parts: [() => sleep("30 days"), () => 0, () => $m.call(0, release, []), (_, sent) => sent],
        handlers: { 0: 2 },
      }),
      { refs: { release: () => release } },
    );
    for (const reload of [false, true]) {
      const world = new World({ reload }).start(main);
      world.turn();
      world.deliver({ type: "cancel", reason: null });
      expect((await world.drive()).result).toBe("released");
    }
  });

  test("a settlement that comes after the cancel is passed over", async () => {
    const quick = async () => "late";
    const { main } = linear(
      ($m) => ({ parts: [() => $m.call(0, quick, []), () => 0, (_, e) => e.name], handlers: { 0: 2 } }),
      { refs: { quick: () => quick } },
    );
    const world = new World().start(main);
    world.turn();
    const { settled } = world.vat.attempt(1);
    world.deliver({ type: "cancel", reason: null });
    world.deliver({ type: "step", operation: 1, settlement: await settled });
    expect((await world.drive()).result).toBe("CancelledError");
  });
});
