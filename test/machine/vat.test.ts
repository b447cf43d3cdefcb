/** Runs of hand-written machines: natively, as machines outside a run, in a run, and saved, dropped and decoded at every turn and at every job. */
import * as $ from "perdure/emitted";
import { sleep } from "perdure/internal/machine/operations/sleep";
import { token } from "perdure/internal/machine/operations/token";
import type { Outcome } from "perdure/internal/machine/values";
import { decodeOutcome } from "perdure/internal/machine/values";
import { Vat } from "perdure/internal/machine/vat";
import { describe, expect, it } from "vitest";
import { drive, makeHost, makeVat, type Saving } from "./host.ts";

const codes = [
  ..."settle settle/add fetchAll tick pair pair/left pair/right raced stuck rejecting wallet Wallet Wallet.spend loops makeCounter makeCounter/count counter late boom".split(
    " ",
  ),
  ..."catcher nested nested/Box nested/Box.get native cancelled outer inner parked finisher deadCells deadCells/read proto proto/Point".split(
    " ",
  ),
];
const $m = $.module("test/vat.ts", {
  abi: 1,
  file: "test/vat.ts",
  fingerprints: Object.fromEntries(codes.map((code) => [code, `f-${code}`])),
  sites: [
    [7, 41, "charge(orderId, item)"],
    [10, 11, "release(orderId)"],
    [20, 3, "sleep(…)"],
    [21, 3, "token()"],
  ],
});

const calls: string[] = [];
async function charge(orderId: string, item: number) {
  calls.push(`charge ${orderId} ${item}`);
  if (item === 13) throw new RangeError("unlucky");
  return item * 10;
}
async function release(orderId: string) {
  calls.push(`release ${orderId}`);
}
$m.refs({ charge: () => charge, release: () => release, calls: () => calls });

const settleAdd = $m.code("settle/add", { name: "add", at: [6, 15] }, (total$: any) => (n: number) => {
  total$.v += n;
});
const settle$ = $m.machine(
  "settle",
  {
    name: "settle",
    at: [4, 8],
    live: { charge: ["orderId", "total$", "add", "of1"], release: ["finally1"] },
    points: { charge: [7, 35], release: [10, 5] },
    handlers: {
      1: "finally1$throw",
      2: "finally1$throw",
      3: "of1$throw",
      charge: "of1$throw",
      of1$throw: "finally1$throw",
      4: "finally1$throw",
    },
    names: { total$: "total" },
  },
  (f, sent) => {
    switch (f.pc) {
      case 0:
        f.total$ = $.cell(0);
        f.add = settleAdd(f.total$);
        return $.jump(f, 1);
      case 1:
        f.of1 = $.iterate(f.items);
        return $.jump(f, 2);
      case 2:
        if (!$.next(f.of1 as never)) return $.jump(f, 4);
        return $.jump(f, 3);
      case 3:
        f.item = (f.of1 as any).value;
        return $.await(f, "charge", $m.call(0, charge, [f.orderId, f.item]));
      case "charge":
        (f.add as any)(sent);
        return $.jump(f, 2);
      case 4:
        return $.leave(f, { type: "return", value: (f.total$ as any).v, to: ["finally1"] });
      case "of1$throw":
        $.closeQuietly(f.of1 as never);
        throw sent;
      case "finally1$throw":
        f.finally1 = { type: "throw", value: sent };
        return $.jump(f, "finally1");
      case "finally1":
        return $.await(f, "release", $m.call(1, release, [f.orderId]));
      case "release":
        return $.endFinally(f, "finally1");
      default:
        throw new Error(`no block ${String(f.pc)}`);
    }
  },
);
const settle = $m.define(function settle(orderId: string, items: number[]) {
  return settle$.enter({ orderId, items });
}, "settle");

const outcomeOf = (vat: Vat): Outcome => decodeOutcome(vat.outcome()!);

const savings: readonly Saving[] = ["never", "turns", "jobs"];

async function everyWay(fn: (...args: any[]) => unknown, args: readonly unknown[], expected: unknown) {
  const settled = (p: unknown) =>
    Promise.resolve(p).then(
      (value) => ({ status: "fulfilled", value }),
      (reason) => ({ status: "rejected", reason }),
    );
  const outside: any = await settled(fn(...(structuredClone(args) as unknown[])));
  expect(outside).toEqual(expected);
  for (const saving of savings) {
    const host = makeHost();
    const vat = await drive(makeVat(fn, args, host), host, saving);
    expect([saving, vat.status(), outcomeOf(vat)]).toEqual([
      saving,
      outside.status === "fulfilled" ? "done" : "failed",
      expected,
    ]);
  }
}

describe("a run", () => {
  it("takes steps in loops, with finally blocks, closures and errors", async () => {
    await everyWay(settle, ["o1", [1, 2, 3]], { status: "fulfilled", value: 60 });
    calls.length = 0;
    await everyWay(settle, ["o2", [1, 13, 3]], { status: "rejected", reason: new RangeError("unlucky") });
    expect(calls.slice(0, 3)).toEqual(["charge o2 1", "charge o2 13", "release o2"]);
    expect(calls.length).toBe(12);
  });

  it("says where it waits", async () => {
    const vat = makeVat(settle, ["o1", [1, 2]]);
    vat.turn();
    expect(vat.status()).toBe("waiting");
    const again = vat.roundTrip();
    expect(again.stack()).toEqual([
      {
        function: "settle",
        file: "test/vat.ts",
        position: [7, 35],
        waitsFor: "step charge(orderId, item)",
        locals: { orderId: '"o1"', total: "0", add: "[function add]" },
      },
    ]);
    const { codes: needed } = again.save("delta");
    expect(needed).toContain("test/vat.ts#settle@f-settle");
    expect(needed).toContain("test/vat.ts#settle/add@f-settle/add");
  });

  it("writes only what changed", async () => {
    const host = makeHost();
    const vat = makeVat(settle, ["o1", Array.from({ length: 500 }, (_, i) => i)], host);
    vat.turn();
    const base = vat.save("delta");
    expect(base.kind).toBe("base");
    expect(base.text.length).toBeGreaterThan(2000);
    const idle = vat.save("delta");
    expect(idle.text.length).toBeLessThan(250);
    // A base beside the deltas may be kept or lost: the next delta fits both.
    const spare = vat.save("base");
    const settlement = await vat.attempt(1).settled;
    vat.deliver({ type: "step", operation: 1, settlement });
    vat.turn();
    const delta = vat.save("delta");
    expect(delta.text.length).toBeLessThan(2000);
    for (const segments of [
      [base, idle, delta],
      [spare, delta],
    ]) {
      const loaded = Vat.load(host, { run: vat.run, incarnation: vat.incarnation, segments });
      expect(loaded.stack()[0]!.locals.total).toBe("0");
      expect([...loaded.operations.keys()]).toEqual([2]);
    }
  });
});

const live = (points: Record<string, string[]>, more: object = {}) => ({
  live: points,
  points: Object.fromEntries(Object.keys(points).map((label, i) => [label, [30 + i, 3] as const])),
  handlers: {},
  ...more,
});

const raced$ = $m.machine("raced", { name: "raced", at: [20, 1], ...live({ race: ["i", "rounds"] }) }, (f, sent) => {
  switch (f.pc) {
    case 0:
      f.i = 0;
      return $.jump(f, 1);
    case 1:
      if ((f.i as number) >= (f.rounds as number)) return $.return(f, f.i);
      return $.await(f, "race", $.Promise.race([$m.call(3, token, []), $m.call(2, sleep, [1000])]));
    default:
      expect(sent).toBe(undefined);
      f.i = (f.i as number) + 1;
      return $.jump(f, 1);
  }
});
const racedLive = (rounds: number) => raced$.enter({ rounds });
const raced = $m.define(racedLive, "raced");

describe("operations", () => {
  it("lets go of what lost a race, in memory and in what is saved", () => {
    const host = makeHost();
    let vat = makeVat(raced, [1e9], host);
    vat.turn();
    for (let i = 0; i < 5; i++) {
      vat.save("delta");
      expect([...vat.operations.values()].map(({ type }) => type)).toEqual(["token", "timer"]);
      const timer = [...vat.operations.values()].find(({ type }) => type === "timer")!;
      vat.deliver({ type: "timer", operation: timer.number });
      vat.turn();
    }
    vat.save("delta");
    expect(vat.operations.size).toBe(2);
    vat = vat.roundTrip();
    expect(vat.operations.size).toBe(2);
    expect(vat.stack().map(({ waitsFor }) => waitsFor)).toContain("token");
  });
});
