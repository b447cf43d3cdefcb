import { storeError } from "perdure/internal/store/messages";
import type { Commit, Store, StoreFailure } from "perdure/internal/store/store";
import { afterEach, describe, expect, test } from "vitest";
import { QUICK, until, type World, world } from "./support.ts";

let here: World;
afterEach(() => here.close());

const failed = (outcome: StoreFailure["outcome"]): StoreFailure =>
  Object.assign(new Error("cut off"), { outcome }) as StoreFailure;

describe("a commit", () => {
  test("takes all events that have settled: a thousand parallel steps make few", async () => {
    here = world({ wide: [["all", ...Array(1_000).fill("s")]] as never });
    const engine = here.engine();
    void engine.work(QUICK);
    const run = await engine.start(engine.fn("wide"), []);
    expect(((await run.result()) as unknown[][])[0]).toHaveLength(1_000);
    expect(here.events.filter(({ type }) => type === "committed").length).toBeLessThan(12);
    expect(here.calls).toHaveLength(1_000);
  });

  test("is grouped with those of other runs", async () => {
    here = world({
      one: [
        ["step", "a"],
        ["step", "b"],
      ],
    });
    const sizes: number[] = [];
    const store: Store = {
      ...here.store,
      commit: (group) => {
        sizes.push(group.length);
        return here.store.commit(group);
      },
    };
    const engine = here.engine({ store });
    const runs = await Promise.all([...Array(100).keys()].map((n) => engine.start(engine.fn("one"), [n])));
    void engine.work(QUICK);
    for (const run of runs) await run.result();
    expect(Math.max(...sizes)).toBeGreaterThanOrEqual(50);
    expect(sizes.length).toBeLessThan(60);
  });

  test("under way does not keep other runs from their turns, which leave together when it is answered", async () => {
    here = world({ slow: [["step", "s"]], quick: [["step", "q"]] });
    let later = 0;
    let release!: () => void;
    const released = new Promise<void>((resolve) => {
      release = resolve;
    });
    const groups: Commit[][] = [];
    const store: Store = {
      ...here.store,
      commit: async (group) => {
        groups.push([...group]);
        if (groups.length === 1) await released;
        return here.store.commit(group);
      },
    };
    const loaded: string[] = [];
    const failpoint = (name: string, run: string | null) => {
      if (name === "after-load") loaded.push(String(run));
    };
    const engine = here.engine({ store, host: { failpoint, now: () => Date.now() + later } });
    const slow = await engine.start(engine.fn("slow"), [], { id: "slow" });
    void engine.work({ ...QUICK, lease: 3_600_000 });
    await until(() => groups.length === 1);
    const quick = await Promise.all([1, 2, 3].map((n) => engine.start(engine.fn("quick"), [n], { id: `quick-${n}` })));
    await until(() => loaded.length === 4);
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(groups).toHaveLength(1);
    expect(here.calls).toEqual([]);
    later = 600_000;
    release();
    await Promise.all([slow, ...quick].map((run) => run.result()));
    const ahead = groups[1]!.slice(0, 3);
    expect(ahead.map(({ lease }) => lease.run)).toEqual(["quick-1", "quick-2", "quick-3"]);
    expect(ahead.every(({ now }) => now < Date.now() + later / 2)).toBe(true);
  });

  test.each([
    "unknown",
    "refused",
  ] as const)("whose answer is a failure (%s) is repeated with the same bytes and id", async (outcome) => {
    here = world({ one: [["step", "a"]] });
    const tried: Commit[][] = [];
    const store: Store = {
      ...here.store,
      commit: async (group) => {
        tried.push([...group]);
        const answer = outcome === "unknown" ? await here.store.commit(group) : null;
        if (tried.length <= 3) throw failed(outcome);
        return answer ?? here.store.commit(group);
      },
    };
    const engine = here.engine({ store });
    void engine.work(QUICK);
    const run = await engine.start(engine.fn("one"), []);
    expect(await run.result()).toEqual(["did a"]);
    expect(tried.slice(1, 4)).toEqual([tried[0], tried[0], tried[0]]);
    expect(here.calls).toHaveLength(1);
  });

  test("that the store can never take blocks its run, and no other of its group", async () => {
    here = world({ poison: [["step", "a"]], fine: [["step", "b"]] });
    const store: Store = {
      ...here.store,
      commit: async (group) => {
        if (group.some(({ lease, segment }) => lease.run === "poison" && segment !== null)) {
          throw storeError("PD3001", "refused", { argument: "segment", method: "commit", why: "it is too large" });
        }
        return here.store.commit(group);
      },
    };
    const engine = here.engine({ store });
    const poison = await engine.start(engine.fn("poison"), [], { id: "poison" });
    const others = await Promise.all([...Array(20).keys()].map((n) => engine.start(engine.fn("fine"), [n])));
    void engine.work(QUICK);
    for (const run of others) expect(await run.result()).toEqual(["did b"]);
    await expect(poison.result()).rejects.toThrow("it is too large");
    expect((await poison.status()).status).toBe("blocked");
  });

  test("that is fenced off drops the run, and nothing is issued", async () => {
    here = world({
      one: [
        ["step", "a"],
        ["step", "b"],
      ],
    });
    here.hold.add("a");
    const engine = here.engine();
    void engine.work({ ...QUICK, lease: 60_000 });
    const run = await engine.start(engine.fn("one"), [], { id: "r" });
    await until(() => here.held.has("a"));
    // Another worker takes the run over, as after a long pause: this one is retired behind its back.
    const { owner } = (await here.store.read("r"))!;
    await here.store.retire(owner!);
    await here.store.renew("other", Date.now(), Date.now() + 60_000);
    await here.store.claim({ worker: "other", limit: 1, suspects: 1, codes: new Set(["one@1"]), now: Date.now() });
    for (const resolve of here.held.get("a")!) resolve();
    await until(() => here.events.some((event) => event.type === "lost" && event.why === "fenced"));
    expect(here.calls.map(({ name }) => name)).toEqual(["a"]);
    expect((await run.status()).status).toBe("waiting");
  });
});

test("long runs are compacted, and load the same", async () => {
  here = world({ long: [...Array(30).fill(["step", "s"]), ["sleep", 40], ["step", "end"]] as never });
  const engine = here.engine();
  void engine.work({ ...QUICK, compactDeltas: 4 });
  const run = await engine.start(engine.fn("long"), [], { id: "r" });
  await until(() => here.events.filter(({ type }) => type === "compacted").length >= 3);
  expect(await run.result()).toHaveLength(32);
});
