/** Tokens and child runs, in a run and outside. */
import { CancelledError, start, token } from "perdure";
import * as $ from "perdure/emitted";
import { parseTokenId } from "perdure/internal/machine/token-id";
import { decodeValue, encodeValue } from "perdure/internal/machine/values";
import { resumeToken } from "perdure/testing";
import { describe, expect, test } from "vitest";
import { linear } from "./linear.ts";
import { run, World } from "./world.ts";

describe("token", () => {
  const waiting = () =>
    linear(() => ({
      slots: ["t"],
      parts: [
        (f) => {
          f.t = token();
          return f.t;
        },
        (f, sent) => [sent, f.t.id],
      ],
    })).main;

  test("its id names run, incarnation and operation, has 128 random bits, and survives a reload", async () => {
    for (const reload of [false, true]) {
      const world = new World({ reload }).start(waiting());
      world.turn();
      const [operation] = [...world.vat.operations.values()];
      if (operation?.type !== "token") throw new Error("no token");
      expect(operation.secret).toMatch(/^[0-9a-f]{32}$/);
      world.deliver({ type: "token", operation: 1, secret: operation.secret, value: { ok: true } });
      const [sent, id] = (await world.drive()).result;
      expect(sent).toEqual({ ok: true });
      expect(parseTokenId(id)).toEqual({
        run: "run-1",
        incarnation: "0123456789abcdef0123456789abcdef",
        operation: 1,
        secret: operation.secret,
      });
    }
  });

  test("a message with other bits is dropped, and so is the second", async () => {
    const world = new World().start(waiting());
    world.turn();
    const [operation] = [...world.vat.operations.values()];
    const { secret } = operation as { secret: string };
    world.deliver({ type: "token", operation: 1, secret: "0".repeat(32), value: "forged" });
    world.turn();
    expect(world.vat.operations.size).toBe(1);
    world.deliver({ type: "token", operation: 1, secret, value: "first" });
    world.deliver({ type: "token", operation: 1, secret, value: "second" });
    world.turn();
    expect(world.result[0]).toBe("first");
  });

  test("one that lost a race, and that nothing reaches any more, is dropped at the save", async () => {
    const { main } = linear(() => ({
      parts: [() => $.Promise.race([token(), $.Promise.resolve("won")]), () => new $.Promise(() => {}), () => 0],
    }));
    const world = new World().start(main);
    world.turn();
    expect(world.vat.operations.size).toBe(0);
  });

  test("outside a run it is a plain promise, resolved through perdure/testing, once", async () => {
    const approval = token<{ ok: boolean }>();
    expect(Object.getPrototypeOf(approval)).toBe(Promise.prototype);
    expect(resumeToken(approval.id, { ok: true })).toBe(true);
    expect(resumeToken(approval.id, { ok: false })).toBe(false);
    expect(await approval).toEqual({ ok: true });
  });
});

describe("start", () => {
  const child = linear(() => ({ parts: [(f) => f.args[0], (_, sent) => sent] }));

  test("is a child operation: an id, a fresh incarnation, the function's name and copied arguments", () => {
    const order = { id: 1 };
    const { main } = linear(() => ({
      slots: ["p"],
      parts: [
        (f) => {
          f.p = start(child.main, [order]);
          order.id = 2;
          return f.p;
        },
        (_, sent) => sent,
      ],
    }));
    const world = new World().start(main);
    world.turn();
    const [operation] = [...world.vat.operations.values()];
    expect(operation).toMatchObject({
      type: "child",
      number: 1,
      run: expect.stringMatching(/^run-1-1-[0-9a-f]{8}$/),
      incarnation: expect.stringMatching(/^[0-9a-f]{32}$/),
      fn: expect.stringMatching(/^test\/linear-\d+\.ts#main$/),
    });
    if (operation?.type !== "child") throw new Error("no child");
    expect(decodeValue(operation.args as string)).toEqual([{ id: 1 }]);
  });

  test("its outcome settles the promise, with the run's own copy; a cancelled child rejects with CancelledError", async () => {
    const { main } = linear(() => ({
      slots: ["id"],
      parts: [
        (f) => {
          const promise = start(child.main, [1], { id: "child-7" });
          f.id = promise.id;
          return promise;
        },
        (_, sent) => start(child.main, [sent.n]).then(undefined, undefined),
        () => "not reached",
        (f, e) => [f.id, e instanceof CancelledError],
      ],
      handlers: { 1: 3 },
    }));
    const world = new World().start(main);
    world.turn();
    expect([...world.vat.operations.values()]).toMatchObject([{ run: "child-7" }]);
    world.deliver({ type: "child", operation: 1, outcome: { status: "fulfilled", text: encodeValue({ n: 5 }) } });
    world.turn();
    world.crash();
    world.deliver({
      type: "child",
      operation: 2,
      outcome: { status: "cancelled", text: encodeValue(new CancelledError("x")) },
    });
    expect((await world.drive()).result).toEqual(["child-7", true]);
  });

  test("a cancelled parent tells its child, and goes on when the child has ended", async () => {
    const { main } = linear(() => ({
      parts: [() => start(child.main, [1]), () => 0, (_, e) => e.name],
      handlers: { 0: 2 },
    }));
    const world = new World().start(main);
    world.turn();
    world.deliver({ type: "cancel", reason: "enough" });
    world.turn();
    expect([...world.vat.operations.values()]).toMatchObject([{ type: "child", cancelling: { reason: "enough" } }]);
    expect(world.vat.outcome()).toBeNull();
    world.crash();
    expect([...world.vat.operations.values()]).toMatchObject([{ type: "child", cancelling: { reason: "enough" } }]);
    world.deliver({
      type: "child",
      operation: 1,
      outcome: { status: "cancelled", text: encodeValue(new CancelledError("enough")) },
    });
    expect((await world.drive()).result).toBe("CancelledError");
  });

  test.each([
    ["an ordinary function", () => start((x: number) => x, [1]), "PD2205"],
    ["no function", () => start(5 as never, []), "PD2205"],
    ["an empty id", () => start(child.main, [], { id: "" }), "PD2209"],
    ["an argument that cannot be copied", () => start(child.main, [() => {}]), "PD4001"],
  ])("%s blocks the run, and try/catch cannot swallow that", (_name, call, code) => {
    const { main } = linear(() => ({
      parts: [
        () => {
          try {
            call();
          } catch {}
          return 0;
        },
        (_, s) => s,
      ],
    }));
    expect(() => new World().start(main).turn()).toThrow(code);
  });

  test("outside a run it calls the function", async () => {
    expect(await start(child.main, [4])).toBe(4);
    expect(await run(child.main, [4])).toBe(4);
  });
});
