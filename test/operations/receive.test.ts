/** Messages by name, in a run and outside. */
import { receive, sleep } from "perdure";
import * as $ from "perdure/emitted";
import type { VatEvent } from "perdure/internal/machine/contract";
import { sendMessage } from "perdure/testing";
import { describe, expect, test } from "vitest";
import { linear } from "./linear.ts";
import { World } from "./world.ts";

const message = (name: string, value: unknown): VatEvent => ({ type: "message", name, value: value as never });

/** Awaits what each of these gives, one after the other, and returns all of it. */
const awaiting = (...operands: (() => unknown)[]) =>
  linear(() => ({
    slots: ["log"],
    parts: [
      (f) => {
        f.log = [];
        return operands[0]!();
      },
      ...operands.slice(1).map((operand) => (f: { [slot: string]: any }, sent: unknown) => {
        f.log.push(sent);
        return operand();
      }),
      (f, sent) => [...f.log, sent],
    ],
  })).main;

const world = (main: Function, reload = false): World => {
  const made = new World({ reload }).start(main);
  made.turn();
  return made;
};

describe.each([
  ["saved at each turn", false],
  ["saved between any two jobs", true],
])("receive, %s", (_name, reload) => {
  test("takes messages in their order: those that wait, and those to come", async () => {
    const main = awaiting(
      () => receive("a"),
      () => receive("a"),
      () => sleep(10),
      () => receive("a"),
    );
    const here = world(main, reload);
    for (const n of [1, 2]) here.deliver(message("a", { n }));
    here.turn();
    here.turn();
    here.deliver(message("a", { n: 3 }));
    expect((await here.drive()).result).toEqual([{ n: 1 }, { n: 2 }, undefined, { n: 3 }]);
  });

  test("takes messages of its own name; the others stay in their order", async () => {
    const main = awaiting(
      () => receive("b"),
      () => receive("a"),
      () => receive("a"),
    );
    const here = world(main, reload);
    for (const [name, n] of [
      ["a", 1],
      ["c", 2],
      ["a", 3],
      ["b", 4],
    ] as const)
      here.deliver(message(name, n));
    expect((await here.drive()).result).toEqual([4, 1, 3]);
  });

  test("several that wait are served in the order in which they were made", async () => {
    const here = world(
      awaiting(() => $.Promise.all([receive("a"), receive("b"), receive("a")])),
      reload,
    );
    for (const [name, n] of [
      ["a", 1],
      ["a", 2],
      ["b", 3],
    ] as const)
      here.deliver(message(name, n));
    expect((await here.drive()).result).toEqual([[1, 3, 2]]);
  });

  test("of a race between two names that both have messages, one takes one, and the other's stays", async () => {
    const race = () => $.Promise.race([receive("a"), receive("b")]);
    const here = world(awaiting(race, race, race), reload);
    for (const [name, n] of [
      ["b", 1],
      ["a", 2],
      ["b", 3],
    ] as const)
      here.deliver(message(name, n));
    expect((await here.drive()).result).toEqual([1, 2, 3]);
  });

  test("one that has lost to a timer takes nothing, even when both came in one turn", async () => {
    const main = awaiting(
      () => $.Promise.race([receive("a"), sleep(10)]),
      () => receive("a"),
    );
    const here = world(main, reload);
    const timer = [...here.vat.operations.values()].find(({ type }) => type === "timer")!;
    here.deliver({ type: "timer", operation: timer.number });
    here.deliver(message("a", "kept"));
    expect((await here.drive()).result).toEqual([undefined, "kept"]);
  });

  test("a promise of one that is kept gets the message, also when it is awaited later", async () => {
    const { main } = linear(() => ({
      slots: ["next"],
      parts: [
        (f) => {
          f.next = receive("a");
          return sleep(10);
        },
        (f) => f.next,
        (_, sent) => sent,
      ],
    }));
    const here = world(main, reload);
    here.deliver(message("a", 1));
    here.turn();
    expect(here.vat.operations.size).toBe(1);
    expect((await here.drive()).result).toBe(1);
  });

  test("data that looks like more is data", async () => {
    const here = world(
      awaiting(() => receive("a")),
      reload,
    );
    here.deliver(message("a", JSON.parse('{"then":1,"__proto__":{"x":1},"toJSON":null}')));
    const [value] = (await here.drive()).result;
    expect(Object.keys(value)).toEqual(["then", "__proto__", "toJSON"]);
    expect(value.x).toBeUndefined();
  });

  test("a loop that receives beside the function does not keep the run", async () => {
    const { main } = linear(() => ({
      parts: [
        () => {
          void receive("never").then();
          return sleep(10);
        },
        () => "done",
      ],
    }));
    const here = world(main, reload);
    expect((await here.drive()).result).toBe("done");
    expect(here.vat.status()).toBe("done");
    expect(here.vat.operations.size).toBe(0);
  });
});

test("a receive is rejected by a cancel, and works in what follows", async () => {
  const { main } = linear(() => ({
    slots: ["why"],
    parts: [
      () => receive("a"),
      () => 0,
      (f, error) => {
        f.why = error.name;
        return receive("last");
      },
      (f, sent) => [f.why, sent],
    ],
    handlers: { 0: 2 },
  }));
  const here = world(main);
  here.deliver({ type: "cancel", reason: "enough" });
  here.deliver(message("last", "words"));
  expect((await here.drive()).result).toEqual(["CancelledError", "words"]);
});

test("the stack says what is waited for", () => {
  const here = world(awaiting(() => receive("plan")));
  expect(here.vat.stack().map(({ waitsFor }) => waitsFor)).toEqual(['message "plan"']);
  expect(here.vat.status()).toBe("waiting");
});

test("a thousand messages that nobody asks for cost a turn the new ones alone", () => {
  const here = world(awaiting(() => receive("other")));
  const bytes = (count: number): number => {
    for (let n = 0; n < count; n++) here.vat.deliver(message("news", { n, text: "x".repeat(50) }));
    here.vat.turn();
    return here.vat.save("delta").text.length;
  };
  bytes(10);
  const few = bytes(10);
  bytes(1_000);
  expect(bytes(10)).toBeLessThan(few * 1.5);
});

test.each([[""], [7], [undefined], ["x".repeat(513)]])("the name %j blocks the run", (name) => {
  const main = awaiting(() => {
    try {
      return receive(name as string);
    } catch {
      return 0;
    }
  });
  expect(() => new World().start(main).turn()).toThrow(/PD2516.*the name of the messages/s);
});

describe("outside a run", () => {
  test("it is a plain promise, resolved through perdure/testing: the one that was made last first", async () => {
    expect(sendMessage("a", 0)).toBe(false);
    const [first, second] = [receive("a"), receive("a")];
    expect(Object.getPrototypeOf(first)).toBe(Promise.prototype);
    expect(sendMessage("b", 1)).toBe(false);
    expect(sendMessage("a", 2)).toBe(true);
    expect(await second).toBe(2);
    expect(sendMessage("a")).toBe(true);
    expect(await first).toBe(null);
    expect(sendMessage("a", 3)).toBe(false);
  });

  test("a bad name is refused", () => {
    expect(() => receive("")).toThrow("PD2516");
  });
});
