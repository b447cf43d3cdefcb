/** The platform marks promises for its async hooks (symbol properties, in Node until 24): no part of what a run saves. */
import { AsyncLocalStorage } from "node:async_hooks";
import * as $ from "perdure/emitted";
import { sleep } from "perdure/internal/machine/operations/sleep";
import { expect, it } from "vitest";
import { makeHost, makeVat } from "./host.ts";

const $m = $.module("test/async-context.ts", {
  abi: 1,
  file: "test/async-context.ts",
  fingerprints: { napper: "1" },
  sites: [[1, 1, "sleep(…)"]],
});
const napper$ = $m.machine(
  "napper",
  { name: "napper", at: [1, 1], live: { sleep: [] }, points: {}, handlers: {} },
  (f) => {
    if (f.pc === 0) return $.await(f, "sleep", $m.call(0, sleep, [1000]));
    return $.return(f, "slept");
  },
);
const napper = $m.define(function napper() {
  return napper$.enter({});
}, "napper");

it("a run whose turns are taken inside an AsyncLocalStorage is saved without it", () => {
  const outside = makeVat(napper);
  outside.turn();
  const expected = outside.save("delta").text.replace(/.*"next"/, "");
  const storage = new AsyncLocalStorage<WeakMap<object, unknown>>();
  storage.run(new WeakMap(), () => {
    const host = makeHost();
    const vat = makeVat(napper, [], host);
    vat.turn();
    const { text } = vat.save("delta");
    expect(text.replace(/.*"next"/, "")).toBe(expected);
    const again = vat.roundTrip();
    const [timer] = [...again.operations.keys()];
    again.deliver({ type: "timer", operation: timer! });
    again.turn();
    again.save("delta");
    expect(again.status()).toBe("done");
  });
});
