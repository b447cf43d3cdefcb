/** Machines made of blocks, and how they are driven: natively and at every saving. */
import type { Frame, Transfer } from "perdure/abi";
import * as $ from "perdure/emitted";
import { decodeOutcome } from "perdure/internal/machine/values";
import { expect } from "vitest";
import { drive, makeHost, makeVat, type Saving } from "./host.ts";

export const $m = $.module("test/values.ts", {
  abi: 1,
  file: "test/values.ts",
  fingerprints: Object.fromEntries(
    [
      ..."add get Point double times Wallet Box Safe Safe.open Safe.open/plus Mine later".split(" "),
      ...Array.from({ length: 50 }, (_, i) => `main${i}`),
    ].map((code) => [code, `f-${code}`]),
  ),
  sites: [],
});

let count = 0;

/** A machine that runs its blocks in order, with a wait before each: what blocks keep in `slots` is live throughout. */
export function blocks(slots: string[], ...parts: ((f: any, sent: any) => unknown)[]) {
  const path = `main${count++}`;
  const label = (i: number) => `w${i}`;
  const points = Object.fromEntries(parts.map((_, i) => [label(i), [i + 1, 1] as const]));
  const machine = $m.machine(
    path,
    { name: path, at: [1, 1], live: Object.fromEntries(parts.map((_, i) => [label(i), slots])), points, handlers: {} },
    (f: Frame, sent: unknown): Transfer => {
      const i = f.pc === 0 ? 0 : Number(String(f.pc).slice(1)) + 1;
      const value = parts[i]!(f, sent);
      return i === parts.length - 1 ? $.return(f, value) : $.await(f, label(i), value);
    },
  );
  return $m.define({ [path]: () => machine.enter({}) }[path]!, path);
}

export async function everyWay(fn: () => unknown, expected: unknown) {
  expect(await fn()).toEqual(expected);
  for (const saving of ["never", "turns", "jobs"] satisfies Saving[]) {
    const host = makeHost();
    const vat = await drive(makeVat(fn, [], host), host, saving);
    expect([saving, decodeOutcome(vat.outcome()!)]).toEqual([saving, { status: "fulfilled", value: expected }]);
  }
}
