import { Heap } from "perdure/internal/codec/heap";
import type { Snapshot } from "perdure/internal/codec/snapshot";
import { describe, expect, test } from "vitest";

interface Order {
  total: number;
  tax?: number;
  items: string[];
  notes: Map<string, unknown>;
  tags: Set<string>;
  placed: Date;
}

const order = (): Order => ({
  total: 10,
  items: ["a", "b"],
  notes: new Map<string, unknown>([["first", { text: "hello" }]]),
  tags: new Set(["new"]),
  placed: new Date(0),
});

/** A heap whose root holds `main`, saved once, with a snapshot of its values in it. */
function setUp(main: Record<string, unknown>, values: unknown[]) {
  const heap = new Heap();
  const snapshot = heap.snapshot(values);
  const roots = { strong: { main, snapshot } };
  const texts = [heap.save("base", roots)].map((save) => {
    save.saved();
    return save.text;
  });
  const save = () => {
    const delta = heap.save("delta", roots);
    delta.saved();
    texts.push(delta.text);
    return delta;
  };
  const reload = () => {
    const { heap: fresh, roots: loaded } = Heap.load({}, texts);
    return {
      heap: fresh,
      main: loaded.get("main") as Record<string, unknown>,
      snapshot: loaded.get("snapshot") as Snapshot,
      roots: { strong: Object.fromEntries(loaded) },
    };
  };
  return { heap, snapshot, save, reload, texts };
}

describe("copy-in", () => {
  test("an attempt gets a fresh deep copy, the same one every time", () => {
    const main = { order: order() };
    const { snapshot, reload } = setUp(main, [main.order, 5, undefined]);
    const first = snapshot.open();
    expect(first.values).toEqual([main.order, 5, undefined]);
    expect(first.values[0]).not.toBe(main.order);
    (first.values[0] as Order).items.push("changed by the first attempt");
    expect(snapshot.open().values[0]).toEqual(order());
    expect(reload().snapshot.open().values[0]).toEqual(order());
  });

  test("references pass through", () => {
    const { snapshot } = setUp({}, [console.log, Symbol.iterator, globalThis]);
    expect(snapshot.open().values).toEqual([console.log, Symbol.iterator, globalThis]);
  });

  test("shares the texts of objects that are still the same, and keeps its own of those that changed since", () => {
    const main = { order: order(), big: "x".repeat(1000) };
    const { snapshot, save, reload, texts } = setUp(main, [main]);
    expect(texts[0]!.match(/xxxxx/g)!.length).toBe(200);
    expect(save().written).toBe(0);
    main.order.total = 11;
    main.order.items.push("c");
    const delta = save();
    expect(delta.text).not.toContain("xxxxx");
    expect(delta.written).toBe(3);
    for (const one of [snapshot, reload().snapshot]) {
      expect((one.open().values[0] as typeof main).order).toEqual(order());
    }
    expect(reload().main.order).toEqual(main.order);
    const again = reload();
    expect(again.heap.save("delta", again.roots).written).toBe(0);
  });

  test("holds what the run no longer reaches", () => {
    const main: { order?: Order } = { order: order() };
    const { save, reload, heap, snapshot } = setUp(main, [main.order]);
    main.order = undefined;
    save();
    expect(reload().snapshot.open().values[0]).toEqual(order());
    const base = heap.save("base", { strong: { main, snapshot } });
    expect((Heap.load({}, [base.text]).roots.get("snapshot") as Snapshot).open().values[0]).toEqual(order());
  });
});

describe("copy-out", () => {
  test.each([
    ["a property", (o: Order) => void (o.tax = 2)],
    ["an array", (o: Order) => void o.items.splice(0, 1, "x", "y", "z")],
    ["an array that shrinks", (o: Order) => void (o.items.length = 1)],
    ["a map", (o: Order) => void o.notes.set("second", { n: 1 }).delete("first")],
    ["a set", (o: Order) => void o.tags.add("paid").delete("new")],
    ["a date", (o: Order) => void o.placed.setTime(99)],
    ["a nested object", (o: Order) => void ((o.notes.get("first") as { text: string }).text = "bye")],
    ["a deleted property", (o: Order) => void delete (o as Partial<Order>).total],
    ["the order of a map", (o: Order) => o.notes.delete("first") && o.notes.set("x", 1).set("first", 2)],
    ["the order of properties", (o: Order) => Reflect.deleteProperty(o, "total") && Object.assign(o, { total: 3 })],
    ["attributes", (o: Order) => void Object.freeze(o)],
    ["a new graph with a cycle", (o: Order) => void o.notes.set("self", { o, items: o.items })],
  ])("%s", (_, change) => {
    for (const live of [true, false]) {
      const main = { order: order() };
      const set = setUp(main, [main.order]);
      const now = live ? { ...set, main } : set.reload();
      const copy = now.snapshot.open();
      change(copy.values[0] as Order);
      const original = now.main.order;
      const { items } = original as Order;
      now.heap.apply(copy.changes([]));
      const expected = order();
      change(expected);
      expect(now.main.order).toBe(original);
      expect((original as Order).items).toBe(items);
      expect(original).toEqual(expected);
      expect(Reflect.ownKeys(original as Order)).toEqual(Reflect.ownKeys(expected));
      expect([...(original as Order).notes.keys()]).toEqual([...expected.notes.keys()]);
      expect(Object.isFrozen(original)).toBe(Object.isFrozen(expected));
      if ((original as Order).notes.has("self"))
        expect((original as Order).notes.get("self")).toMatchObject({ o: original, items });
    }
  });

  test("a result keeps its identity with the run's objects", () => {
    const main = { order: order() };
    const { heap, snapshot } = setUp(main, [main.order]);
    const copy = snapshot.open();
    const mine = copy.values[0] as Order;
    const fresh = { receipt: 1, of: mine, items: mine.items };
    const result = heap.apply(copy.changes([fresh])) as typeof fresh;
    expect(result).toEqual({ receipt: 1, of: main.order, items: main.order.items });
    expect(result).not.toBe(fresh);
    expect(result.of).toBe(main.order);
    expect(result.items).toBe(main.order.items);
  });

  test("an argument that the run no longer reaches comes back as one object", () => {
    const { heap, snapshot, save } = setUp({}, [order()]);
    save();
    const settle = () => {
      const copy = snapshot.open();
      return heap.apply(copy.changes([copy.values[0]]));
    };
    const first = settle();
    expect(first).toEqual(order());
    expect(settle()).toBe(first);
  });

  test("changes of different properties of one object do not meet", () => {
    const main = { order: order() };
    const { heap, snapshot } = setUp(main, [main.order]);
    const [a, b] = [snapshot.open(), snapshot.open()];
    (a.values[0] as Order).total = 20;
    (b.values[0] as Order).tax = 3;
    heap.apply(a.changes([]));
    heap.apply(b.changes([]));
    expect(main.order).toMatchObject({ total: 20, tax: 3 });
  });

  test("a conflict names the property and applies nothing", () => {
    const main = { order: order() };
    const { heap, snapshot } = setUp(main, [main.order]);
    main.order.items.push("c");
    const copy = snapshot.open();
    (copy.values[0] as Order).total = 77;
    (copy.values[0] as Order).items.push("d");
    const changes = copy.changes([]);
    expect(() => heap.apply(changes)).toThrow(/PD4020.*main\.order\.items\[2\]/);
    expect(main.order.total).toBe(10);
    expect(main.order.items).toEqual(["a", "b", "c"]);
  });

  test.each<[string, (order: any) => void]>([
    ["a flag", (order) => (order.isPaid = true)],
    ["a name", (order) => (order.state = "paid")],
    ["a count that was not there", (order) => (order.attempts = 1)],
    ["a member of a map", (order) => order.notes.set("paid", "yes")],
    ["what is taken away", (order) => delete order.tax],
    ["an object that was there", (order) => (order.last = order.items)],
  ])("two changes to the same value are no conflict: %s", (_, change) => {
    const main = { order: Object.assign(order(), { isPaid: false, state: "new", last: null }) };
    const { heap, snapshot } = setUp(main, [main.order]);
    change(main.order);
    const copy = snapshot.open();
    change(copy.values[0]);
    expect(heap.apply(copy.changes(["ok"]))).toBe("ok");
  });

  test.each<[string, string, (order: any) => void]>([
    ["a number", ".total", (order) => order.total++],
    ["a bigint", ".credit", (order) => (order.credit -= 1n)],
    ["a text that grows", ".log", (order) => (order.log += ", paid")],
    ["a list that grows", ".items.length", (order) => order.items.push("c")],
    ["a number in a map", ".notes", (order) => order.notes.set("n", order.notes.get("n") + 1)],
  ])("two changes that add up are one although they are equal: %s", (_, path, change) => {
    const main = { order: Object.assign(order(), { credit: 5n, log: "made" }) };
    (main.order.notes as Map<string, unknown>).set("n", 1);
    const { heap, snapshot } = setUp(main, [main.order]);
    change(main.order);
    const expected = structuredClone(main.order);
    const copy = snapshot.open();
    change(copy.values[0]);
    const changes = copy.changes([]);
    expect(() => heap.apply(changes)).toThrow(new RegExp(`PD4020.*main\\.order\\${path}`));
    expect(main.order).toEqual(expected);
  });

  test("a result that cannot be copied enters as it is, with the reason", () => {
    class Connection {}
    const main = { order: order() };
    const { heap, snapshot } = setUp(main, [main.order]);
    const copy = snapshot.open();
    (copy.values[0] as Order).total = 1;
    const connection = { open: new Connection() };
    const changes = copy.changes([connection]);
    expect(changes.result).toMatchObject({
      type: "uncopied",
      reason: { code: "PD4001", details: { path: "the result.open" } },
    });
    expect(heap.apply(changes)).toBe(connection);
    expect(main.order.total).toBe(1);
  });

  test("a change that cannot be saved is refused with its path", () => {
    const { snapshot } = setUp({}, [{ order: {} }]);
    const copy = snapshot.open();
    (copy.values[0] as { order: Record<string, unknown> }).order.send = () => {};
    expect(() => copy.changes([])).toThrow(/PD4001: argument 1\.order\.send/);
  });

  const mark = Symbol.for("mark");
  test.each<[string, object]>([
    ["an array", Object.assign(["a"], { index: 1 })],
    ["a boxed value", Object.assign(Object(false), { index: 1 })],
    ["a map", Object.assign(new Map([[1, 2]]), { index: 1 })],
    ["an object with a fixed property", Object.defineProperty({ index: 1, [mark]: 1 }, "fixed", { value: 1 })],
  ])("what an attempt takes away from %s is taken away from the original", (_, original) => {
    const { heap, snapshot } = setUp({ original }, [original]);
    const attempt = snapshot.open();
    const copy = attempt.values[0] as object;
    for (const key of ["index", mark]) Reflect.deleteProperty(copy, key);
    heap.apply(attempt.changes([]));
    expect(Reflect.ownKeys(original)).toEqual(Reflect.ownKeys(copy));
  });

  test("a prototype that an attempt gives back is the original's again", () => {
    const original: object = Object.setPrototypeOf({ a: 1 }, null);
    const { heap, snapshot } = setUp({ original }, [original]);
    const attempt = snapshot.open();
    Object.setPrototypeOf(attempt.values[0], Object.prototype);
    heap.apply(attempt.changes([]));
    expect(Object.getPrototypeOf(original)).toBe(Object.prototype);
  });
});

describe("snapshots of one turn", () => {
  const opened = (snapshot: Snapshot) => snapshot.open().values;

  test("hold what each object was when they were taken, whatever changed in between", () => {
    const heap = new Heap();
    const child = { n: 1 };
    const owner: Record<string, unknown> = { child, list: [child, 2] };
    const first = heap.snapshot([owner]);
    child.n = 2;
    const second = heap.snapshot([owner]);
    (owner["list"] as unknown[]).push(3);
    const third = heap.snapshot([owner]);
    owner["child"] = { n: 9 };
    Object.defineProperty(owner, "hidden", { value: 1, enumerable: false });
    const fourth = heap.snapshot([owner]);
    owner["child"] = child;
    const fifth = heap.snapshot([owner]);
    expect(opened(first)).toEqual([{ child: { n: 1 }, list: [{ n: 1 }, 2] }]);
    expect(opened(second)).toEqual([{ child: { n: 2 }, list: [{ n: 2 }, 2] }]);
    expect(opened(third)).toEqual([{ child: { n: 2 }, list: [{ n: 2 }, 2, 3] }]);
    expect(opened(fourth)).toEqual([{ child: { n: 9 }, list: [{ n: 2 }, 2, 3] }]);
    expect(Object.hasOwn(opened(fourth)[0] as object, "hidden")).toBe(true);
    expect(opened(fifth)).toEqual([{ child: { n: 2 }, list: [{ n: 2 }, 2, 3] }]);
  });

  test("share what an object looks like while it does not change, before and after a load", () => {
    const heap = new Heap();
    const items = Array.from({ length: 50 }, (_, n) => ({ n }));
    const snapshots = items.map((item) => heap.snapshot([item, items]));
    const { text } = heap.save("base", { strong: { items, snapshots } });
    for (const { n } of items) expect(text.split(`{"n":${n}}`)).toHaveLength(2);
    const loaded = Heap.load({}, [text]).roots.get("snapshots") as Snapshot[];
    expect(loaded.map((one) => opened(one)[0])).toEqual(items);
    expect(opened(loaded[7]!)[1]).toEqual(items);
  });

  test("give numbers anew after a save has taken them away", () => {
    const heap = new Heap();
    const child: { n: number; of?: object } = { n: 1 };
    const owner: { child: object } = { child };
    heap.snapshot([owner]);
    owner.child = {};
    const between = heap.save("base", { strong: { owner } });
    between.saved();
    owner.child = child;
    child.of = owner;
    const [copy] = opened(heap.snapshot([owner])) as [{ child: { n: number; of: object } }];
    expect(copy.child.n).toBe(1);
    expect(copy.child.of).toBe(copy);
  });
});

test("what refers to a snapshot can be saved", () => {
  const { heap, snapshot } = setUp({}, [order()]);
  expect(heap.canSave({ pending: [snapshot] })).toBe(true);
  expect(heap.canSave({ pending: [snapshot], socket: new WeakMap() })).toBe(false);
});
