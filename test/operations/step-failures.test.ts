/** Steps that fail: errors, retries, timeouts, races and cancellation. */
import { CancelledError, currentStep, sleep, step } from "perdure";
import * as $ from "perdure/emitted";
import { afterEach, describe, expect, test } from "vitest";
import { linear } from "./linear.ts";
import { single } from "./single.ts";
import { run, World } from "./world.ts";

const seen: unknown[] = [];
afterEach(() => {
  seen.length = 0;
});
const note = (value: unknown) => seen.push(structuredClone(value));

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
            /step-failures\.test/.test(e.stack),
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
