/** What events do to a run: tokens, timers, children, cancel; and how runs end: stuck, failed, cancelled, finishing. */
import type { Frame, Transfer } from "perdure/abi";
import * as $ from "perdure/emitted";
import { CancelledError } from "perdure/internal/machine/operations/cancelled";
import { sleep } from "perdure/internal/machine/operations/sleep";
import { start } from "perdure/internal/machine/operations/start";
import { token } from "perdure/internal/machine/operations/token";
import { setTimeout as durableTimeout } from "perdure/internal/machine/platform/timers";
import { decodeOutcome, encodeValue } from "perdure/internal/machine/values";
import { Vat } from "perdure/internal/machine/vat";
import { machineVats } from "perdure/internal/machine/vats";
import { describe, expect, it } from "vitest";
import { makeHost, makeVat } from "./host.ts";

const names = Array.from({ length: 40 }, (_, i) => `main${i}`);
const $m = $.module("test/events.ts", {
  abi: 1,
  file: "test/events.ts",
  fingerprints: Object.fromEntries([...names, "note", "fail", "read"].map((code) => [code, `f-${code}`])),
  sites: [],
});

const vats = machineVats({ provided: {} });
const notes: string[] = [];
$m.refs({ notes: () => notes });
const note = $m.code("note", { name: "note", at: [1, 1] }, (text: string) => () => {
  notes.push(text);
});
const fail = $m.code("fail", { name: "fail", at: [2, 1] }, (text: string) => () => {
  throw new Error(text);
});

const read = $m.code("read", { name: "read", at: [3, 1] }, (n$: any) => () => n$.v);

let count = 0;
type Block = (f: any, sent: any) => unknown;

/** Waits for what each block gives; `end` runs however that ends, and what it gives is waited for. */
function program(body: Block[], end: Block = () => {}, slots: string[] = []) {
  const path = `main${count++}`;
  const waits = body.map((_, i) => `w${i}`);
  const machine = $m.machine(
    path,
    {
      name: path,
      at: [10, 1],
      live: Object.fromEntries([...waits.map((w) => [w, slots] as const), ["ended", ["finally1", ...slots]]]),
      points: Object.fromEntries([
        ...waits.map((w, i) => [w, [11 + i, 3] as const] as const),
        ["ended", [40, 3] as const],
      ]),
      handlers: Object.fromEntries([...waits.map((w) => [w, "finally1$throw"] as const), [0, "finally1$throw"]]),
    },
    (f: Frame, sent: unknown): Transfer => {
      if (f.pc === "finally1$throw") {
        f.finally1 = { type: "throw", value: sent };
        return $.jump(f, "finally1");
      }
      if (f.pc === "finally1") return $.await(f, "ended", end(f, sent));
      if (f.pc === "ended") return $.endFinally(f, "finally1");
      const i = f.pc === 0 ? 0 : Number(String(f.pc).slice(1)) + 1;
      if (i === body.length) return $.leave(f, { type: "return", value: sent, to: ["finally1"] });
      return $.await(f, `w${i}`, body[i]!(f, sent));
    },
  );
  return $m.define({ [path]: () => machine.enter({}) }[path]!, path);
}

const turn = (vat: Vat): Vat => {
  vat.turn();
  return vat.roundTrip();
};
const outcome = (vat: Vat) => decodeOutcome(vat.outcome()!);
const only = (vat: Vat) => [...vat.operations.values()];

describe("tokens", () => {
  it("are resolved by their secret alone, with the run's own copy, once", () => {
    const vat = makeVat(program([() => $m.call(0, token, [])]));
    let at = turn(vat);
    const [operation] = only(at);
    if (operation?.type !== "token") throw new Error("no token");
    at.deliver({ type: "token", operation: 1, secret: "00", value: 1 });
    at = turn(at);
    expect(at.status()).toBe("waiting");
    const value = { then: "data", list: [1] };
    at.deliver({ type: "token", operation: 1, secret: operation.secret, value });
    at.deliver({ type: "token", operation: 1, secret: operation.secret, value: "second" });
    value.list.push(2);
    at = turn(at);
    expect(outcome(at)).toEqual({ status: "fulfilled", value: { then: "data", list: [1, 2] } });
    expect(at.status()).toBe("done");
  });
});

describe("unhandled rejections", () => {
  it("fail the run, with the line", () => {
    const vat = turn(makeVat(program([() => void $.Promise.reject(new Error("lost")), () => $m.call(0, token, [])])));
    expect(vat.status()).toBe("failed");
    expect(vat.operations.size).toBe(0);
    expect(String((outcome(vat) as { reason: unknown }).reason)).toMatch(/PD2104.*test\/events\.ts:10:1.*Error: lost/s);
  });
  it("are judged when no job is left", () => {
    const vat = turn(
      makeVat(
        program([
          (f) => void (f.p = $.Promise.reject(new Error("late"))),
          (f) => void f.p.catch(note("caught")),
        ], () => {}, ["p"]),
      ),
    );
    expect(vat.status()).toBe("done");
  });
  it("are only told once the result is fixed", () => {
    const vat = makeVat(
      program([() => void ($m.call(0, sleep, [5]) as Promise<unknown>).then(fail("too late")) as never]),
    );
    let at = turn(vat);
    expect(at.status()).toBe("finishing");
    at.deliver({ type: "timer", operation: 1 });
    at = turn(at);
    expect(at.status()).toBe("done");
    expect(at.remarks).toEqual(["Error: too late"]);
    expect(outcome(at)).toEqual({ status: "fulfilled", value: undefined });
  });
  it("a callback that throws fails the run as an uncaught exception would", () => {
    const vat = makeVat(program([() => void durableTimeout(fail("thrown") as never, 5), () => $m.call(0, token, [])]));
    const at = turn(vat);
    at.deliver({ type: "timer", operation: 1 });
    expect(turn(at).status()).toBe("failed");
  });
});

describe("a stuck run", () => {
  it("says which line waits, also after a load, through frames, combinators and derived promises", () => {
    const inner = program([() => new $.Promise(() => {})]);
    const outer = program([() => $.Promise.all([$.Promise.race([inner()]).then(note("never"))])]);
    const vat = turn(makeVat(outer));
    expect(vat.status()).toBe("stuck");
    expect(vat.stuck()!.message).toMatch(/PD2105.*test\/events\.ts:11:3/s);
    expect(vat.stack().map((entry) => entry.function)).toEqual([inner.name, outer.name]);
    expect(vat.stack()[0]!.waitsFor).toBe("a promise that nothing can settle");
  });
  it("can be cancelled: its finally blocks run, once", () => {
    notes.length = 0;
    const inner = program([() => new $.Promise(() => {})], () => void notes.push("inner"));
    const outer = program([() => inner()], () => $m.call(0, sleep, [1]));
    let at = turn(makeVat(outer));
    at.deliver({ type: "cancel", reason: "why" });
    at = turn(at);
    expect(notes).toEqual(["inner"]);
    expect(at.status()).toBe("waiting");
    at.deliver({ type: "cancel", reason: "again" });
    at = turn(at);
    expect(at.status()).toBe("waiting");
    at.deliver({ type: "timer", operation: 1 });
    at = turn(at);
    expect(at.status()).toBe("cancelled");
    const { reason } = outcome(at) as { reason: Error };
    expect(reason).toBeInstanceOf(CancelledError);
    expect(reason.message).toBe("The run was cancelled: why");
  });
});

describe("cancel", () => {
  it("rejects what the leaves wait for: the child's finally ends before the parent's", () => {
    notes.length = 0;
    const inner = program([() => $m.call(0, token, [])], () =>
      ($m.call(0, sleep, [1]) as Promise<unknown>).then(note("inner ended")),
    );
    const outer = program([() => inner()], () => void notes.push("outer"));
    let at = turn(makeVat(outer));
    at.deliver({ type: "cancel", reason: null });
    at = turn(at);
    expect(only(at).map(({ type }) => type)).toEqual(["timer"]);
    expect(notes).toEqual([]);
    at.deliver({ type: "timer", operation: 2 });
    at = turn(at);
    expect(notes).toEqual(["inner ended", "outer"]);
    expect(at.status()).toBe("cancelled");
  });
  it("is an ordinary error to those who catch it, and does not change a fixed result", () => {
    const caught = program([() => ($m.call(0, token, []) as Promise<unknown>).catch(note("caught"))]);
    let at = turn(makeVat(caught));
    at.deliver({ type: "cancel", reason: null });
    at = turn(at);
    expect(outcome(at)).toEqual({ status: "fulfilled", value: undefined });
    at.deliver({ type: "cancel", reason: null });
    expect(turn(at).status()).toBe("done");
  });
});

describe("child runs", () => {
  const child = program([() => $m.call(0, sleep, [5]), () => ({ from: "child" })]);
  const parent = program([() => $m.call(0, start, [child, []])]);

  it("are made from the parent's operation, and tell it their outcome", () => {
    const host = makeHost();
    let at = turn(makeVat(parent, [], host));
    const [operation] = only(at);
    if (operation?.type !== "child") throw new Error("no child");
    let made = turn(Vat.createChild(host, operation));
    made.deliver({ type: "timer", operation: 1 });
    made = turn(made);
    at.deliver({ type: "child", operation: 1, outcome: made.outcome()! });
    at = turn(at);
    expect(outcome(at)).toEqual({ status: "fulfilled", value: { from: "child" } });
  });
  it("end before a cancelled parent", () => {
    let at = turn(makeVat(parent));
    at.deliver({ type: "cancel", reason: "stop" });
    at = turn(at);
    expect(only(at)[0]).toMatchObject({ type: "child", cancelling: { reason: "stop" } });
    at.deliver({
      type: "child",
      operation: 1,
      outcome: { ...vats.failure(new CancelledError("stop")), status: "cancelled" },
    });
    at = turn(at);
    expect(at.status()).toBe("cancelled");
  });
});

describe("a cancel that a child no longer hears", () => {
  const child = program([() => "done"]);
  const parent = program([() => $m.call(0, start, [child, []]), () => "went on"]);
  const cancelled = (event: (number: number) => Parameters<Vat["deliver"]>[0]) => {
    let at = turn(makeVat(parent));
    at.deliver({ type: "cancel", reason: "stop" });
    at = turn(at);
    at.deliver(event(1));
    return turn(at);
  };
  const fulfilled = { status: "fulfilled", text: encodeValue("done") } as const;

  it("holds for the parent, whose loop of children would never hear of it otherwise", () => {
    const at = cancelled((operation) => ({ type: "child", operation, outcome: fulfilled }));
    expect(at.status()).toBe("cancelled");
    expect(outcome(at)).toMatchObject({ reason: { name: "CancelledError", message: expect.stringContaining("stop") } });
  });
  it("tells the parent of the child's own failure", () => {
    const failure = vats.failure(new Error("the child's finally"));
    const at = cancelled((operation) => ({ type: "child", operation, outcome: failure }));
    expect(outcome(at)).toMatchObject({ status: "rejected", reason: { message: "the child's finally" } });
  });
});

describe("what is not in the contract", () => {
  it("module-level state that mixes the variables of two runs", () => {
    let kept: unknown;
    const first = makeVat(
      program([(f) => void (f.get = kept = read($.cell(1))), () => $m.call(0, token, [])], () => {}, ["get"]),
    );
    first.turn();
    first.save("delta");
    const second = makeVat(program([(f) => void (f.get = kept), () => $m.call(0, token, [])], () => {}, ["get"]));
    second.turn();
    expect(() => second.save("delta")).toThrow(/PD4001.*variable of another run/);
    expect(() => first.save("delta")).not.toThrow();
  });
  it("a run that has not begun, or holds a function of a module, needs some version of it", () => {
    const host = makeHost();
    const fn: () => unknown = program([(f) => void (f.get = fn), () => $m.call(0, token, [])], () => {}, ["get"]);
    const vat = makeVat(fn, [], host);
    const digest = `test/events.ts#${fn.name}@*`;
    expect(vat.save("base").codes).toEqual([digest]);
    expect(vats.linked().has(digest)).toBe(true);
    vat.turn();
    expect(vat.save("delta").codes).toContain(digest);
  });
  it("a function that is no durable function of a module cannot be started", () => {
    expect(() => makeVat(() => 1)).toThrow(/PD2004/);
    expect(() => makeVat(note("x"))).toThrow(/PD2004/);
    expect(vats.codeOf(note("x"))).toBe(undefined);
  });
  it("segments that name unknown code, or are cut or mixed, are refused with a code", () => {
    const host = makeHost();
    const vat = makeVat(program([() => $m.call(0, token, [])]), [], host);
    vat.turn();
    const { text } = vat.save("base");
    const load = (broken: string) => () =>
      Vat.load(host, { run: vat.run, incarnation: vat.incarnation, segments: [{ text: broken }] });
    expect(load(text)).not.toThrow();
    expect(load(text.slice(0, -9))).toThrow(/PD4010/);
    expect(load(text.replace("main", "niam"))).toThrow(/PD4010/);
    expect(() => Vat.load(host, { run: "other", incarnation: "other", segments: [{ text }] })).toThrow(/PD4010/);
  });
});
