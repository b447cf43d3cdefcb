import type { Store } from "perdure/internal/store/store";
import { afterEach, describe, expect, test } from "vitest";
import { QUICK, until, type World, world } from "./support.ts";

let here: World;
afterEach(() => here.close());

describe("stop", () => {
  test("finishes turns, gives runs back, and another worker goes on at once", async () => {
    here = world({
      long: [
        ["step", "a"],
        ["sleep", 60_000],
      ],
      quick: [
        ["step", "held"],
        ["step", "b"],
      ],
    });
    here.hold.add("held");
    const engine = here.engine();
    const working = engine.work({ ...QUICK, linger: 60_000, lease: 60_000 });
    await engine.start(engine.fn("long"), [], { id: "long" });
    const quick = await engine.start(engine.fn("quick"), [], { id: "quick" });
    await until(() => here.calls.length === 2);
    await engine.stop();
    await working;
    expect((await here.store.read("long"))!.owner).toBeNull();
    expect((await here.store.read("quick"))!.owner).toBeNull();
    expect((await here.store.read("quick"))!.suspect).toBe(false);
    here.hold.clear();
    const next = here.engine();
    void next.work(QUICK);
    expect(await next.run("quick").result()).toEqual(["did held", "did b"]);
    const keys = here.calls.filter(({ name }) => name === "held");
    expect(keys[1], "the same arguments and key again").toEqual(keys[0]);
    expect(quick.id).toBe("quick");
  });

  test("lets a step settle within the time of grace", async () => {
    here = world({
      quick: [
        ["step", "held"],
        ["step", "b"],
      ],
    });
    here.hold.add("held");
    const engine = here.engine();
    void engine.work({ ...QUICK, grace: 2_000 });
    await engine.start(engine.fn("quick"), [], { id: "quick" });
    await until(() => here.calls.length === 1);
    const stopped = engine.stop();
    setTimeout(() => here.held.get("held")![0]!(), 20);
    await stopped;
    const { position, owner, wakeAt } = (await here.store.read("quick"))!;
    expect([position, owner]).toEqual([2, null]);
    expect(wakeAt).toBeLessThanOrEqual(Date.now());
    expect(here.calls.map(({ name }) => name)).toEqual(["held"]);
  });

  test("by a signal, also before it began", async () => {
    here = world({});
    const engine = here.engine();
    const control = new AbortController();
    const working = engine.work({ ...QUICK, signal: control.signal });
    control.abort();
    await working;
    await engine.work({ ...QUICK, signal: control.signal });
  });

  test.for(["renew", "owned", "claim"])("asks nothing of the store afterwards, when %s is under way", async (slow) => {
    here = world({});
    let answer: (() => void) | undefined;
    let isClosed = false;
    const late: string[] = [];
    const store = new Proxy(here.store, {
      get(target, property) {
        const value: unknown = Reflect.get(target, property);
        if (typeof value !== "function") return value;
        return async (...args: unknown[]) => {
          if (isClosed) late.push(String(property));
          const answered: unknown = await Reflect.apply(value, target, args);
          if (property === slow && answer === undefined) await new Promise<void>((resolve) => (answer = resolve));
          return answered;
        };
      },
    });
    const engine = here.engine({ store });
    const working = engine.work(QUICK).then(() => (isClosed = true));
    await until(() => answer !== undefined);
    setTimeout(() => answer!(), 20);
    await engine.stop();
    await working;
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(late).toEqual([]);
  });

  test("does not wait for ever for a store that is gone", async () => {
    here = world({ a: [["token"]] });
    let out = false;
    const store = new Proxy(here.store, {
      get: (target, name: keyof Store) =>
        typeof target[name] !== "function"
          ? target[name]
          : (...args: never[]) =>
              out ? new Promise(() => {}) : (target[name] as (...args: never[]) => unknown)(...args),
    });
    const engine = here.engine({ store });
    void engine.work({ ...QUICK, linger: 60_000 });
    await engine.start(engine.fn("a"), []);
    await until(() => here.calls.length === 1);
    out = true;
    // The worker is now waiting for an answer that will never come.
    await new Promise((resolve) => setTimeout(resolve, 100));
    await engine.stop();
  });
});

describe("a worker", () => {
  test("that loses its lease lets go of all runs, aborts their steps and goes on under a new id", async () => {
    const signals: AbortSignal[] = [];
    here = world({ one: [["step", "a"]] }, ({ signal }) => {
      signals.push(signal);
      return signals.length === 1 ? new Promise(() => {}) : "again";
    });
    let frozen = false;
    const store: Store = {
      ...here.store,
      renew: (...args) => (frozen ? new Promise(() => {}) : here.store.renew(...args)),
    };
    const engine = here.engine({ store });
    void engine.work(QUICK);
    const run = await engine.start(engine.fn("one"), [], { id: "r" });
    await until(() => signals.length === 1);
    const { owner } = (await here.store.read("r"))!;
    await here.store.retire(owner!);
    expect(await run.result()).toEqual(["again"]);
    expect(signals[0]!.aborted).toBe(true);
    expect(here.events.some(({ type }) => type === "lease-lost")).toBe(true);
    frozen = false;
  });

  test("that takes over a dead one's runs sends what that one left in its outbox, long before its sweep", async () => {
    here = world({ steps: [["step", "a"]], parent: [["child", "steps"]] });
    let dead = false;
    const dying = new Proxy(here.store, {
      get: (target, name: keyof Store) =>
        typeof target[name] !== "function"
          ? target[name]
          : (...args: never[]) => {
              // Between the child's last commit and its message to the parent.
              dead ||= name === "deliver";
              return dead ? new Promise(() => {}) : (target[name] as (...args: never[]) => unknown)(...args);
            },
    });
    const first = here.engine({ store: dying });
    void first.work({ ...QUICK, linger: 60_000 });
    await first.start(first.fn("parent"), [], { id: "parent" });
    await until(() => dead);
    const next = here.engine();
    void next.work({ ...QUICK, sweep: 3_600_000 });
    await until(async () => (await here.store.read("parent"))!.status === "done");
  });

  test("holds no more runs than it may", async () => {
    here = world({ one: [["step", "held"]] });
    here.hold.add("held");
    const engine = here.engine();
    void engine.work({ ...QUICK, concurrency: 3 });
    const runs = await Promise.all([...Array(9).keys()].map((n) => engine.start(engine.fn("one"), [n])));
    await until(() => here.calls.length === 3);
    await new Promise((resolve) => setTimeout(resolve, 60));
    expect(here.calls).toHaveLength(3);
    here.hold.clear();
    for (const resolve of here.held.get("held")!) resolve();
    for (const run of runs) await run.result();
  });

  test("gives back runs that wait, and wakes for their timers and mail", async () => {
    here = world({ one: [["sleep", 60], ["token"], ["sleep", 60]] });
    const engine = here.engine();
    void engine.work({ ...QUICK, poll: 10_000, linger: 0 });
    const run = await engine.start(engine.fn("one"), [], { id: "r" });
    await until(() => here.calls.length === 1);
    await until(async () => (await here.store.read("r"))!.owner === null);
    await engine.resume(here.calls[0]!.args as string, "yes");
    expect(await run.result()).toEqual(["timer", ["yes", "did announce"], "timer"]);
    expect(here.events.filter(({ type }) => type === "released").length).toBeGreaterThanOrEqual(3);
  });
});

describe("a run that was here when a worker died", () => {
  const dead = async (...runs: string[]) => {
    here = world({ asleep: [["sleep", 3_600_000]] });
    const engine = here.engine();
    for (const run of runs) await engine.start(engine.fn("asleep"), [], { id: run });
    const now = Date.now();
    await here.store.renew("dead", now, now + 1);
    const codes = new Set(["asleep@1"]);
    const claims = await here.store.claim({ worker: "dead", limit: 10, suspects: 0, codes, now });
    expect(claims.length).toBe(runs.length);
    return engine;
  };

  // In memory it would be a suspect again when this worker dies too, and suspects are driven one at a time.
  test("leaves as soon as it only waits, however long others stay", async () => {
    const engine = await dead("a", "b", "c");
    void engine.work({ ...QUICK, linger: 600_000, concurrency: 10 });
    await until(async () => {
      const heads = await Promise.all(["a", "b", "c"].map((run) => here.store.read(run)));
      return heads.every((head) => head!.status === "waiting" && head!.owner === null && !head!.suspect);
    });
    await engine.start(engine.fn("asleep"), [], { id: "other" });
    await until(async () => (await here.store.read("other"))!.status === "waiting");
    expect((await here.store.read("other"))!.owner).not.toBeNull();
  });
});

describe("a worker that works until it is idle", () => {
  const idle = { lease: 300, until: "idle", grace: 50 } as const;
  const programs = {
    steps: [
      ["step", "a"],
      ["step", "b"],
    ],
    asleep: [
      ["step", "a"],
      ["sleep", 3_600_000],
      ["step", "b"],
    ],
    parent: [["child", "steps"]],
  } as const;

  test("drives what is due to its end or its wait, and ends", async () => {
    here = world(programs as never);
    const engine = here.engine();
    const done = await engine.start(engine.fn("steps"), []);
    await engine.start(engine.fn("asleep"), [], { id: "asleep" });
    await engine.work(idle);
    expect(await done.result()).toEqual(["did a", "did b"]);
    const { owner, suspect, status } = (await here.store.read("asleep"))!;
    expect([owner, suspect, status]).toEqual([null, false, "waiting"]);
  });

  test("ends at once when nothing is due, and lets others take over at once", async () => {
    here = world(programs as never);
    const engine = here.engine();
    await engine.work(idle);
    const run = await engine.start(engine.fn("steps"), []);
    await here.engine().work(idle);
    expect(await run.result()).toEqual(["did a", "did b"]);
  });

  test("drives children that its runs start", async () => {
    here = world(programs as never);
    const engine = here.engine();
    const run = await engine.start(engine.fn("parent"), []);
    await engine.work(idle);
    expect((await run.status()).status).toBe("done");
  });

  test("sends what a dead worker left in its outbox", async () => {
    here = world(programs as never);
    const { store } = here;
    // Dies between the commit and the message to the child.
    const dying = here.engine({ store: { ...store, ...bound(store), create: () => new Promise(() => {}) } });
    const engine = here.engine();
    await engine.start(engine.fn("parent"), [], { id: "parent" });
    const stop = new AbortController();
    const working = dying.work({ ...idle, signal: stop.signal });
    await until(async () => (await store.pendingOutbox(10)).length > 0);
    stop.abort();
    await working;
    await engine.work(idle);
    expect((await engine.run("parent").status()).status).toBe("done");
  });

  test("waits for a store that fails, until it is told to stop", async () => {
    here = world(programs as never);
    let broken = true;
    const { store } = here;
    const failing: Store = {
      ...store,
      ...bound(store),
      claim: (request) => (broken ? Promise.reject(new Error("away")) : store.claim(request)),
    };
    const client = here.engine();
    const run = await client.start(client.fn("steps"), []);
    const engine = here.engine({ store: failing });
    const working = engine.work({ ...idle, poll: 20 });
    await until(() => here.events.some(({ type }) => type === "store-failed"));
    broken = false;
    await working;
    expect(await run.result()).toEqual(["did a", "did b"]);
    broken = true;
    const signal = AbortSignal.timeout(50);
    await engine.work({ ...idle, poll: 20, signal });
    expect(signal.aborted).toBe(true);
  });
});

const bound = (store: Store): Store =>
  Object.fromEntries(
    Object.entries(store).map(([name, value]) => [name, typeof value === "function" ? value.bind(store) : value]),
  ) as unknown as Store;
