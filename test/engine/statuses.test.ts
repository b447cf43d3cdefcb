import { afterEach, describe, expect, test } from "vitest";
import { QUICK, until, type World, world } from "./support.ts";

let here: World;
afterEach(() => here.close());

describe("a blocked run", () => {
  const programs = {
    refused: [
      ["step", "a"],
      ["refuse", "1"],
      ["step", "b"],
    ],
  } as const;

  test("says why, stays at its last commit, and goes on by retry", async () => {
    here = world(programs);
    const engine = here.engine();
    void engine.work(QUICK);
    const run = await engine.start(engine.fn("refused"), []);
    await expect(run.result()).rejects.toMatchObject({ code: "PD4001", fix: "save something else" });
    const { status, reason } = await run.status();
    expect([status, reason?.code, reason?.details]).toEqual(["blocked", "PD4001", { path: "script" }]);
    expect((await run.stack())[0]!.waitsFor).toBe("statement 1");
    expect(await run.retry()).toBe(true);
    // Its step ran again: the turn that got the result never committed.
    await until(() => here.calls.length === 2);
    expect(here.calls[1]).toEqual(here.calls[0]);
    await until(async () => (await run.status()).status === "blocked");
  });

  test("is tried again by a worker with other code or codecs, once for each", async () => {
    here = world(programs);
    const engine = here.engine();
    void engine.work(QUICK);
    const run = await engine.start(engine.fn("refused"), []);
    await expect(run.result()).rejects.toThrow("PD4001");
    await new Promise((resolve) => setTimeout(resolve, 150));
    expect(here.calls, "not by the same code, however often it sweeps").toHaveLength(1);
    await engine.stop();
    const mended = here.engine({ environment: "2" });
    void mended.work(QUICK);
    await until(async () => (await run.status()).status === "done");
    expect(await run.result()).toEqual(["did a", "did b"]);
  });

  test("is what a run becomes whose turn breaks without a code; others go on", async () => {
    // JSON cannot hold a bigint, so encoding the turn breaks with a plain TypeError.
    here = world({ odd: [["step", "odd"]], fine: [["step", "a"]] }, ({ name }) =>
      name === "odd" ? (1n as never) : "fine",
    );
    const engine = here.engine();
    void engine.work(QUICK);
    const run = await engine.start(engine.fn("odd"), []);
    const others = await Promise.all([1, 2, 3].map((n) => engine.start(engine.fn("fine"), [n])));
    await expect(run.result()).rejects.toThrow(/PD2507.*BigInt/);
    for (const other of others) expect(await other.result()).toEqual(["fine"]);
  });
});

describe("a run whose code is not linked", () => {
  test("is parked, holds nobody up, and goes on where its code is", async () => {
    here = world({ mine: [["step", "a"]], theirs: [["step", "b"]] });
    const here1 = here.engine({ linked: ["mine"] });
    const there = here.engine();
    const foreign = await Promise.all(
      [...Array(20).keys()].map((n) => there.start(there.fn("theirs"), [], { id: `a${n}` })),
    );
    void here1.work({ ...QUICK, concurrency: 2 });
    const own = await here1.start(here1.fn("mine"), [], { id: "z" });
    expect(await own.result()).toEqual(["did a"]);
    const { status, reason } = await here1.run("a0").status();
    expect(status).toBe("running");
    expect(reason).toMatchObject({ code: "PD2514", fix: expect.stringContaining("import theirs") });
    expect((await there.run("a0").status()).reason).toBe(null);
    expect((await here1.list()).filter(({ reason }) => reason?.code === "PD2514")).toHaveLength(20);
    void there.work(QUICK);
    for (const run of foreign) expect(await run.result()).toEqual(["did b"]);
  });

  test("is as the store has it while others have it or it sleeps: one without any code sees how others see it", async () => {
    here = world({ held: [["step", "held"]], asleep: [["sleep", 3_600_000]] });
    here.hold.add("held");
    const there = here.engine();
    void there.work(QUICK);
    for (const name of ["held", "asleep"]) await there.start(there.fn(name), [], { id: name });
    const operator = here.engine({ linked: [] });
    const seen = async () => (await operator.list()).map(({ id, status, reason }) => [id, status, reason]);
    const wanted = [
      ["asleep", "waiting", null],
      ["held", "waiting", null],
    ];
    await until(async () => here.calls.length === 1 && (await operator.run("asleep").status()).wakeAt !== null);
    expect(await seen()).toEqual(wanted);
    expect(await operator.run("held").status()).toMatchObject({ status: "waiting", reason: null });
  });

  test("is told of by a worker once it has been due for five seconds: perhaps an import is missing", async () => {
    here = world({ mine: [["step", "a"]], theirs: [["step", "b"]], asleep: [["sleep", 3_600_000]] });
    const start = here.engine();
    await start.start(start.fn("theirs"), [], { id: "a" });
    await start.start(start.fn("theirs"), [], { id: "b" });
    let later = 0;
    const worker = here.engine({ linked: ["mine"], host: { now: () => Date.now() + later } });
    const told = () => here.events.filter(({ type }) => type === "parked");
    void worker.work(QUICK);
    await new Promise((resolve) => setTimeout(resolve, 150));
    expect(told(), "its own workers may be about to take it").toEqual([]);
    later = 5_000;
    await until(() => told().length > 0);
    expect(told()[0]).toMatchObject({
      error: { code: "PD2514", details: { code: "theirs", how: "which no module of this process has" } },
    });
  });

  test("is told of only if nobody had it between two looks, when it is not known how long it has been due", async () => {
    here = world({ mine: [["step", "a"]], theirs: [["token"]] as never });
    const there = here.engine();
    await there.start(there.fn("theirs"), [], { id: "a" });
    await here.store.renew("w", Date.now(), Date.now() + 600_000);
    const take = async () => {
      const codes = new Set((await here.store.read("a"))!.codes);
      await here.store.claim({ worker: "w", limit: 1, suspects: 0, codes, now: Date.now() + 60_000 });
    };
    const giveBack = () => here.store.retire("w");
    await take();
    let later = 0;
    const worker = here.engine({ linked: ["mine"], host: { now: () => Date.now() + later } });
    const told = () => here.events.filter(({ type }) => type === "parked");
    void worker.work(QUICK);
    await giveBack();
    expect((await here.store.read("a"))!.wakeAt, "due at once: since when is not said").toBe(0);
    await new Promise((resolve) => setTimeout(resolve, 150));
    expect(told()).toEqual([]);
    later = 6_000;
    await until(() => told().length > 0);
  });

  test("is asked after by name where its module is linked, and has other functions", async () => {
    here = world({
      "src/flow.ts#flow": [["step", "a"]],
      "src/flow.ts#flow2": [["step", "b"]],
      "src/other.ts#flow": [],
    });
    const before = here.engine();
    await before.start(before.fn("src/flow.ts#flow"), [], { id: "a" });
    const reasonIn = async (...linked: string[]) => (await here.engine({ linked }).run("a").status()).reason;
    expect(await reasonIn("src/flow.ts#flow2")).toMatchObject({
      message: expect.stringContaining(
        "stands in src/flow.ts#flow, which its file does not have in this process: was it renamed",
      ),
      fix: expect.stringMatching(/^keep it there, under that name .*terminate\(\)/),
    });
    expect(await reasonIn("src/other.ts#flow")).toMatchObject({ fix: "import src/flow.ts in the program of a worker" });
    expect(await reasonIn("src/flow.ts#flow")).toBeNull();
  });

  test("is told of, although nobody asks, where its code is linked in another version", async () => {
    here = world({ mine: [["step", "a"]], theirs: [["step", "b"]], edited: [["step", "c"]] });
    const before = here.engine();
    for (const name of ["theirs", "edited", "edited"]) await before.start(before.fn(name), []);
    const after = here.engine({ linked: ["mine"], edited: ["edited"] });
    void after.work(QUICK);
    const parked = () => here.events.flatMap((event) => (event.type === "parked" ? [event.error] : []));
    await until(() => parked().length > 0);
    expect(parked()[0]).toMatchObject({ code: "PD2514", details: { code: "edited" } });
    await until(() => parked().length > 2);
    expect(new Set(parked().map(({ message }) => message)).size, "one of each set of codes").toBe(1);
    const other = here.engine({ linked: ["mine"] });
    const told = here.events.length;
    await after.stop();
    void other.work({ ...QUICK, until: "idle" });
    await (await other.start(other.fn("mine"), [])).result();
    expect(
      here.events.slice(told).filter(({ type }) => type === "parked"),
      "others' code is no news",
    ).toEqual([]);
  });
});

test("a finishing run's result is known, and stands", async () => {
  here = world({ race: [["race", 5]] });
  here.hold.add("announce");
  const engine = here.engine();
  void engine.work(QUICK);
  const run = await engine.start(engine.fn("race"), []);
  expect(await run.result()).toEqual(["timer"]);
  expect((await run.status()).status).toBe("finishing");
  expect(await run.cancel()).toBe("already-settled");
  for (const resolve of here.held.get("announce") ?? []) resolve();
  await until(async () => (await run.status()).status !== "finishing");
  expect(await run.result()).toEqual(["timer"]);
});

test("who waits for a run that no worker takes is told so after five seconds, once", async () => {
  here = world({ mine: [["step", "a"]] });
  let later = 0;
  const engine = here.engine({ host: { now: () => Date.now() + later } });
  const run = await engine.start(engine.fn("mine"), [], { id: "a" });
  const result = run.result();
  const told = () => here.events.filter(({ type }) => type === "unclaimed");
  await new Promise((resolve) => setTimeout(resolve, 100));
  expect(told()).toEqual([]);
  later = 5_000;
  await until(() => told().length > 0);
  await new Promise((resolve) => setTimeout(resolve, 1_100));
  expect(told()).toMatchObject([{ run: "a", function: "mine", error: { code: "PD2518" } }]);
  void engine.work(QUICK);
  expect(await result).toEqual(["did a"]);
});

test("it is not told where a worker of the same engine is busy with others", async () => {
  here = world({ mine: [["step", "a"]], long: [["step", "long"]] });
  here.hold.add("long");
  let later = 0;
  const engine = here.engine({ host: { now: () => Date.now() + later } });
  void engine.work({ ...QUICK, lease: 60_000, concurrency: 1 });
  await engine.start(engine.fn("long"), [], { id: "a" });
  await until(() => here.held.has("long"));
  const result = (await engine.start(engine.fn("mine"), [], { id: "b" })).result();
  later = 6_000;
  await new Promise((resolve) => setTimeout(resolve, 1_500));
  expect(here.events.filter(({ type }) => type === "unclaimed")).toEqual([]);
  for (const resolve of here.held.get("long") ?? []) resolve();
  expect(await result).toEqual(["did a"]);
});
