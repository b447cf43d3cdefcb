/** What an attempt changed, as the JSON that a transaction commits: read by another process, also when something has damaged it. */
import fc from "fast-check";
import type { Json } from "perdure/internal/codec/contract";
import { restoreChanges, saveChanges } from "perdure/internal/codec/copy";
import { Heap } from "perdure/internal/codec/heap";
import type { Snapshot } from "perdure/internal/codec/snapshot";
import { isPerdureError } from "perdure/internal/errors";
import { expect, test } from "vitest";

interface Order {
  total: number;
  items: string[];
  notes: Map<string, unknown>;
}

/** A saved heap with a snapshot of its order, and what an attempt made of that. */
function attempted(): { texts: string[]; saved: Json } {
  const order: Order = { total: 1, items: ["a"], notes: new Map([["first", { text: "hello" }]]) };
  const heap = new Heap();
  const snapshot = heap.snapshot([order]);
  const base = heap.save("base", { strong: { order, same: { order }, snapshot } });
  base.saved();
  const copy = snapshot.open();
  const mine = copy.values[0] as Order;
  mine.total = 2;
  mine.items.push("b");
  mine.notes.set("second", { order: mine });
  return { texts: [base.text], saved: saveChanges(copy.changes([{ given: mine, at: new Date(7) }])) };
}

function takeIn(texts: string[], saved: Json) {
  const { heap, roots } = Heap.load({}, texts);
  const result = heap.apply(restoreChanges(saved, roots.get("snapshot") as Snapshot));
  return { order: roots.get("order") as Order, result: result as { given: Order; at: Date } };
}

test("another process applies them to its own objects", () => {
  const { texts, saved } = attempted();
  const { order, result } = takeIn(texts, JSON.parse(JSON.stringify(saved)) as Json);
  expect([order.total, order.items, result.at]).toEqual([2, ["a", "b"], new Date(7)]);
  expect(result.given).toBe(order);
  expect((order.notes.get("second") as { order: Order }).order).toBe(order);
});

test("damaged ones are a coded error or other values, never a crash or pollution", () => {
  const { texts, saved } = attempted();
  const text = JSON.stringify(saved);
  const before = Reflect.ownKeys(Object.prototype).length;
  let refused = 0;
  const position = fc.nat({ max: text.length - 1 });
  const strange = fc.constantFrom('"__proto__"', "null", "-1", "1e9", "[]", "{}", "[[1]]", "9", '"', "}", "");
  fc.assert(
    fc.property(position, fc.nat({ max: 12 }), strange, (at, length, inserted) => {
      let json: Json;
      try {
        json = JSON.parse(text.slice(0, at) + inserted + text.slice(at + length)) as Json;
      } catch {
        return; // No JSON: the store gives back what it was given.
      }
      try {
        takeIn(texts, json);
      } catch (error) {
        if (!isPerdureError(error)) throw error;
        refused++;
      }
      expect(Reflect.ownKeys(Object.prototype).length).toBe(before);
    }),
    { numRuns: 5_000, seed: 20261121 },
  );
  expect(refused).toBeGreaterThan(25);
});
