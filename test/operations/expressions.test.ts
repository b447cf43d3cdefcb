/** Steps that are made of a whole expression: operands kept as what makes them, `step(fn)`, and what they share. */
import { currentStep, step } from "perdure";
import * as $ from "perdure/emitted";
import { afterEach, describe, expect, test } from "vitest";
import { linear } from "./linear.ts";
import { run, World } from "./world.ts";

const log: string[] = [];
afterEach(() => {
  log.length = 0;
});

const charge = async (order: { id: number }): Promise<string> => {
  log.push(`charge ${order.id}`);
  return `receipt ${order.id}`;
};
const refs = { charge: () => charge };

describe("expressions as steps", () => {
  class Command {
    input: { key: string };
    #isSent = false;
    constructor(input: { key: string }) {
      this.input = input;
      log.push(`new ${input.key}`);
    }
    send(): string {
      if (this.#isSent) throw new Error("sent twice");
      this.#isSent = true;
      return `sent ${this.input.key}`;
    }
  }
  const aws = {
    send: async (command: Command) => (command instanceof Command ? command.send() : "not a command"),
  };

  test("an operand that cannot be saved is kept as the expression that makes it, over its own operands", async () => {
    const { main } = linear(
      ($m) => {
        const command = $m.expression(
          "main/command",
          { name: "", at: [1, 9] },
          (input: { key: string }) => new Command(input),
        );
        return {
          slots: ["input"],
          parts: [
            (f: any) => {
              f.input = { key: "k1" };
              const sent = $m.method(0, aws, "send", [$m.made(command, [f.input])]);
              f.input.key = "changed in flight";
              return sent;
            },
            (_: any, sent: string) => sent,
          ],
        };
      },
      { codes: ["main/command"], refs: { aws: () => aws, Command: () => Command } },
    );
    const world = new World().start(main);
    world.turn();
    // Once more, to see whether it is another one each time.
    expect(log).toEqual(["new k1", "new k1"]);
    world.crash();
    expect((await world.drive()).result).toBe("sent k1");
    expect(log).toEqual(["new k1", "new k1", "new k1"]);
  });

  test("one that can be saved is saved by value", async () => {
    let made = 0;
    const make = (x: number) => ({ x, made: ++made });
    const read = async (o: { x: number; made: number }) => o.made;
    const { main } = linear(
      ($m) => {
        const code = $m.expression("main/make", { name: "", at: [1, 9] }, (x: number) => make(x));
        return { parts: [() => $m.call(0, read, [$m.made(code, [1])]), (_: any, sent: number) => sent] };
      },
      { codes: ["main/make"], refs: { read: () => read, make: () => make } },
    );
    const world = new World().start(main);
    world.turn();
    world.crash();
    expect((await world.drive()).result).toBe(1);
    expect(made).toBe(1);
  });

  test("$m.step evaluates the whole expression in the attempt; deferred operands are part of it", async () => {
    const prisma = {
      create: (x: number) => ({
        then: (resolve: (value: string) => void) => {
          log.push(`effect ${x}`);
          resolve(`row ${x}`);
        },
      }),
      transaction: async (all: PromiseLike<string>[]) => Promise.all(all),
    };
    const { main } = linear(
      ($m) => {
        const create = $m.expression("main/create", { name: "", at: [1, 9] }, (x: number) => prisma.create(x));
        const list = $m.expression("main/list", { name: "", at: [1, 9] }, (...all: unknown[]) => all);
        const lazy = $m.expression("main/lazy", { name: "", at: [1, 9] }, (x: number) => prisma.create(x));
        return {
          slots: ["rows"],
          parts: [
            () =>
              $m.method(0, prisma, "transaction", [
                $m.deferred(list, [$m.deferred(create, [1]), $m.deferred(create, [2])]),
              ]),
            (f: any, sent: string[]) => {
              f.rows = sent;
              return $m.step(0, lazy, [3]);
            },
            (f: any, sent: string) => [...f.rows, sent],
          ],
        };
      },
      { codes: ["main/create", "main/list", "main/lazy"], refs: { prisma: () => prisma } },
    );
    const world = new World().start(main);
    world.turn();
    expect(log).toEqual([]);
    expect((await world.drive()).result).toEqual(["row 1", "row 2", "row 3"]);
    expect(log).toEqual(["effect 1", "effect 2", "effect 3"]);
  });

  test("a list of such operands is one: ordinary code is given the thenables, durable code too, and no other list is let through", async () => {
    const lazy = (x: number) => ({ then: (resolve: (value: string) => void) => resolve(`row ${x}`) });
    const together = async (all: PromiseLike<string>[]) => Promise.all(all);
    const durable = linear(() => ({
      parts: [(f) => f.args[0].map((one: object) => "then" in one), (_, sent) => sent],
    }));
    const of = (call: (list: unknown, elements: unknown[], $m: any) => unknown) =>
      linear(
        ($m) => {
          const code = $m.expression("main/lazy", { name: "", at: [1, 9] }, lazy);
          const elements = () => [$m.deferred(code, [1]), $m.deferred(code, [2])];
          return { parts: [() => call($m.list(elements()), elements(), $m), (_: any, sent: unknown) => sent] };
        },
        { codes: ["main/lazy"], refs: { together: () => together, lazy: () => lazy }, sites: ["together(list)"] },
      ).main;
    expect(await run(of((list, _, $m) => $m.call(0, together, [list])))).toEqual(["row 1", "row 2"]);
    const inTurn = new World().start(of((list, _, $m) => $m.call(0, durable.main, [list])));
    expect((await inTurn.drive()).result).toEqual([true, true]);
    expect(() => new World().start(of((_, elements, $m) => $m.call(0, together, [elements]))).turn()).toThrow(
      /PD2301: .*together\(list\).*not all uses are known.*\n.*make the list in the call/,
    );
  });

  test("a deferred argument of a durable call becomes a step of its own", async () => {
    const inner = linear(() => ({ parts: [(f) => f.args[0], (_, sent) => `inner ${sent}`] }));
    const { main } = linear(
      ($m) => {
        const code = $m.expression("main/charge", { name: "", at: [1, 9] }, (order: { id: number }) => charge(order));
        return {
          parts: [() => $m.call(0, inner.main, [$m.deferred(code, [{ id: 9 }])]), (_: any, sent: string) => sent],
        };
      },
      { codes: ["main/charge"], refs },
    );
    expect(await run(main)).toBe("inner receipt 9");
  });

  test("new Promise whose resolvers are handed to ordinary code is one step, run again from its executor", async () => {
    const emitter = {
      once: (_name: string, listener: (value: string) => void) => void setImmediate(() => listener("end")),
    };
    const { main } = linear(
      ($m) => {
        const code = $m.expression(
          "main/promise",
          { name: "", at: [1, 9] },
          (name: string) => new $.Promise((resolve) => emitter.once(name, resolve as never)),
        );
        return { parts: [() => $m.step(0, code, ["end"]), (_: any, sent: string) => sent] };
      },
      { codes: ["main/promise"], refs: { emitter: () => emitter } },
    );
    expect(await run(main)).toBe("end");
  });

  test("step(fn) calls the closure over its own copies; inside, durable code is plain and currentStep tells the key", async () => {
    const inner = linear(() => ({ parts: [(f) => f.args[0], (_, sent) => sent + 1] }));
    const { main } = linear(
      ($m) => {
        const body = $m.code("main/body", { name: "body", at: [2, 3] }, (count$: { v: number }) => async () => {
          const { key, attempt, signal } = currentStep()!;
          await null;
          const promise = inner.main(count$.v);
          count$.v = 10;
          return [
            key,
            attempt,
            signal.aborted,
            currentStep()?.key,
            Object.getPrototypeOf(promise) === Promise.prototype,
            await promise,
          ];
        });
        return {
          slots: ["count$"],
          parts: [
            (f: any) => {
              f.count$ = $.cell(1);
              return $m.call(0, step, [body(f.count$)]);
            },
            (f: any, sent: unknown[]) => [...sent, f.count$.v, currentStep() === undefined],
          ],
        };
      },
      { codes: ["main/body"], sites: ["step(async () => …)"] },
    );
    const key = "0123456789abcdef0123456789abcdef/1";
    expect(await run(main)).toEqual([key, 1, false, key, true, 2, 10, true]);
  });
});
