/** The engine over compiled machines, written here by hand. */
import { CancelledError, createEngine, type Engine, start, token } from "perdure";
import * as $ from "perdure/emitted";
import type { NewRun } from "perdure/internal/store/store";
import { memory } from "perdure/memory";
import { afterEach, describe, expect, test } from "vitest";
import { QUICK, until } from "./support.ts";

const $m = $.module("test/engine.ts", {
  abi: 1,
  file: "test/engine.ts",
  fingerprints: { order: "1", parent: "1", child: "1", closure: "1", spinner: "1", guardian: "1" },
  sites: [[3, 5, "mailer.send(order)"]],
});

const order$ = $m.machine(
  "order",
  {
    name: "order",
    at: [1, 1],
    live: { send: ["order", "mailer", "approval"], approved: ["order"] },
    points: { send: [3, 5], approved: [4, 9] },
    handlers: {},
  },
  (f, sent) => {
    switch (f.pc) {
      case 0:
        f.approval = $m.call(0, token, []);
        return $.await(f, "send", $m.method(0, f.mailer, "send", [f.order, (f.approval as { id: string }).id]));
      case "send":
        (f.order as { sent: unknown }).sent = sent;
        return $.await(f, "approved", f.approval);
      default:
        return $.return(f, { order: f.order, sent });
    }
  },
);
const order = $m.define((order: object, mailer: object) => order$.enter({ order, mailer }), "order");
const child$ = $m.machine(
  "child",
  { name: "child", at: [8, 1], live: { waited: ["item"] }, points: {}, handlers: {} },
  (f) => {
    if (f.pc === 0) return $.await(f, "waited", f.wait === undefined ? null : $m.call(0, token, []));
    throw Object.assign(new RangeError("no such item"), { item: f.item });
  },
);
const child = $m.define((wait?: boolean) => child$.enter({ wait, item: 7 }), "child");
const parent$ = $m.machine(
  "parent",
  { name: "parent", at: [9, 1], live: { child: [] }, points: {}, handlers: { 0: "caught", child: "caught" } },
  (f, sent) => {
    switch (f.pc) {
      case 0:
        return $.await(f, "child", $m.call(0, start, [child, [], f.id === undefined ? {} : { id: f.id }]));
      case "caught":
        return $.return(f, [sent instanceof RangeError, (sent as Error).name, (sent as Error).message.split("\n")[0]]);
      default:
        throw new Error("unreachable");
    }
  },
);
const parent = $m.define((id?: string) => parent$.enter({ id }), "parent");
const guardian$ = $m.machine(
  "guardian",
  { name: "guardian", at: [11, 1], live: { ward: [] }, points: { ward: [11, 9] }, handlers: {} },
  (f, sent) =>
    f.pc === 0 ? $.await(f, "ward", $m.call(0, start, [child, [true], { id: "ward" }])) : $.return(f, sent),
);
const guardian = $m.define(() => guardian$.enter({}), "guardian");
/** Awaits what is settled already, again and again: its jobs never end by themselves. */
const spinner$ = $m.machine(
  "spinner",
  { name: "spinner", at: [12, 1], live: { spin: ["limit", "count"] }, points: { spin: [13, 3] }, handlers: {} },
  (f) => {
    if (f.pc === 0) f.count = 0;
    f.count = (f.count as number) + 1;
    if ((f.count as number) > (f.limit as number)) return $.return(f, f.count);
    return $.await(f, "spin", null);
  },
);
const spinner = $m.define((limit: number) => spinner$.enter({ limit }), "spinner");
const closure = $m.code("closure", { name: "inner", at: [10, 1] }, () => async () => {});

let engine: Engine;
const mails: string[] = [];
const mailer = {
  send: async (order: { item: string }, id: string) => {
    mails.push(id);
    return { to: order.item };
  },
};
function made() {
  mails.length = 0;
  engine = createEngine({ store: memory(), provide: { mailer } });
  return engine;
}
afterEach(() => engine.stop());

describe("a compiled run", () => {
  test("is saved with its provided host by name, resumed, and its result is a copy", async () => {
    const given = { item: "book" };
    const run = await made().start(order, [given, mailer], { id: "o-1" });
    void engine.work({ ...QUICK, linger: 0 });
    await until(() => mails.length === 1);
    await until(async () => (await run.stack())[0]?.position[0] === 4);
    const [where] = await run.stack();
    expect(where).toMatchObject({ function: "order", file: "test/engine.ts", position: [4, 9] });
    expect(where!.locals["order"]).toContain("book");
    expect(await engine.resume(mails[0]!, { ok: true })).toBe("accepted");
    expect(await run.result()).toEqual({ order: { item: "book", sent: { to: "book" } }, sent: { ok: true } });
    expect(given).toEqual({ item: "book" });
  });

  test("is blocked where its host is not provided, and goes on in a worker that provides it", async () => {
    const store = memory();
    const poor = createEngine({ store, observe: () => {} });
    const rich = createEngine({ store, provide: { mailer } });
    engine = rich;
    mails.length = 0;
    const run = await rich.start(order, [{ item: "pen" }, mailer]);
    void poor.work(QUICK);
    await until(async () => (await run.status()).status === "blocked");
    expect((await run.status()).reason?.message).toContain("provide:mailer");
    await poor.stop();
    void rich.work(QUICK);
    await until(() => mails.length === 1);
    await rich.resume(mails[0]!, null);
    expect(await run.result()).toMatchObject({ sent: null });
  });

  test("gets its child's error, of its class", async () => {
    const run = await made().start(parent, []);
    void engine.work(QUICK);
    expect(await run.result()).toEqual([true, "RangeError", "no such item"]);
  });

  test("gets an ordinary error for a child whose id is taken", async () => {
    await made().start(child, [true], { id: "taken" });
    const run = await engine.start(parent, ["taken"]);
    void engine.work(QUICK);
    expect(await run.result()).toEqual([
      false,
      "PerdureError",
      "PD2509: the child run taken could not be started: another run has this id",
    ]);
  });

  test("gets an ordinary error for a child that the store can never take", async () => {
    const store = memory();
    const full = new Proxy(store, {
      get: (target, property) =>
        property !== "create"
          ? Reflect.get(target, property)
          : async (record: NewRun) => {
              if (record.run !== "huge") return target.create(record);
              throw Object.assign(new Error("too large for this store"), { outcome: "refused", unacceptable: true });
            },
    });
    engine = createEngine({ store: full });
    const run = await engine.start(parent, ["huge"]);
    void engine.work(QUICK);
    expect(await run.result()).toEqual([false, "Error", "too large for this store"]);
  });

  test.each([
    ["a\0b", "it holds U+0000"],
    ["\ud800", "a lone surrogate"],
    ["x".repeat(513), "513 characters"],
    ["字".repeat(334), "1002 bytes"],
    [7 as never, "it is a number"],
  ])("is blocked by the id %j for its child", async (id, why) => {
    const run = await made().start(parent, [id]);
    void engine.work(QUICK);
    await until(async () => (await run.status()).status === "blocked");
    expect((await run.status()).reason).toMatchObject({ code: "PD2209", message: expect.stringContaining(why) });
  });

  test.each([0, 1_000])("that is cancelled tells its child, and ends with it (linger %i)", async (linger) => {
    const run = await made().start(guardian, []);
    void engine.work({ ...QUICK, linger });
    const ward = engine.run("ward");
    await until(async () => (await ward.status().catch(() => undefined))?.status === "waiting");
    expect(await run.cancel("enough")).toBe("requested");
    await expect(ward.result()).rejects.toThrow("enough");
    await expect(run.result()).rejects.toThrow(CancelledError);
    await until(async () => (await ward.status()).status === "cancelled");
    await until(async () => (await run.status()).status === "cancelled");
  });

  test("that is cancelled rejects with CancelledError, for clients too", async () => {
    const run = await made().start(child, [true]);
    void engine.work(QUICK);
    await until(async () => (await run.status()).status === "waiting");
    await run.cancel("changed my mind");
    await expect(run.result()).rejects.toBeInstanceOf(CancelledError);
    expect((await run.status()).status).toBe("cancelled");
  });

  test("whose jobs do not end is saved in between, and others have their turns", async () => {
    const commits: string[] = [];
    engine = createEngine({
      store: memory(),
      provide: { mailer },
      observe: (event) => {
        if (event.type === "committed") commits.push(`${event.run} ${event.status}`);
      },
    });
    const long = await engine.start(spinner, [250_000], { id: "long" });
    const short = await engine.start(spinner, [10], { id: "short" });
    void engine.work(QUICK);
    expect(await short.result()).toBe(11);
    expect(await long.result()).toBe(250_001);
    expect(commits.filter((commit) => commit === "long running").length).toBeGreaterThanOrEqual(2);
    expect(commits.indexOf("short done")).toBeLessThan(commits.indexOf("long done"));
  });

  test("cannot be a closure, nor get what cannot be saved", async () => {
    await expect(made().start(closure() as never, [])).rejects.toThrow("PD2512");
    await expect(engine.start(order.bind(null) as never, [])).rejects.toThrow(/PD2515[\s\S]*bound/);
    await expect(engine.start(undefined as never, [])).rejects.toThrow("PD2515");
    await expect(engine.start(order, [{ socket: new WeakMap() }, mailer])).rejects.toThrow(/PD4001[\s\S]*socket/);
    await expect(engine.start(order, [{ mailer: { send() {} } }, mailer])).rejects.toThrow(/PD4/);
  });
});
