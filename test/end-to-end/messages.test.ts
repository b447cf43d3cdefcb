/** `engine.run(id).send(name, value)` and `receive(name)`, over a real store and several processes' worth of engines. */
import type { Store, StoreFailure } from "perdure/internal/store/store";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { type Product, until } from "../product.ts";
import { type App, endToEnd, statusOf, storeFile, working } from "./app.ts";

let built: Product<App>;
let app: App;
let engine: ReturnType<typeof working> | undefined;
beforeAll(async () => {
  built = await endToEnd();
});
afterAll(() => built.remove());
afterEach(() => engine?.stop());

async function begin(options: Parameters<typeof working>[2] = {}): Promise<string> {
  app = await built.open();
  const path = storeFile(built);
  engine = working(app, path, options);
  return path;
}
const settled = (id: string) => until(async () => (await statusOf(engine!, id)) === "waiting");

test("an endless loop takes changes between its timers", async () => {
  await begin();
  const run = await engine!.start(app.subscription, ["ann", 30], { id: "ann" });
  expect(await run.send("change", { plan: "gold" })).toBe("accepted");
  await until(() => app.log.filter((line) => line === "ann pays for gold").length >= 2);
  await run.send("change", { cancel: true });
  const bills = await run.result();
  expect(new Set(bills)).toEqual(new Set(["ann pays for gold"]));
  expect(bills).toEqual(app.log.filter((line) => line.startsWith("ann pays")));
});

test("messages that came before anybody drove the run, and between two processes, are all there, in order", async () => {
  app = await built.open();
  const path = storeFile(built);
  const starter = app.createEngine({ store: app.sqlite(path) });
  const run = await starter.start(app.collects, [], { id: "late" });
  for (const n of [1, 2]) await run.send("work", { n });
  engine = working(app, path, {});
  await until(() => app.log.includes("n 2"));
  await engine.stop();
  for (const message of [{ n: 3 }, { n: 4 }, null]) await starter.run("late").send("work", message);
  const second = await built.open();
  engine = working(second, path, {});
  expect(await engine.run("late").result()).toEqual([1, 2, 3, 4].map((n) => [n, `n ${n}`]));
});

test("none is lost to a receive that has given up, whenever it comes", async () => {
  await begin();
  const run = await engine!.start(app.impatient, [60], { id: "hasty" });
  const sent = Array.from({ length: 20 }, (_, n) => n);
  for (const n of sent) {
    await run.send("word", n);
    await new Promise((resolve) => setTimeout(resolve, n % 4));
  }
  await run.send("word", "end");
  expect(await run.result()).toEqual([...sent, "end"]);
});

test("a loop that listens beside the work ends with it", async () => {
  await begin();
  const run = await engine!.start(app.counts, ["bea", 150], { id: "bea" });
  await until(() => app.log.includes("bea listens"));
  for (const n of [1, 2, 3]) await run.send("count", n);
  expect(await run.result()).toEqual([1, 2, 3]);
  await until(async () => (await statusOf(engine!, "bea")) === "done");
  expect(await run.send("count", 4)).toBe("gone");
});

test("stack() says which message is waited for, and where", async () => {
  await begin();
  await engine!.start(app.asks, [["answer"]], { id: "q" });
  await until(async () => (await engine!.run("q").stack())[0]?.waitsFor.startsWith("message") === true);
  expect(await engine!.run("q").stack()).toMatchObject([
    { function: "asks", waitsFor: 'message "answer"', file: expect.stringMatching(/messages\.ts$/) },
  ]);
});

describe("send", () => {
  test("with a key is done once for each name, also after the message was received; without one, each call is a message", async () => {
    await begin();
    const run = await engine!.start(app.asks, [["a", "a", "a", "b"]], { id: "keys" });
    expect(await run.send("a", 1, { key: "k" })).toBe("accepted");
    expect(await run.send("a", 2, { key: "k" })).toBe("already-sent");
    await settled("keys");
    expect(await run.send("a", 3, { key: "k" })).toBe("already-sent");
    expect(await run.send("b", 4, { key: "k" })).toBe("accepted");
    for (const _ of [1, 2]) expect(await run.send("a", 5)).toBe("accepted");
    expect(await run.result()).toEqual([1, 5, 5, 4]);
  });

  test("takes plain JSON, and gives the run a copy; nothing is null", async () => {
    await begin();
    const run = await engine!.start(app.asks, [["a", "ü\u{1F600}\0\uD800"]], { id: "json" });
    await expect(run.send("a", { when: new Date(0) })).rejects.toThrow(/PD2505.*value\.when is an instance of Date/s);
    await run.send("a");
    await run.send("ü\u{1F600}\0\uD800", [1, { x: "\uD800\0" }], { key: "\0\uD800" });
    expect(await run.result()).toEqual([null, [1, { x: "\uD800\0" }]]);
  });

  test.each([
    ["", {}, /PD2516: send was given "" as the name of the message; it takes a text of 1 to 512 characters/],
    [7, {}, /PD2516: send was given 7 as/],
    ["x".repeat(513), {}, /PD2516/],
    ["a", { key: "" }, /PD2516.*`key`/s],
    ["a", { kee: "k" }, /PD2517.*write `key`/s],
  ])("refuses the name %j with the options %j", async (name, options, message) => {
    await begin();
    const run = await engine!.start(app.asks, [["a"]], { id: "bad" });
    await expect(run.send(name as string, 1, options as { key: string })).rejects.toThrow(message);
  });

  test("to a run that there is not is PD2504, so that a sender that was too quick tries again", async () => {
    await begin();
    await expect(engine!.run("nobody").send("a", 1)).rejects.toThrow("PD2504");
  });

  test("recognizes its own attempt when the store's answer was lost", async () => {
    const path = await begin();
    await engine!.start(app.asks, [["a", "a"]], { id: "lossy" });
    const file = app.sqlite(path) as Store;
    let lost = 2;
    const store: Store = Object.assign(Object.create(file), {
      deliver: async (...args: Parameters<Store["deliver"]>) => {
        const answer = await file.deliver(...args);
        if (lost-- > 0) throw Object.assign(new Error("cut off"), { outcome: "unknown" }) as StoreFailure;
        return answer;
      },
    });
    const sender = app.createEngine({ store });
    expect(await sender.run("lossy").send("a", 1)).toBe("accepted");
    expect(await sender.run("lossy").send("a", 2)).toBe("accepted");
    expect(await engine!.run("lossy").result()).toEqual([1, 2]);
  });
});

test("a cancelled run hears no more", async () => {
  await begin();
  const run = await engine!.start(app.asks, [["a"]], { id: "cancelled" });
  await settled("cancelled");
  await run.cancel("enough");
  await expect(run.result()).rejects.toThrow("enough");
  await until(async () => (await statusOf(engine!, "cancelled")) === "cancelled");
  expect(await run.send("a", 1)).toBe("gone");
});

test("an entity: bookings from everywhere, one at a time", async () => {
  await begin();
  const run = await engine!.start(app.account, ["ann"], { id: "account-ann" });
  const bookings = Array.from({ length: 30 }, (_, n) => ({ amount: n % 3 === 0 ? -7 : 3, by: `b${n}` }));
  for (const booking of bookings) await Promise.all([1, 2].map(() => run.send("book", booking, { key: booking.by })));
  await run.send("book", "close");
  let balance = 0;
  const declined: string[] = [];
  for (const { amount, by } of bookings)
    if (balance + amount < 0) declined.push(`ann declines ${by}`);
    else balance += amount;
  expect(await run.result()).toBe(balance);
  expect(app.log).toEqual(declined);
});

test("a schedule: it is started once, and goes on when what it has started fails", async () => {
  await begin();
  for (const _ of [1, 2]) await engine!.start(app.schedule, ["night", 20], { id: "schedule" });
  await until(() => app.log.includes("night 4") && app.log.includes("night 2: no luck"));
  for (const night of [1, 2, 3, 4]) expect(app.log.filter((line) => line === `night ${night}`)).toHaveLength(1);
  await engine!.run("schedule").cancel();
});

test("a run knows its id, in its own code and in its steps; outside of runs there is none", async () => {
  await begin();
  const inStep = (run: string) => ({ run, stepOf: run });
  const run = await engine!.start(app.whoAmI, ["me"], { id: "me" });
  expect(await run.result()).toEqual(["me", inStep("me"), "me", "me's child", inStep("me's child")]);
  expect(await app.whoAmI("nobody")).toEqual([undefined, {}, undefined, undefined, {}]);
});
