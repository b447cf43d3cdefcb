import type { Commit, Store } from "perdure/internal/store/store";
import { loseAnswers } from "perdure/internal/testing/conformance/lost-answers";
import { afterEach, describe, expect, test } from "vitest";
import { QUICK, until, type World, world } from "./support.ts";

let here: World;
afterEach(() => here.close());

const names = () => here.calls.map(({ name }) => name);

/** What another worker has made of the run before it gave it back. */
async function commitHead(run: string, change: Partial<Commit>): Promise<void> {
  const { store } = here;
  await store.renew("w", Date.now(), Date.now() + 60_000);
  const codes = new Set((await store.read(run))!.codes);
  const [claim] = await store.claim({ worker: "w", limit: 1, suspects: 0, codes, now: Date.now() });
  const turn = { lease: claim!.lease, commitId: "c", position: 0, segment: null, codes: [...codes], consumed: 0 };
  const rest = { reason: null, result: null, wakeAt: null, outbox: [], now: Date.now(), release: true };
  await store.commit([{ ...turn, ...rest, status: "waiting", ...change }]);
}

describe("terminate", () => {
  test("ends a run that sleeps, and runs none of its code", async () => {
    here = world({
      asleep: [
        ["finally", "undo"],
        ["sleep", 3_600_000],
      ],
    });
    const engine = here.engine();
    void engine.work(QUICK);
    const run = await engine.start(engine.fn("asleep"), []);
    await until(async () => (await run.status()).wakeAt !== null);
    const result = run.result();
    expect(await run.terminate("nobody wants it")).toBe(true);
    await expect(result).rejects.toThrow("nobody wants it");
    expect(await run.status()).toMatchObject({ status: "cancelled", reason: null, wakeAt: null });
    expect(await run.stack()).toEqual([]);
    expect(names()).toEqual([]);
  });

  test("says by itself that it was terminated", async () => {
    here = world({ asleep: [["sleep", 3_600_000]] });
    const engine = here.engine();
    const run = await engine.start(engine.fn("asleep"), []);
    await run.terminate();
    await expect(run.result()).rejects.toThrow("it was terminated");
  });

  test("aborts the step that a worker of another engine is at, and its result is nobody's", async () => {
    let signal: AbortSignal | null = null;
    let settle: (value: string) => void = () => {};
    here = world(
      {
        slow: [
          ["step", "long"],
          ["step", "unreached"],
        ],
        other: [["step", "a"]],
      },
      (call) => {
        if (call.name !== "long") return "ok";
        signal = call.signal;
        return new Promise((resolve) => {
          settle = resolve;
        });
      },
    );
    const worker = here.engine();
    void worker.work(QUICK);
    const run = await worker.start(worker.fn("slow"), [], { id: "slow" });
    await until(() => signal !== null);
    const operator = here.engine();
    expect(await operator.run("slow").terminate("too long")).toBe(true);
    await until(() => signal!.aborted);
    settle("late");
    await expect(run.result()).rejects.toThrow("too long");
    expect(await (await worker.start(worker.fn("other"), [])).result()).toEqual(["ok"]);
    expect(names()).toEqual(["long", "a"]);
    expect(here.events.filter(({ type }) => type === "lost")).toMatchObject([{ run: "slow", why: "fenced" }]);
  });

  test("ends a run that is blocked", async () => {
    here = world({ refused: [["refuse", "1"]] });
    const engine = here.engine();
    void engine.work(QUICK);
    const run = await engine.start(engine.fn("refused"), []);
    await expect(run.result()).rejects.toThrow("PD4001");
    expect(await run.terminate("it will never work")).toBe(true);
    await expect(run.result()).rejects.toThrow("it will never work");
    expect(await run.retry()).toBe(false);
  });

  test("ends a run that is quarantined", async () => {
    here = world({ asleep: [["sleep", 3_600_000]] });
    const engine = here.engine();
    const run = await engine.start(engine.fn("asleep"), []);
    await commitHead(run.id, { status: "quarantined", reason: '{"code":"PD2508","message":"","fix":""}' });
    expect((await run.status()).status).toBe("quarantined");
    expect(await run.terminate()).toBe(true);
    expect(await run.status()).toMatchObject({ status: "cancelled", reason: null });
  });

  test("ends a run whose code is linked nowhere any more", async () => {
    here = world({ mine: [["step", "a"]], theirs: [["sleep", 1]] });
    const before = here.engine();
    await before.start(before.fn("theirs"), [], { id: "old" });
    const operator = here.engine({ linked: ["mine"] });
    void operator.work(QUICK);
    expect((await operator.run("old").status()).reason?.code).toBe("PD2514");
    expect(await operator.run("old").terminate()).toBe(true);
    expect(await operator.run("old").status()).toMatchObject({ status: "cancelled", reason: null });
    expect(await here.store.nextWake(new Set(["theirs@1"]))).toBe(null);
  });

  test("tells the run that started it, which goes on", async () => {
    here = world({
      parent: [
        ["finally", "undo"],
        ["child", "child"],
      ],
      child: [["finally", "child undo"], ["hang"]],
    });
    const engine = here.engine();
    void engine.work(QUICK);
    const run = await engine.start(engine.fn("parent"), [], { id: "p" });
    await until(
      async () => (await here.store.read("p/1"))?.status === "stuck" || (await here.store.read("p/2")) !== null,
    );
    const [child] = (await engine.list()).filter(({ id }) => id !== "p");
    expect(await engine.run(child!.id).terminate("give up")).toBe(true);
    expect(await run.result()).toEqual(["cancelled: give up", "did undo"]);
    expect(names()).toEqual(["undo"]);
    expect(await here.store.pendingOutbox(9)).toEqual([]);
  });

  test("cancels the runs that it has started, whose own code runs", async () => {
    here = world({
      parent: [
        ["finally", "undo"],
        ["child", "child"],
      ],
      child: [
        ["finally", "child undo"],
        ["sleep", 60_000],
      ],
    });
    const engine = here.engine();
    void engine.work(QUICK);
    const run = await engine.start(engine.fn("parent"), [], { id: "p" });
    await until(async () => (await engine.list()).filter(({ status }) => status === "waiting").length === 2);
    expect(await run.terminate("enough")).toBe(true);
    await until(async () => (await engine.list()).every(({ status }) => status === "cancelled"));
    expect(names()).toEqual(["child undo"]);
  });

  test("of a run that has ended does nothing, nor of one that is not there", async () => {
    here = world({ quick: [["step", "a"]] });
    const engine = here.engine();
    void engine.work(QUICK);
    const run = await engine.start(engine.fn("quick"), []);
    await run.result();
    await until(async () => (await run.status()).status === "done");
    expect(await run.terminate()).toBe(false);
    expect(await run.result()).toEqual(["did a"]);
    await expect(engine.run("nobody").terminate()).rejects.toMatchObject({ code: "PD2504" });
  });

  test("leaves a result that is committed, and ends what the run still waits for", async () => {
    here = world({
      late: [
        ["step", "a"],
        ["race", 60_000],
      ],
    });
    const engine = here.engine();
    const run = await engine.start(engine.fn("late"), []);
    await commitHead(run.id, { status: "finishing", result: '{"status":"fulfilled","text":"[7]"}' });
    expect(await run.terminate()).toBe(true);
    expect(await run.status()).toMatchObject({ status: "done" });
    expect(await run.result()).toEqual([7]);
  });

  test("ends a run that never stops committing", async () => {
    here = world({ busy: [["spin", 1_000_000]] });
    const engine = here.engine();
    void engine.work(QUICK);
    const run = await engine.start(engine.fn("busy"), []);
    await until(async () => (await here.store.read(run.id))!.position > 20);
    expect(await run.terminate()).toBe(true);
    await expect(run.result()).rejects.toThrow("terminated");
    await until(() => here.events.some(({ type }) => type === "lost"));
  });

  test("of two at once, one ends it", async () => {
    here = world({ asleep: [["sleep", 3_600_000]] });
    const engine = here.engine();
    const run = await engine.start(engine.fn("asleep"), []);
    expect((await Promise.all([run.terminate("one"), run.terminate("other")])).sort()).toEqual([false, true]);
    await expect(run.result()).rejects.toThrow(/one|other/);
  });

  test("knows its own repetition when the answer was lost", async () => {
    here = world({ asleep: [["sleep", 3_600_000]] });
    const { store, loseNext } = loseAnswers(here.store);
    const engine = here.engine({ store });
    const run = await engine.start(engine.fn("asleep"), []);
    const ending: Store = {
      ...store,
      end: (one) => {
        if (ends++ === 0) loseNext();
        return store.end(one);
      },
    };
    let ends = 0;
    expect(await here.engine({ store: ending }).run(run.id).terminate()).toBe(true);
    expect(ends).toBe(2);
  });

  test("does not need what the run has saved", async () => {
    here = world({ parent: [["child", "child"]], child: [["sleep", 60_000]] });
    const engine = here.engine();
    const run = await engine.start(engine.fn("child"), []);
    const damaged: Store = {
      ...here.store,
      inspect: () =>
        Promise.reject(Object.assign(new Error("damaged"), { outcome: "refused", lasting: true, unreadable: true })),
    };
    expect(await here.engine({ store: damaged }).run(run.id).terminate()).toBe(true);
    expect((await run.status()).status).toBe("cancelled");
  });

  test("of a handle that start gave ends no later run under the same id", async () => {
    here = world({ asleep: [["sleep", 3_600_000]] });
    const engine = here.engine();
    const first = await engine.start(engine.fn("asleep"), [], { id: "a" });
    await first.terminate();
    await here.store.sweep(Date.now() + 1, 9);
    const second = await engine.start(engine.fn("asleep"), [], { id: "a" });
    await expect(first.terminate()).rejects.toMatchObject({ code: "PD2504" });
    expect((await second.status()).status).toBe("running");
  });
});
