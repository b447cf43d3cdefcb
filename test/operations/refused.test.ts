/** Errors of operations that only come when something around the run is missing or broken. */
import { isPerdureError, type PerdureError, start, step, transaction } from "perdure";
import * as $ from "perdure/emitted";
import { Heap } from "perdure/internal/codec/heap";
import { Vat } from "perdure/internal/machine/vat";
import { expect, test } from "vitest";
import { linear } from "./linear.ts";
import { World } from "./world.ts";

async function refusalOf(world: World): Promise<PerdureError> {
  const [number] = world.vat.operations.keys();
  const settlement = (await world.vat.attempt(number!).settled) as { status: string; error?: unknown };
  expect(settlement.status).toBe("refused");
  if (!isPerdureError(settlement.error)) throw settlement.error;
  return settlement.error;
}

test("a step whose operands cannot be opened here is not called, and says what is missing", async () => {
  let calls = 0;
  const notify = async () => void calls++;
  const mailer = { send: () => 1 };
  const { main } = linear(($m) => ({ parts: [() => $m.call(0, notify, [mailer]), (_, sent) => sent] }), {
    sites: ["notify(mailer)"],
    refs: { notify: () => notify },
  });
  const world = new World({ provided: { mailer } }).start(main);
  world.turn();
  delete world.provided["mailer"];
  world.crash();
  const refused = await refusalOf(world);
  expect(refused.code).toBe("PD2302");
  expect(refused.message).toMatch(
    /the saved operands of the step `notify\(mailer\)` cannot be opened here: PD4012: .*provide:mailer/,
  );
  expect(calls).toBe(0);
});

test("a step that leaves behind what cannot even be read", async () => {
  const broken = new Proxy(
    {},
    {
      getPrototypeOf: () => {
        throw new Error("not to be looked at");
      },
    },
  );
  const spoil = async (order: { extra?: unknown }) => void (order.extra = broken);
  const { main } = linear(($m) => ({ parts: [() => $m.call(0, spoil, [{}]), (_, sent) => sent] }), {
    sites: ["spoil(order)"],
    refs: { spoil: () => spoil },
  });
  const world = new World().start(main);
  world.turn();
  const refused = await refusalOf(world);
  expect(refused.code).toBe("PD2303");
  expect(refused.message).toContain("not to be looked at");
});

test("step() without a function", async () => {
  await expect((async () => step("charge" as never))()).rejects.toThrow(
    /PD2207: step\(\) was given "charge" instead of a function/,
  );
});

test.each([
  [() => step(async () => 1, { retries: 3 } as object), /PD2517: step has no option `retries`/],
  [() => step(async () => 1, { retry: { times: 3 } as never }), /PD2517: step\(\{ retry \}\) has no option `times`/],
  [() => step(async () => 1, null as never), /PD2516: step was given null as its options/],
  [() => transaction(async () => 1, "serializable" as never), /PD2516: transaction was given "serializable"/],
  [() => start(async () => 1, { order: 1 } as never), /PD2516: start was given an object as the arguments of the run/],
  [() => start(async () => 1, [], "my-id" as never), /PD2516: start was given "my-id" as its options/],
])("%s: options and arguments that cannot be meant", async (call, error) => {
  await expect((async () => call())()).rejects.toThrow(error);
});

test("transaction() with an isolation that no database has", async () => {
  const body = async () => 1;
  await expect((async () => transaction(body, { isolation: "strict" as never }))()).rejects.toThrow(
    /PD2215: transaction\(\) was given the isolation strict/,
  );
});

test("segments that hold no run", () => {
  const incarnation = "0123456789abcdef0123456789abcdef";
  const { text } = new Heap({ owner: incarnation }).save("base", { strong: { run: "nothing" } });
  expect(() => Vat.load(new World(), { run: "order-7", incarnation, segments: [{ text }] })).toThrow(
    /PD2402: the saved segments of order-7 hold no run/,
  );
});

test("a resolver in the hands of ordinary code is named by the run that it leaves stuck", () => {
  const watch = (_listener: unknown) => {};
  const { main } = linear(
    ($m) => ({
      parts: [
        () => new ($.Promise as typeof Promise)((resolve: unknown) => $m.callNow(0, watch, [resolve])),
        (_, sent) => sent,
      ],
    }),
    { sites: ["client.watch(resolve)"], refs: { watch: () => watch } },
  );
  const world = new World().start(main);
  world.turn();
  const stuck = world.vat.stuck()!;
  expect(stuck.code).toBe("PD2105");
  expect(stuck.message).toMatch(
    /whose resolver was given to ordinary code by `client\.watch\(resolve\)` at .*:\d+:\d+/,
  );
});
