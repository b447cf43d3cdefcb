/** Random object graphs with sharing and cycles, random mutations of them, and a comparison that sees all of it. */
import assert from "node:assert/strict";
import fc from "fast-check";

const symbols = [Symbol("one"), Symbol("two"), Symbol.for("perdure.test"), Symbol.iterator];
/** The symbols as module bindings, which every process has: attempts use the same ones as the run. */
export const namedSymbols = {
  nameOf: (value: object | symbol) =>
    typeof value === "symbol" && symbols.includes(value) ? `test:${symbols.indexOf(value)}` : undefined,
  resolve: (name: string) => symbols[Number(name.slice(5))],
};

const functions = [Array.prototype.map, Math.max, JSON, Symbol.prototype];
const keys = ["a", "b", "10", "2", "", "__proto__", "constructor", "toString", "length", "a b"];

export const primitive: fc.Arbitrary<unknown> = fc.oneof(
  fc.string(),
  fc.double(),
  fc.integer(),
  fc.bigInt(),
  fc.boolean(),
  fc.constantFrom<unknown>(null, undefined, -0, Number.NaN, "\ud800", "\0", ...symbols),
);

/** What to build: instructions over a growing list of objects, so that any object can hold any other. */
interface Instruction {
  readonly op: number;
  readonly at: number;
  readonly other: number;
  readonly key: number;
  readonly value: unknown;
}

const instruction: fc.Arbitrary<Instruction> = fc.record({
  op: fc.nat(1000),
  at: fc.nat(1000),
  other: fc.nat(1000),
  key: fc.nat(1000),
  value: primitive,
});

export const program = (maxLength: number): fc.Arbitrary<Instruction[]> => fc.array(instruction, { maxLength });

const makers: readonly ((value: unknown, other: object) => object)[] = [
  (value) => ({ value }),
  () => ({}),
  (value, other) => [value, other],
  () => [],
  (value, other) =>
    new Map<unknown, unknown>([
      ["key", value],
      [other, value],
    ]),
  (value, other) => new Set([value, other]),
  (value) => new Date(typeof value === "number" ? value : 7),
  (value) =>
    Object.assign(new RangeError(typeof value === "string" ? value : "message", { cause: value }), { stack: "at a" }),
  () => /a+b?/giu,
  (value) => Object(typeof value === "symbol" || value == null ? "boxed" : value) as object,
  () => Object.create(null) as object,
  (_, other) => Object.create(Object.getPrototypeOf(other) === Object.prototype ? other : null) as object,
  (value) => new Uint8Array([Number(typeof value === "number" ? value : 3), 1, 2]),
  (_, other) => (other instanceof Uint8Array ? new Uint16Array(other.buffer, 0, 1) : new ArrayBuffer(4)),
  (_, other) => new WeakRef(other),
  () => new URL("https://a.example/?b=c"),
  (value, other) => ({ value, other, nested: { list: [1, other] } }),
];

type Bag = Record<PropertyKey, unknown>;

const mutations: readonly ((target: object, key: PropertyKey, value: unknown, other: object) => void)[] = [
  (target, key, value) =>
    Reflect.defineProperty(target, key, { value, writable: true, enumerable: true, configurable: true }),
  (target, key, _, other) =>
    Reflect.defineProperty(target, key, { value: other, writable: true, enumerable: true, configurable: true }),
  (target, key, value) =>
    Reflect.defineProperty(target, key, { value, writable: false, enumerable: false, configurable: true }),
  (target, key) =>
    Reflect.defineProperty(target, key, { get: Array.prototype.keys as () => unknown, configurable: true }),
  (target, key) => Reflect.deleteProperty(target, key),
  (target) =>
    void (
      Reflect.ownKeys(target).length > 2 &&
      Object.freeze(target instanceof Uint8Array || target instanceof Uint16Array ? {} : target)
    ),
  (target) => Object.preventExtensions(target),
  (target, _, value) => Array.isArray(target) && Object.isExtensible(target) && target.push(value),
  (target, _, value, other) => Array.isArray(target) && Object.isExtensible(target) && target.push(value, other),
  (target) => Array.isArray(target) && !Object.isSealed(target) && Reflect.set(target, "length", target.length >> 1),
  (target) => Array.isArray(target) && Object.isExtensible(target) && Reflect.set(target, "length", target.length + 5),
  (target, _, value, other) => target instanceof Map && target.set(value, other),
  (target, _, value, other) => target instanceof Map && target.set(other, value),
  (target) => target instanceof Map && target.delete(target.keys().next().value),
  (target, _, value) => target instanceof Set && target.add(value),
  (target) => target instanceof Set && target.clear(),
  (target, _, value) => target instanceof Date && target.setTime(typeof value === "number" ? value : 1),
  (target) => target instanceof Uint8Array && target.fill(9),
  (target, _, __, other) => ArrayBuffer.isView(target) || Reflect.setPrototypeOf(target, isPlain(other) ? other : null),
  (target, _, value) =>
    target instanceof RegExp && Reflect.set(target, "lastIndex", typeof value === "number" ? value : 2),
  (target) => target instanceof URL && void (target.hash = "#x"),
];

const isPlain = (value: object) => Object.getPrototypeOf(value) === Object.prototype && !Array.isArray(value);
/** A prototype that the mutated object itself inherits from would be a cycle: only collections and the like keep theirs. */
const keepsPrototype = (value: object) => !isPlain(value) && !Array.isArray(value);

/** Runs a program over the objects made so far; the last ones stay reachable from the first, an array. */
export function build(objects: object[], instructions: readonly Instruction[]): object[] {
  if (objects.length === 0) objects.push([]);
  for (const { op, at, other, key, value } of instructions) {
    const target = objects[at % objects.length]!;
    const second = objects[other % objects.length]!;
    const name = key % 5 === 0 ? symbols[key % symbols.length]! : keys[key % keys.length]!;
    if (op % 3 === 0) {
      const made = makers[op % makers.length]!(value, second);
      objects.push(made);
      (objects[0] as unknown[]).push(made);
    } else if (op % 11 === 1) {
      (objects[0] as unknown[]).push(functions[key % functions.length]);
    } else if (target !== objects[0]) {
      const mutate = mutations[op % mutations.length]!;
      // Brands are tested by what `instanceof` says: an object keeps its prototype unless it is plain.
      if (op % mutations.length === 18 && keepsPrototype(target)) continue;
      try {
        mutate(target, name, value, second);
      } catch {
        // A frozen object, a length out of range: nothing happened.
      }
    }
  }
  return objects;
}

/** Asserts that two graphs are the same up to the identity of objects and local symbols, shapes and attributes included. */
export function assertSameGraph(left: unknown, right: unknown): void {
  const pairs = new Map<unknown, unknown>();
  const reverse = new Map<unknown, unknown>();
  const queue: [unknown, unknown, string][] = [[left, right, "root"]];
  const isNamed = (value: unknown) =>
    functions.includes(value as never) ||
    typeof value === "function" ||
    value === Object.prototype ||
    builtinPrototypes.has(value as object);
  for (let next = queue.pop(); next; next = queue.pop()) {
    const [a, b, path] = next;
    const identity =
      (typeof a === "object" && a !== null) ||
      (typeof a === "symbol" && Symbol.keyFor(a) === undefined && a !== Symbol.iterator);
    if (!identity || isNamed(a)) {
      if (!Object.is(a, b)) assert.fail(`${path}: ${show(a)} became ${show(b)}`);
      continue;
    }
    assert.equal(pairs.has(a), reverse.has(b), `${path}: sharing differs`);
    if (pairs.has(a)) {
      assert.equal(pairs.get(a), b, `${path}: identity differs`);
      continue;
    }
    pairs.set(a, b);
    reverse.set(b, a);
    if (typeof a === "symbol") {
      assert.equal((b as symbol).description, a.description);
      continue;
    }
    compareObjects(a as object, b as object, path, queue);
  }
}

const show = (value: unknown) => (typeof value === "object" ? "another object" : String(value));

const builtinPrototypes = new Set<object>(
  [
    Array,
    Map,
    Set,
    Date,
    RegExp,
    Error,
    RangeError,
    String,
    Number,
    Boolean,
    BigInt,
    Symbol,
    Uint8Array,
    Uint16Array,
    ArrayBuffer,
    WeakRef,
    URL,
  ].map((of) => of.prototype as object),
);

const brandOf = (value: object) => {
  const tag = Object.getOwnPropertyDescriptor(value, Symbol.toStringTag)
    ? "tagged"
    : Object.prototype.toString.call(value);
  return `${tag} ${Array.isArray(value)} ${ArrayBuffer.isView(value)} ${Object.isExtensible(value)}`;
};

function compareObjects(a: object, b: object, path: string, queue: [unknown, unknown, string][]): void {
  assert.equal(brandOf(a), brandOf(b), `${path}: brand differs`);
  queue.push([Object.getPrototypeOf(a), Object.getPrototypeOf(b), `${path}.[[Prototype]]`]);
  const [left, right] = [Reflect.ownKeys(a), Reflect.ownKeys(b)];
  assert.deepEqual(left.map(String), right.map(String), `${path}: keys differ`);
  left.forEach((key, i) => {
    const one = Object.getOwnPropertyDescriptor(a, key)! as Bag;
    const two = Object.getOwnPropertyDescriptor(b, right[i]!)! as Bag;
    assert.deepEqual(Object.keys(one), Object.keys(two), `${path}.${String(key)}: attributes differ`);
    if (typeof key === "symbol") queue.push([key, right[i], `${path} key`]);
    for (const field of Object.keys(one)) queue.push([one[field], two[field], `${path}.${String(key)}`]);
  });
  for (const inside of [entriesOf, bytesOf]) {
    const [one, two] = [inside(a), inside(b)];
    assert.equal(one.length, two.length, `${path}: contents differ`);
    one.forEach((item, i) => {
      queue.push([item, two[i], `${path} item ${i}`]);
    });
  }
}

/** What the internal slots hold, read through the built-ins' own methods: `instanceof` would believe a prototype. */
function entriesOf(value: object): unknown[] {
  const readers: (() => unknown[])[] = [
    () => [...Map.prototype.entries.call(value)].flat(),
    () => [...Set.prototype.values.call(value)],
    () => [Date.prototype.getTime.call(value)],
    () => [WeakRef.prototype.deref.call(value)],
    () => (value instanceof URL ? [value.href] : []),
    () => (value instanceof RegExp ? [value.source, value.flags] : []),
    ...[String, Number, Boolean, BigInt].map((of) => () => [
      (of.prototype as { valueOf(): unknown }).valueOf.call(value),
    ]),
  ];
  return readers.flatMap((read) => {
    try {
      return read();
    } catch {
      return [];
    }
  });
}

const bytesOf = (value: object): unknown[] =>
  value instanceof ArrayBuffer
    ? [...new Uint8Array(value)]
    : ArrayBuffer.isView(value)
      ? [value.buffer, value.byteOffset, value.byteLength]
      : [];
