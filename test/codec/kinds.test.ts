import assert from "node:assert/strict";
import { Heap, type HeapOptions } from "perdure/internal/codec/heap";
import { decodeValue, encodeValue } from "perdure/internal/codec/standalone";
import { savableError } from "perdure/internal/codec/thrown";
import { codec } from "perdure/internal/codec/user-codec";
import { describe, expect, test } from "vitest";

function argumentsOf(..._: unknown[]) {
  // biome-ignore lint/complexity/noArguments: the object that is saved here
  return arguments;
}

const copy = <T>(value: T, options?: HeapOptions): T => decodeValue(encodeValue(value, options), options) as T;

/** Descriptors of every own property in order, and extensibility. */
const anatomy = (value: object) => ({
  extensible: Object.isExtensible(value),
  own: Reflect.ownKeys(value).map((key) => [key, Object.getOwnPropertyDescriptor(value, key)]),
});

describe("plain objects and arrays, attribute by attribute", () => {
  const flags = [true, false];
  const cases: [string, object][] = [];
  for (const writable of flags)
    for (const enumerable of flags)
      for (const configurable of flags) {
        const attributes = { writable, enumerable, configurable };
        const name = JSON.stringify(attributes);
        cases.push([`object ${name}`, Object.defineProperty({ a: 1 }, "x", { value: 5, ...attributes })]);
        cases.push([`array item ${name}`, Object.defineProperty([1, 2], 1, { value: 5, ...attributes })]);
        cases.push([`array extra ${name}`, Object.defineProperty([1, 2], "x", { value: 5, ...attributes })]);
        const { get } = Object.getOwnPropertyDescriptor(Map.prototype, "size")!;
        cases.push([`accessor ${name}`, Object.defineProperty({}, "x", { get, enumerable, configurable })]);
      }
  for (const seal of [Object.freeze, Object.seal, Object.preventExtensions]) {
    cases.push([`${seal.name} object`, seal({ a: 1 })], [`${seal.name} array`, seal([1])]);
    cases.push([`${seal.name} map`, seal(new Map([[1, 2]]))], [`${seal.name} error`, seal(new Error("x"))]);
    cases.push([`${seal.name} date`, seal(new Date(1))], [`${seal.name} empty`, seal({})]);
  }
  cases.push(
    ["null prototype", Object.assign(Object.create(null), { a: 1 })],
    ["prototype from a built-in", Object.create(Array.prototype)],
    ["__proto__ as own key", JSON.parse('{"__proto__":{"polluted":true},"a":1}')],
    ["order of keys", { b: 1, a: 2, 10: 3, 2: 4 }],
    ["length that is not writable", Object.defineProperty([1], "length", { writable: false })],
    ["huge sparse array", Object.assign([], { 4294967294: 1 })],
    ["trailing holes", Object.assign([1, 2, 3], { length: 6 })],
    ["array with another prototype", Object.setPrototypeOf([1, 2], null)],
    ["symbol keys", { [Symbol.iterator]: 1, [Symbol.for("x")]: 2 }],
    ["match result", /(?<y>\d)/.exec("a1")!],
    ["date with properties", Object.assign(new Date(5), { zone: "UTC" })],
    ["map with properties", Object.assign(new Map([[1, 2]]), { name: "m" })],
    ["regexp with lastIndex", Object.assign(/a/g, { lastIndex: 3 })],
    ["regexp with frozen lastIndex", Object.freeze(/a/g)],
    ["arguments", argumentsOf(1, "two")],
    ["string object", Object.assign(Object("abc"), { extra: 1 })],
    ["array named by its indices", Object.assign([0], { "01": 1, "-1": 2 })],
  );
  test.each(cases)("%s", (_, value) => {
    const back = copy(value);
    assert.deepStrictEqual(anatomy(back), anatomy(value));
    expect(Object.getPrototypeOf(back)).toBe(Object.getPrototypeOf(value));
    expect(({} as { polluted?: boolean }).polluted).toBeUndefined();
  });

  test("prototypes that are saved with their objects", () => {
    const base = { hello: 1 };
    const [a, b, proto] = copy([Object.create(base), Object.create(base), base]) as [object, object, object];
    expect(Object.getPrototypeOf(a)).toBe(proto);
    expect(Object.getPrototypeOf(b)).toBe(proto);
  });
});

describe("errors", () => {
  test.each([
    new TypeError("no"),
    new RangeError("far", { cause: { code: 5 } }),
    new AggregateError([new Error("a"), "b"], "all"),
    Object.assign(new Error("x"), { code: "ENOENT", name: "Special" }),
    new DOMException("stop", "AbortError"),
  ])("%s", (error) => {
    const back = copy(error);
    expect(Object.prototype.toString.call(back)).toBe(Object.prototype.toString.call(error));
    expect(back).toBeInstanceOf(error.constructor);
    expect(String(back)).toBe(String(error));
    expect(back.stack).toBe(error.stack);
    assert.deepStrictEqual(anatomy(back), anatomy(error));
  });

  test("with a prototype of null", () => {
    const error = Object.setPrototypeOf(new Error("bare"), null);
    expect(Object.prototype.toString.call(copy(error))).toBe("[object Error]");
  });

  test("errors in the data of one stay errors, with names, messages and what can be saved: error.errors.email", () => {
    class Invalid extends Error {
      override name = "Invalid";
      socket = new (class Socket {
        #open = true;
        get open() {
          return this.#open;
        }
      })();
    }
    const email = new Invalid("is required");
    const thrown = Object.assign(new Invalid("validation failed"), { errors: { email, again: [email] } });
    const heap = new Heap();
    const safe = savableError(thrown, (value) => heap.canSave(value)) as typeof thrown;
    const back = copy(safe);
    expect([back.errors.email.name, back.errors.email.message]).toEqual(["Invalid", "is required"]);
    expect(back.errors.email).toBeInstanceOf(Error);
    expect(back.errors.again[0]).toBe(back.errors.email);
  });

  test("what is thrown is made savable: name, stack, code, cause and data stay", () => {
    class PaymentError extends RangeError {
      override name = "PaymentError";
      code = "card_declined";
      request = { socket: new (class Socket {})() };
      data = { attempt: 2 };
    }
    const inner = new PaymentError("inner");
    const thrown = Object.assign(new PaymentError("declined", { cause: inner }), { errors: [inner, "plain"] });
    const heap = new Heap();
    const safe = savableError(thrown, (value) => heap.canSave(value)) as PaymentError & { errors: unknown[] };
    const back = copy(safe);
    expect(back).toMatchObject({
      name: "PaymentError",
      message: "declined",
      code: "card_declined",
      data: { attempt: 2 },
    });
    expect(back.stack).toBe(thrown.stack);
    expect(back).toBeInstanceOf(RangeError);
    expect("request" in back).toBe(false);
    expect((back.cause as Error).message).toBe("inner");
    expect(back.errors).toEqual([back.cause, "plain"]);
    expect(savableError("text", (value) => heap.canSave(value))).toBe("text");
    const self = new PaymentError("cycle");
    self.cause = self;
    const around = savableError(self, (value) => heap.canSave(value)) as Error;
    expect(around.cause).toBe(around);
  });
});

describe("binary data", () => {
  test("views share their buffer", () => {
    const buffer = new ArrayBuffer(16);
    const value = {
      bytes: new Uint8Array(buffer, 4, 4),
      words: new Int16Array(buffer),
      view: new DataView(buffer, 8),
      buffer,
    };
    value.words.set([1, 2, 3, 4, 5, 6, 7, 8]);
    const back = copy(value);
    expect(back).toStrictEqual(value);
    back.words[2] = 0x0102;
    expect(back.bytes[0]).toBe(2);
    expect(back.view.buffer).toBe(back.buffer);
  });

  test.each([0, 1, 2, 3, 4, 12_287, 12_288, 12_289, 50_000])("%d bytes", (length) => {
    const bytes = Uint8Array.from({ length }, (_, i) => (i * 7 + (i >> 8)) & 255);
    expect(copy(bytes)).toEqual(bytes);
    expect(encodeValue(bytes)).toContain(Buffer.from(bytes).toString("base64"));
  });

  test("every element type", () => {
    const value = [
      new Float32Array([1.5, -0]),
      new Float64Array([Number.NaN]),
      new BigInt64Array([-1n]),
      new BigUint64Array([2n ** 64n - 1n]),
      new Uint8ClampedArray([255]),
      new Int8Array([-1]),
      new Uint16Array([65_535]),
      new Int32Array([-1]),
      new Uint32Array([1]),
    ];
    expect(copy(value)).toStrictEqual(value);
  });

  test("resizable buffers and views that follow them", () => {
    const buffer = new (ArrayBuffer as unknown as new (n: number, o: object) => ArrayBuffer)(4, { maxByteLength: 8 });
    const back = copy({ tracking: new Uint8Array(buffer), fixed: new Uint8Array(buffer, 0, 2) });
    (back.tracking.buffer as ArrayBuffer & { resize(n: number): void }).resize(8);
    expect([back.tracking.length, back.fixed.length]).toEqual([8, 2]);
  });

  test("pooled Buffers keep their bytes and overlaps, and nothing else of the pool", () => {
    const secret = Buffer.from("a secret of somebody else");
    const mine = Buffer.from("hello");
    const value = { mine, part: mine.subarray(1, 3) };
    const text = encodeValue(value);
    expect(text.length).toBeLessThan(500);
    expect(text).not.toContain(secret.toString("base64").slice(0, 8));
    const back = decodeValue(text) as typeof value;
    expect(Buffer.isBuffer(back.mine)).toBe(true);
    expect(back.mine.toString()).toBe("hello");
    back.part[0] = 120;
    expect(back.mine.toString()).toBe("hxllo");
  });
});

describe("platform values and pointers", () => {
  test("URL", () => {
    const back = copy({ at: new URL("https://a.example/b?c=d#e") });
    expect(back.at).toBeInstanceOf(URL);
    expect(back.at.href).toBe("https://a.example/b?c=d#e");
    expect(back.at.searchParams.get("c")).toBe("d");
  });

  test("WeakRef", () => {
    const target = { a: 1 };
    const back = copy({ target, ref: new WeakRef(target) });
    expect(back.ref.deref()).toBe(back.target);
  });
});

describe("codecs of users", () => {
  class Money {
    #amount: bigint;
    readonly currency: { code: string };
    constructor(amount: bigint, currency: { code: string }) {
      this.#amount = amount;
      this.currency = currency;
    }
    get amount() {
      return this.#amount;
    }
  }
  class Node {
    readonly children: Node[] = [];
    parent: Node | undefined;
  }
  const codecs = [
    codec(Money, {
      tag: "money",
      encode: (m) => ({ amount: m.amount, currency: m.currency }),
      decode: ({ amount, currency }) => new Money(amount, currency),
    }),
    codec(Node, {
      tag: "node",
      encode: (n) => [n.children, n.parent] as const,
      create: () => new Node(),
      fill(n, [children, parent]) {
        n.children.push(...children);
        n.parent = parent;
      },
    }),
  ];

  test("private state, identity, and complete data at decode", () => {
    const euro = { code: "EUR" };
    const value = { a: new Money(5n, euro), b: new Money(7n, euro), euro };
    const back = copy({ ...value, again: value.a }, { codecs });
    expect(back.a).toBeInstanceOf(Money);
    expect([back.a.amount, back.b.amount]).toEqual([5n, 7n]);
    expect(back.a.currency).toBe(back.euro);
    expect(back.again).toBe(back.a);
  });

  test("a cycle through instances", () => {
    const root = new Node();
    const leaf = new Node();
    root.children.push(leaf);
    leaf.parent = root;
    const back = copy(root, { codecs });
    expect(back.children[0]!.parent).toBe(back);
  });

  test("an instance that its own data leads back to is refused at the save, not at the load", () => {
    const euro: { code: string; first?: unknown } = { code: "EUR" };
    const money = new Money(1n, euro);
    const heap = new Heap({ codecs });
    const roots = { strong: { order: { list: [new Money(2n, euro), money], euro } } };
    heap.save("base", roots).saved();
    euro.first = new Map([["it", money]]);
    expect(() => heap.save("delta", roots)).toThrow(/PD4001: order.*create and fill/);
    euro.first = undefined;
    expect(heap.save("delta", roots).written).toBe(1);
  });

  test("a chain of instances as long as memory allows", () => {
    let at: { code: string; before?: Money } = { code: "0" };
    for (let i = 1; i < 20_000; i++) at = { code: String(i), before: new Money(BigInt(i), at) };
    const back = copy(at, { codecs });
    expect((back.before!.currency as typeof at).before!.amount).toBe(19_998n);
  });

  test("nothing changed: nothing written", () => {
    const heap = new Heap({ codecs });
    const roots = { strong: { money: new Money(1n, { code: "EUR" }) } };
    heap.save("base", roots).saved();
    expect(heap.save("delta", roots).written).toBe(0);
  });

  test("failures are coded", () => {
    class Odd {}
    const odd = (encode: () => unknown, decode: () => Odd) => ({
      codecs: [codec(Odd, { tag: "odd", encode, decode })],
    });
    const broken = odd(
      () => {
        throw new Error("boom");
      },
      () => new Odd(),
    );
    expect(() => encodeValue(new Odd(), broken)).toThrow(/PD4014.*odd.*encode.*boom/);
    expect(() =>
      copy(
        new Odd(),
        odd(
          () => 1,
          () => new Date() as Odd,
        ),
      ),
    ).toThrow(/PD4014.*decode/);
    expect(() =>
      decodeValue(
        encodeValue(
          new Odd(),
          odd(
            () => 1,
            () => new Odd(),
          ),
        ),
      ),
    ).toThrow(/PD4013.*c:odd/);
    class Sub extends Money {}
    expect(() => encodeValue(new Sub(1n, { code: "x" }), { codecs })).toThrow(/PD4001.*class Sub/);
  });
});

test("a class of the run over a built-in is saved with its prototype", () => {
  class Bag extends Map<string, number> {}
  class Problem extends Error {}
  class List extends Array<number> {}
  const names = new Map<unknown, string>([Bag, Problem, List].map((of) => [of.prototype, of.name]));
  // What the machine does: its classes are of a kind of their own, their prototypes are known by name.
  const options: HeapOptions = {
    kinds: [
      {
        tag: "class",
        test: (value): value is object => [Bag, Problem, List].includes(value as never),
        encode: () => null,
        create: () => Bag,
        fill() {},
      },
    ],
    references: {
      nameOf: (value) => names.get(value),
      resolve: (name) => [...names].find(([, one]) => one === name)![0],
    },
  };
  const value = { bag: new Bag([["a", 1]]), problem: new Problem("x"), list: List.of(1, 2) };
  const back = copy(value, options);
  expect(back.bag).toBeInstanceOf(Bag);
  expect([...back.bag]).toEqual([["a", 1]]);
  expect(back.problem).toBeInstanceOf(Problem);
  expect(back.list).toBeInstanceOf(List);
  expect([...back.list]).toEqual([1, 2]);
});

describe("refused, with a way out", () => {
  class Ordinary extends Map {}
  test.each([
    ["a proxy", new Proxy({}, {}), /Proxy/],
    ["a promise", Promise.resolve(), /promise of the platform/],
    ["a WeakMap", new WeakMap(), /weak collection/],
    ["a generator", (function* () {})(), /generator/],
    ["an iterator", [1].values(), /iterator/],
    ["shared memory", new SharedArrayBuffer(1), /shared memory/],
    ["a view on shared memory", new Uint8Array(new SharedArrayBuffer(1)), /shared memory/],
    ["a bound function", function f() {}.bind(null), /bound f/],
    ["an ordinary class over a built-in", new Ordinary(), /class Ordinary/],
    ["a platform object", new AbortController(), /AbortController/],
    [
      "a detached buffer",
      (() => {
        const b = new ArrayBuffer(1);
        structuredClone(b, { transfer: [b] });
        return b;
      })(),
      /detached|^$/,
    ],
  ])("%s", (name, value, message) => {
    const options = { isProxy: (one: object) => one === value && name === "a proxy" };
    if (name === "a detached buffer" && !("detached" in ArrayBuffer.prototype)) return;
    expect(() => encodeValue({ order: { it: value } }, options, "main")).toThrow(message);
    expect(() => encodeValue({ order: { it: value } }, options, "main")).toThrow(/PD4001: main\.order\.it/);
  });
});
