import { formatTokenId, parseTokenId } from "perdure/internal/machine/token-id";
import type { Commit, Store, StoreFailure } from "perdure/internal/store/store";
import { afterEach, describe, expect, test } from "vitest";
import { QUICK, until, type World, world } from "./support.ts";

let here: World;
afterEach(() => here.close());

const programs = { approval: [["token"], ["step", "after"]] } as const;

async function waiting() {
  here = world(programs);
  const engine = here.engine();
  void engine.work(QUICK);
  const run = await engine.start(engine.fn("approval"), [], { id: "a/b.c ü" });
  await until(() => here.calls.length > 0);
  return { engine, run, token: here.calls[0]!.args as string };
}

test("a token's id is read back as it was written", () => {
  const id = { run: "a/b.c ü?%", incarnation: "0".repeat(32), operation: 17, secret: "f".repeat(32) };
  expect(parseTokenId(formatTokenId(id))).toEqual(id);
  expect(encodeURIComponent(formatTokenId(id))).toBe(formatTokenId(id).replaceAll("%", "%25"));
  here = world({});
});

describe("resume", () => {
  test("settles the token with a copy of the value", async () => {
    const { engine, run, token } = await waiting();
    expect(await engine.resume(token, { ok: true, list: [1, null, "x"] })).toBe("accepted");
    expect(await run.result()).toEqual([[{ ok: true, list: [1, null, "x"] }, "did announce"], "did after"]);
  });

  test("lets the first caller win, whatever the second sends", async () => {
    const { engine, run, token } = await waiting();
    expect(await engine.resume(token, 1)).toBe("accepted");
    expect(await engine.resume(token, 1)).toBe("already-resumed");
    expect(await engine.resume(token, 2)).toBe("already-resumed");
    expect(((await run.result()) as unknown[])[0]).toEqual([1, "did announce"]);
    expect(await engine.resume(token, 3), "after the token was used").toBe("already-resumed");
  });

  test("of a run that is forgotten says gone", async () => {
    const { engine, run, token } = await waiting();
    await engine.resume(token, 1);
    await run.result();
    await until(async () => (await run.status()).status === "done");
    await here.store.sweep(Date.now() + 1, 10);
    expect(await engine.resume(token, 2)).toBe("gone");
    expect(await engine.resume(token.replace("a%2F", "b%2F"), 2)).toBe("gone");
  });

  test("with other bits does not settle the token", async () => {
    const { engine, run, token } = await waiting();
    const forged = formatTokenId({ ...parseTokenId(token)!, secret: "0".repeat(32) });
    await engine.resume(forged, "forged");
    await until(async () => (await here.store.read(run.id))!.consumed === 1);
    expect((await run.status()).status).toBe("waiting");
    expect(await engine.resume(token, "right")).toBe("accepted");
    expect(((await run.result()) as unknown[])[0]).toEqual(["right", "did announce"]);
  });

  test.each([["", "x".repeat(99), "a.b.c.d", "run.00.1.00", 7, null]].flat())("refuses %j as an id", async (id) => {
    here = world(programs);
    await expect(here.engine().resume(id as string, 1)).rejects.toThrow("PD2506");
  });

  test.each([
    [Number.NaN, "value is NaN"],
    [() => 1, "value is a function"],
    [{ a: [1, undefined] }, "value.a[1] is undefined"],
    [{ a: new Date(0) }, "value.a is an instance of Date"],
    [1n, "value is a bigint"],
    [new Map(), "an instance of Map"],
    [Object.assign(Object.create(null), { [Symbol("s")]: 1 }), "symbols"],
    [cyclic(), "cycle"],
    // biome-ignore lint/suspicious/noSparseArray: the hole is the point
    [[1, , 2], "value[1] is undefined"],
  ])("refuses %p, which is not plain JSON", async (value, text) => {
    here = world(programs);
    const token = formatTokenId({ run: "r", incarnation: "0".repeat(32), operation: 1, secret: "0".repeat(32) });
    await expect(here.engine().resume(token, value)).rejects.toThrow(/PD2505/);
    await expect(here.engine().resume(token, value)).rejects.toThrow(text);
  });

  test("keeps an own __proto__ as data", async () => {
    const { engine, run, token } = await waiting();
    await engine.resume(token, JSON.parse('{"__proto__":{"admin":true}}'));
    const [[value]] = (await run.result()) as [[object]];
    expect(Object.getPrototypeOf(value)).toBe(Object.prototype);
    expect(Object.keys(value)).toEqual(["__proto__"]);
  });

  test("works before the turn that made the token has committed", async () => {
    here = world(programs);
    let token = "";
    let go = () => {};
    const held = new Promise<void>((resolve) => {
      go = resolve;
    });
    const store: Store = {
      ...here.store,
      commit: async (group: readonly Commit[]) => {
        const state = JSON.parse(group[0]!.segment?.text ?? "{}") as {
          operations?: Record<string, { type: string; secret: string; number: number }>;
        };
        const made = Object.values(state.operations ?? {}).find(({ type }) => type === "token");
        if (made !== undefined && token === "") {
          const { run, incarnation } = group[0]!.lease;
          token = formatTokenId({ run, incarnation, operation: made.number, secret: made.secret });
          await held;
        }
        return here.store.commit(group);
      },
    };
    const engine = here.engine({ store });
    void engine.work(QUICK);
    const run = await engine.start(engine.fn("approval"), []);
    await until(() => token !== "");
    expect(await engine.resume(token, "early")).toBe("accepted");
    go();
    expect(((await run.result()) as unknown[])[0]).toEqual(["early", "did announce"]);
  });

  test("recognizes its own attempt when the store's answer was lost", async () => {
    const { token } = await waiting();
    let lost = 2;
    const store: Store = {
      ...here.store,
      deliver: async (...args: Parameters<Store["deliver"]>) => {
        const answer = await here.store.deliver(...args);
        if (lost-- > 0) throw Object.assign(new Error("cut off"), { outcome: "unknown" }) as StoreFailure;
        return answer;
      },
    };
    expect(await here.engine({ store }).resume(token, 5)).toBe("accepted");
    expect(await here.engine({ store }).resume(token, 5)).toBe("already-resumed");
  });
});

function cyclic(): unknown {
  const self: { me?: unknown } = {};
  self.me = self;
  return self;
}
