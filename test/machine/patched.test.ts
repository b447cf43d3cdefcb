/** Built-ins that a program has replaced when its run is saved and loaded: neither depends on them, and both leave them as they are. */
import { decodeOutcome } from "perdure/internal/machine/values";
import { expect, it } from "vitest";
import { blocks } from "./blocks.ts";
import { makeVat } from "./host.ts";

const broken = (): never => {
  throw new Error("the runtime has used what the program made of a built-in");
};
const replace = (owner: object, keys: readonly string[]) => () =>
  keys.map((key) => [owner, key, { value: broken, writable: true, enumerable: false, configurable: true }] as const);

type Patch = () => readonly (readonly [owner: object, key: string, property: PropertyDescriptor | undefined])[];

const patches: Readonly<Record<string, Patch>> = {
  "methods of arrays": replace(
    Array.prototype,
    "push map filter slice concat forEach some every includes join".split(" "),
  ),
  "methods of maps and sets": () => [
    ...replace(Map.prototype, ["get", "set", "has"])(),
    ...replace(Set.prototype, ["add", "has"])(),
  ],
  "what Reflect and Object do": () => [
    ...replace(Reflect, ["ownKeys", "getPrototypeOf", "defineProperty", "getOwnPropertyDescriptor"])(),
    ...replace(Object, ["keys", "entries", "defineProperty"])(),
  ],
  "JSON, without its methods": () => [
    [JSON, "stringify", undefined],
    [JSON, "parse", undefined],
  ],
  "toJSON of all arrays": replace(Array.prototype, ["toJSON"]),
  "an index that arrays cannot set": () => [[Array.prototype, "0", { value: 1, writable: false, configurable: true }]],
  "setters for names of properties": () =>
    ["total", "list"].map((key) => [Object.prototype, key, { set: () => {}, get: () => 0, configurable: true }]),
  "a property that nobody can set": () => [
    [Object.prototype, "total", { value: 1, writable: false, configurable: true }],
  ],
};

/** What `body` gives while the patch stands, and whether it stood as it was when `body` returned. */
function patched<T>(patch: Patch, body: () => T): readonly [T, boolean] {
  const { defineProperty, deleteProperty, getOwnPropertyDescriptor } = Reflect;
  const made = patch().map(([owner, key, property]) => ({
    owner,
    key,
    property,
    before: getOwnPropertyDescriptor(owner, key),
  }));
  for (let i = 0; i < made.length; i++) {
    const { owner, key, property } = made[i]!;
    if (property) defineProperty(owner, key, property);
    else deleteProperty(owner, key);
  }
  let value: T;
  let stands = true;
  try {
    value = body();
    for (let i = 0; i < made.length; i++) {
      const { owner, key, property } = made[i]!;
      const now = getOwnPropertyDescriptor(owner, key);
      if (now?.value !== property?.value || now?.set !== property?.set) stands = false;
    }
  } finally {
    for (let i = 0; i < made.length; i++) {
      const { owner, key, before } = made[i]!;
      if (before) defineProperty(owner, key, before);
      else deleteProperty(owner, key);
    }
  }
  return [value, stands];
}

it.each(Object.entries(patches))("%s", (_, patch) => {
  const made = blocks(
    ["order", "seen"],
    (f) => {
      f.order = { total: 3, list: ["a", { of: "b" }], at: new Map([["k", [1]]]) };
      f.seen = new Set([f.order]);
    },
    (f) => [f.order.total, f.order.list, [...f.order.at], f.seen.has(f.order)],
  );
  const vat = makeVat(made);
  vat.runOneJob();
  const [loaded, stands] = patched(patch, () => vat.roundTrip());
  expect(stands).toBe(true);
  loaded.turn();
  const value = [3, ["a", { of: "b" }], [["k", [1]]], true];
  expect(decodeOutcome(loaded.outcome()!)).toEqual({ status: "fulfilled", value });
});
