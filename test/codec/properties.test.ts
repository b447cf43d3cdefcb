import * as devalue from "devalue";
import fc from "fast-check";
import { Heap } from "perdure/internal/codec/heap";
import type { Snapshot } from "perdure/internal/codec/snapshot";
import { decodeValue, encodeValue } from "perdure/internal/codec/standalone";
import { expect, test } from "vitest";
import { assertSameGraph, build, namedSymbols, program } from "./graphs.ts";

const runs = { numRuns: Number(process.env.PERDURE_RUNS ?? 150) };

test("any graph comes back as it was", () => {
  fc.assert(
    fc.property(program(40), (instructions) => {
      const objects = build([], instructions);
      assertSameGraph(objects[0], decodeValue(encodeValue(objects[0])));
    }),
    runs,
  );
});

test("base and deltas hold what one base would, at every step, in any process", () => {
  fc.assert(
    fc.property(
      program(30),
      fc.array(fc.tuple(program(12), fc.nat(5)), { minLength: 1, maxLength: 5 }),
      (first, rounds) => {
        const objects = build([], first);
        const heap = new Heap();
        const texts: string[] = [];
        const save = (kind: "base" | "delta") => {
          const one = heap.save(kind, { strong: { value: objects[0] } });
          if (one.kind === "base") texts.length = 0;
          texts.push(one.text);
          return one;
        };
        save("base").saved();
        for (const [instructions, how] of rounds) {
          build(objects, instructions);
          // A save that was refused by the store is encoded again; a base may come at any time.
          if (how === 0) {
            heap.save("delta", { strong: { value: objects[0] } });
          } else if (how === 1 && heap.save("delta", { strong: { value: objects[0] } }).written === 0) {
            save("base").saved();
          } else {
            save("delta").saved();
            const loaded = Heap.load({}, texts);
            assertSameGraph(objects[0], loaded.roots.get("value"));
            expect(loaded.heap.save("delta", { strong: Object.fromEntries(loaded.roots) }).written).toBe(0);
          }
        }
      },
    ),
    runs,
  );
});

test("a delta writes nothing that did not change", () => {
  fc.assert(
    fc.property(program(40), (instructions) => {
      const objects = build([], instructions);
      const heap = new Heap();
      const roots = { strong: { value: objects[0] } };
      heap.save("base", roots).saved();
      expect(heap.save("delta", roots).written).toBe(0);
      (objects[0] as unknown[]).push("grown");
      expect(heap.save("delta", roots).written).toBe(1);
    }),
    runs,
  );
});

test("what an attempt does to its copy is done to the originals", () => {
  fc.assert(
    fc.property(program(30), program(10), fc.boolean(), (instructions, changes, reload) => {
      const objects = build([], instructions);
      const twin = build([], instructions);
      let heap = new Heap({ references: namedSymbols });
      let snapshot = heap.snapshot([objects]);
      let mine: unknown = objects[0];
      const save = heap.save("base", { strong: { value: objects, snapshot } });
      save.saved();
      if (reload) {
        const loaded = Heap.load({ references: namedSymbols }, [save.text]);
        heap = loaded.heap;
        snapshot = loaded.roots.get("snapshot") as Snapshot;
        mine = (loaded.roots.get("value") as object[])[0];
      }
      const copy = snapshot.open();
      assertSameGraph(copy.values[0], twin);
      build(copy.values[0] as object[], changes);
      heap.apply(copy.changes([]));
      build(twin, changes);
      assertSameGraph(mine, twin[0]);
    }),
    runs,
  );
});

test("devalue agrees on what both can do", () => {
  const { tie } = fc.letrec<{ tie: unknown }>((node) => ({
    tie: fc.oneof(
      { depthSize: "small", withCrossShrink: true },
      fc.oneof(fc.string(), fc.double(), fc.bigInt(), fc.boolean(), fc.constantFrom(null, undefined, -0)),
      fc.array(node("tie"), { maxLength: 4 }),
      fc.dictionary(
        fc.string().filter((key) => key !== "__proto__"),
        node("tie"),
        { maxKeys: 4 },
      ),
      fc.array(node("tie"), { maxLength: 3 }).map((items) => new Set(items)),
      fc.array(fc.tuple(node("tie"), node("tie")), { maxLength: 3 }).map((items) => new Map(items)),
      fc.date(),
      fc.uint8Array({ maxLength: 9 }),
    ),
  }));
  fc.assert(
    fc.property(tie, fc.boolean(), (value, twice) => {
      const shared = twice ? [value, value, { value }] : value;
      assertSameGraph(decodeValue(encodeValue(shared)), devalue.parse(devalue.stringify(shared)));
    }),
    runs,
  );
});

test("the rows of the comparison of serializers, each kept", () => {
  class Account {
    balance = 1;
    self = this;
    raise() {
      return ++this.balance;
    }
  }
  const through: { map: Map<unknown, unknown> } = { map: new Map() };
  through.map.set("set", new Set([through]));
  const back = decodeValue(encodeValue(through)) as typeof through;
  expect((back.map.get("set") as Set<unknown>).has(back)).toBe(true);
  expect(() => encodeValue({ account: new Account() })).toThrow(/PD4001.*class Account/);
  expect(() => encodeValue({ send: () => 1 })).toThrow(/PD4001.*send/);
  const deep: { next?: object } = {};
  let at = deep;
  for (let i = 0; i < 10_000; i++) at = at.next = {};
  expect(() => decodeValue(encodeValue(deep))).not.toThrow();
});

test("a snapshot stays what it was, however the heap goes on, in memory and through the store", () => {
  fc.assert(
    fc.property(
      program(25),
      fc.nat(1000),
      fc.array(fc.tuple(program(8), fc.boolean()), { maxLength: 4 }),
      (first, pick, rounds) => {
        const options = { references: namedSymbols };
        let objects = build([], first);
        const wanted = build([], first)[pick % objects.length];
        let heap = new Heap(options);
        let snapshot = heap.snapshot([objects[pick % objects.length]]);
        const texts: string[] = [];
        const save = (kind: "base" | "delta") => {
          const one = heap.save(kind, { strong: { value: objects, snapshot } });
          one.saved();
          if (kind === "base") texts.length = 0;
          texts.push(one.text);
        };
        save("base");
        for (const [instructions, reload] of rounds) {
          build(objects, instructions);
          // Some of what the snapshot shares dies in the heap.
          if (reload) (objects[0] as unknown[]).length >>= 1;
          save(reload && rounds.length % 2 === 0 ? "base" : "delta");
          if (!reload) continue;
          const loaded = Heap.load(options, texts);
          heap = loaded.heap;
          objects = loaded.roots.get("value") as object[];
          snapshot = loaded.roots.get("snapshot") as Snapshot;
          expect(heap.save("delta", { strong: { value: objects, snapshot } }).written).toBe(0);
        }
        assertSameGraph(snapshot.open().values[0], wanted);
      },
    ),
    runs,
  );
});
