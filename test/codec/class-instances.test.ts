/** Instances of ordinary classes: by their own properties where the class shows that these are all, else by a codec. */
import { ObjectId } from "bson";
import dayjs from "dayjs";
import { Decimal } from "decimal.js";
import { DateTime } from "luxon";
import { codec } from "perdure";
import { Heap } from "perdure/internal/codec/heap";
import { type Codec, distinctCodecs } from "perdure/internal/codec/user-codec";
import { addReferences } from "perdure/internal/machine/references";
import { decodeValue, encodeValue, heapOptions } from "perdure/internal/machine/values";
import { beforeEach, describe, expect, test } from "vitest";

/** As durable code sees it: an import, by the name of the importing module. */
const link = (bindings: Record<string, unknown>) =>
  addReferences(
    "src/test.ts",
    Object.fromEntries(Object.entries(bindings).map(([name, value]) => [name, () => value])),
  );

const surroundings = (...codecs: Codec[]) => ({ provided: {}, codecs });
const copy = <T>(value: T, ...codecs: Codec[]): T =>
  decodeValue(encodeValue(value, surroundings(...codecs)), surroundings(...codecs)) as T;

let made = 0;

class Money {
  amount: number;
  currency: { code: string };
  constructor(amount: number, currency: { code: string }) {
    made++;
    this.amount = amount;
    this.currency = currency;
  }
  plus(other: Money): Money {
    return new Money(this.amount + other.amount, this.currency);
  }
  get text(): string {
    return `${this.amount} ${this.currency.code}`;
  }
}
class Price extends Money {
  net = true;
}

beforeEach(() => link({}));

describe("a class that shows its whole state", () => {
  beforeEach(() => link({ Money, Price }));

  test("its instances are saved by its name and their own properties, and no constructor runs", () => {
    const money = new Money(5, { code: "EUR" });
    const before = made;
    const back = copy(money);
    expect(made).toBe(before);
    expect(back).toBeInstanceOf(Money);
    expect(back.text).toBe("5 EUR");
    expect(back.plus(back).amount).toBe(10);
    expect(encodeValue(money)).toContain('"src/test.ts:Money.prototype"');
  });

  test("a subclass is saved as itself", () => {
    const back = copy(new Price(1, { code: "CHF" }));
    expect(back).toBeInstanceOf(Price);
    expect(back.net).toBe(true);
    expect(back.text).toBe("1 CHF");
  });

  test("identity, cycles, symbols, attributes, frozen", () => {
    const mark = Symbol.for("mark");
    const currency = { code: "EUR" };
    const money: any = new Money(1, currency);
    money.self = money;
    money[mark] = "symbol";
    Object.defineProperty(money, "hidden", { value: 7 });
    const frozen = Object.freeze(new Money(2, currency));
    const back: any = copy({ money, again: money, frozen, currency });
    expect(back.again).toBe(back.money);
    expect(back.money.self).toBe(back.money);
    expect(back.money[mark]).toBe("symbol");
    expect(Object.getOwnPropertyDescriptor(back.money, "hidden")).toEqual({
      value: 7,
      writable: false,
      enumerable: false,
      configurable: false,
    });
    expect(Object.isFrozen(back.frozen)).toBe(true);
    expect(back.frozen.currency).toBe(back.currency);
  });

  test("a function that only the instance holds has no name: refused, with its path", () => {
    const money: any = new Money(1, { code: "EUR" });
    money.format = () => "secret";
    expect(() => encodeValue(money)).toThrow(/PD4001: value\.format cannot be saved/);
  });

  test("an own accessor of ordinary code too", () => {
    const money = Object.defineProperty(new Money(1, { code: "EUR" }), "secret", { get: () => 1 });
    expect(() => encodeValue(money)).toThrow(/PD4001: value\.secret cannot be saved/);
  });

  test("gone when it is loaded: a coded error, mended by linking it again", () => {
    const text = encodeValue(new Money(1, { code: "EUR" }));
    link({});
    expect(() => decodeValue(text)).toThrow(/PD4012.*src\/test\.ts:Money/);
    link({ Money });
    expect(decodeValue(text)).toBeInstanceOf(Money);
  });

  test("one level below an import, and deeper for classes", () => {
    link({ shop: { Money }, lib: { inner: { Price } } });
    expect(copy(new Money(1, { code: "EUR" }))).toBeInstanceOf(Money);
    expect(copy(new Price(1, { code: "EUR" }))).toBeInstanceOf(Price);
  });

  test("a function as class", () => {
    function Point(this: { x: number }, x: number) {
      this.x = x;
    }
    Point.prototype.double = function (this: { x: number }) {
      return this.x * 2;
    };
    link({ Point });
    const back = copy(new (Point as any)(4));
    expect(back).toBeInstanceOf(Point);
    expect(back.double()).toBe(8);
  });
});

describe("never without hidden state", () => {
  class Secret {
    #word: string;
    constructor(word: string) {
      this.#word = word;
    }
    get word() {
      return this.#word;
    }
  }
  const words = new WeakMap<object, string>();
  class Weak {
    shown = 1;
    constructor(word: string) {
      words.set(this, word);
    }
    get word() {
      return words.get(this);
    }
  }
  class Registry extends Map<string, number> {}

  test.each<[string, object, RegExp]>([
    ["private fields", new Secret("a"), /has private fields.*codecs: \[codec\(Secret, \{ tag: "Secret", encode: /s],
    [
      "a WeakMap beside the class",
      new Weak("a"),
      /does not show.*codecs: \[codec\(Weak\) if its own properties are all of it/s,
    ],
    ["a subclass of it", new (class Sub extends Secret {})("a"), /private fields/],
    ["entries of a Map", new Registry([["a", 1]]), /extends a built-in/],
  ])("%s", (_, value, message) => {
    link({ Secret, Weak, Registry });
    expect(() => encodeValue(value)).toThrow(message);
  });

  test("a class that durable code does not import", () => {
    expect(() => encodeValue(new Money(1, { code: "EUR" }))).toThrow(
      /to which no import of durable code leads.*import the class in durable code, or export it/s,
    );
  });

  test("a prototype without a class, whose methods keep state elsewhere", () => {
    const store = new WeakMap<object, number>();
    const proto = {
      secret(this: object) {
        return store.get(this);
      },
    };
    link({ proto });
    expect(() => encodeValue(Object.create(proto))).toThrow(/PD4001/);
    const harmless = {
      double(this: { x: number }) {
        return this.x * 2;
      },
    };
    link({ harmless });
    expect((copy(Object.assign(Object.create(harmless), { x: 2 })) as any).double()).toBe(4);
  });

  test("codec(Class) refuses what it would lose", () => {
    expect(() => codec(Secret)).toThrow(/PD4015: codec\(Secret\).*private fields/);
    expect(() => codec(class extends Secret {}, { tag: "sub" })).toThrow(/PD4015/);
    expect(() => codec(Registry)).toThrow(/PD4015: codec\(Registry\).*extends Map/);
    expect(() => codec(class {})).toThrow("PD2516");
  });
});

describe("codec(Class)", () => {
  const log: unknown[] = [];
  class Kept {
    x: number;
    ownClass: unknown;
    constructor(x: number) {
      log.push(this);
      this.x = x;
      this.ownClass = Kept;
    }
  }
  class KeptError extends Error {
    status = 404;
  }
  const kept = codec(Kept);

  test("saves own properties, and the class itself under its tag", () => {
    const before = log.length;
    const value: any = new Kept(3);
    value.self = value;
    Object.freeze(value);
    const back = copy(value, kept);
    expect(log.length).toBe(before + 1);
    expect(back).toBeInstanceOf(Kept);
    expect(back).toMatchObject({ x: 3, ownClass: Kept });
    expect(back.self).toBe(back);
    expect(Object.isFrozen(back)).toBe(true);
  });

  test("with encode, exactly of that class", () => {
    class Sub extends Kept {}
    link({ Sub });
    const own = codec(Kept, { tag: "kept", encode: ({ x }: Kept) => ({ x }), decode: ({ x }) => new Kept(x) });
    expect(() => encodeValue(new Sub(1), surroundings(own))).toThrow(/PD4001.*ordinary class Sub/s);
    expect(copy(new Sub(1), own, codec(Sub))).toBeInstanceOf(Sub);
  });

  test("an error stays an error", () => {
    const back = copy(new KeptError("none"), codec(KeptError));
    expect(back).toBeInstanceOf(KeptError);
    expect(Object.prototype.toString.call(back)).toBe("[object Error]");
    expect(back).toMatchObject({ status: 404, message: "none" });
    expect(back.stack).toContain("none");
  });

  test("missing when it is loaded: a coded error that names it, mended by registering it", () => {
    const text = encodeValue(new Kept(1), surroundings(kept));
    expect(() => decodeValue(text)).toThrow(/PD401[23].*Kept/);
    expect(decodeValue(text, surroundings(kept))).toBeInstanceOf(Kept);
  });

  test("twice is once; one tag for two classes is an error", () => {
    expect(distinctCodecs([kept, codec(Kept), kept])).toEqual([kept]);
    const Other = { Kept: class Kept {} }.Kept;
    expect(() => distinctCodecs([kept, codec(Other)])).toThrow(/PD4016: two codecs have the tag Kept/);
    expect(distinctCodecs([kept, codec(Other, { tag: "other" })])).toHaveLength(2);
  });

  test("a codec that was replaced by one with another tag still reads what it wrote", () => {
    const text = encodeValue(new Kept(1), surroundings(kept));
    const newer = codec(Kept, { tag: "kept2", encode: ({ x }: Kept) => ({ x }), decode: ({ x }) => new Kept(x) });
    const back = decodeValue(text, surroundings(newer, kept));
    expect(back).toBeInstanceOf(Kept);
    expect(encodeValue(back, surroundings(newer, kept))).toContain("c:kept2");
  });
});

describe("codec(Base), of the classes that extend it", () => {
  const saved = new Set<unknown>();
  /** As models of ORMs are: the base hands itself to its library. */
  class Model {
    readonly id = 1;
    save() {
      saved.add(this);
      return this;
    }
  }
  class Photo extends Model {
    views = 0;
    see() {
      this.views++;
    }
  }
  class Portrait extends Photo {
    of = "Ann";
  }
  const model = codec(Model);

  test("a class that leaves its state in properties is saved by its name", () => {
    link({ Photo, Portrait });
    const portrait = new Portrait();
    portrait.see();
    const [back, photo] = copy([portrait, new Photo()] as const, model);
    expect(back).toBeInstanceOf(Portrait);
    expect(back).toMatchObject({ id: 1, views: 1, of: "Ann" });
    back.see();
    expect([back.views, portrait.views, photo.views]).toEqual([2, 1, 0]);
    expect(photo).toBeInstanceOf(Photo);
  });

  test("instances of the base itself are saved under its tag", () => {
    expect(encodeValue(new Model(), surroundings(model))).toContain("c:Model");
    expect(copy(new Model(), model)).toBeInstanceOf(Model);
  });

  test("what the library puts on the prototype is covered", () => {
    const tasks = new WeakMap<object, number>();
    class User extends Model {
      declare getTasks: () => number | undefined;
    }
    Object.assign(User.prototype, {
      getTasks(this: object) {
        return tasks.get(this);
      },
    });
    link({ User });
    expect(copy(new User(), model)).toBeInstanceOf(User);
  });

  class Secretive extends Model {
    #word = "secret";
    get word() {
      return this.#word;
    }
  }
  class Told extends Model {
    override save() {
      saved.add(this);
      return this;
    }
  }
  test.each<[string, object, RegExp]>([
    ["private fields", new Secretive(), /Secretive, which has private fields/],
    ["handing itself over", new Told(), /Told, whose text does not show.*codec\(Told\) if its own properties/s],
  ])("a class that may keep more is refused all the same: %s", (_, value, message) => {
    link({ Secretive, Told });
    expect(() => encodeValue(value, surroundings(model))).toThrow(message);
  });

  test("one that no import leads to is refused", () => {
    expect(() => encodeValue(new Photo(), surroundings(model))).toThrow(
      /Photo, to which no import of durable code leads/,
    );
  });

  test("without the codec, the message names the base class", () => {
    link({ Portrait });
    expect(() => encodeValue(new Portrait())).toThrow(
      /Portrait, whose base class Model does not show.*codec\(Model\) if own properties are all that it and what extends it have, else codec\(Portrait, \{/s,
    );
  });

  test("errors keep to their own rule", () => {
    class AppError extends Error {
      register() {
        saved.add(this);
      }
    }
    class Declined extends AppError {
      code = 3;
    }
    link({ Declined });
    const declined = new Declined("no");
    expect(encodeValue(declined, surroundings(codec(AppError)))).toBe(encodeValue(declined));
  });
});

describe("as arguments of steps", () => {
  class Cart {
    items: string[] = [];
    total = 0;
  }
  class Sale extends Cart {}
  const heapFor = (codecs: readonly Codec[]) => new Heap({ ...heapOptions({ provided: {} }), codecs });

  test.each([
    ["shown", []],
    ["by a codec", [codec(Cart)]],
  ])("%s: an attempt has its own copy, and what it changed is applied", (_, codecs) => {
    link(codecs.length === 0 ? { Cart } : {});
    const heap = heapFor(codecs);
    const cart = new Cart();
    const order = { cart };
    const copied = heap.snapshot([order]).open();
    const [inner] = copied.values as [{ cart: Cart }];
    expect(inner.cart).toBeInstanceOf(Cart);
    expect(inner.cart).not.toBe(cart);
    inner.cart.total = 5;
    inner.cart.items.push("a");
    expect(cart).toMatchObject({ items: [], total: 0 });
    const result = heap.apply(copied.changes([inner.cart]));
    expect(cart).toMatchObject({ items: ["a"], total: 5 });
    expect(result, "what it gives back is the run's own").toBe(cart);
  });

  test("changes of different properties of one instance do not meet", () => {
    link({ Cart });
    const heap = heapFor([]);
    const cart = Object.assign(new Cart(), { note: "" });
    const copies = [1, 2].map(() => heap.snapshot([cart]).open());
    const [first, second] = copies.map(({ values }) => values[0] as typeof cart);
    first!.total = 5;
    second!.note = "gift";
    Object.assign(second!, { added: [first!.total] });
    for (const copied of copies) heap.apply(copied.changes([]));
    expect(cart).toEqual(Object.assign(new Cart(), { total: 5, note: "gift", added: [5] }));
  });

  test("a count that two steps change alike is a conflict, a flag is none", () => {
    link({ Cart });
    const heap = heapFor([]);
    const cart = Object.assign(new Cart(), { isOpen: true });
    const copies = [1, 2].map(() => heap.snapshot([cart]).open());
    for (const { values } of copies) (values[0] as typeof cart).isOpen = false;
    for (const copied of copies) heap.apply(copied.changes([]));
    expect(cart.isOpen).toBe(false);
    const counting = [1, 2].map(() => heap.snapshot([cart]).open());
    for (const { values } of counting) (values[0] as Cart).total++;
    heap.apply(counting[0]!.changes([]));
    expect(() => heap.apply(counting[1]!.changes([]))).toThrow(/PD4020.*\.total/);
    expect(cart.total).toBe(1);
  });

  test.each<[string, (cart: Cart) => void]>([
    ["a prototype", (cart) => Object.setPrototypeOf(cart, Sale.prototype)],
    ["a property that stays", (cart) => Object.defineProperty(cart, "total", { value: 7, configurable: false })],
    ["what is frozen", (cart) => Object.freeze(cart)],
  ])("what is more than a value is changed with the whole instance: %s", (_, change) => {
    link({ Cart, Sale });
    const heap = heapFor([]);
    const cart = new Cart();
    const copied = heap.snapshot([cart]).open();
    cart.total = 3;
    change(copied.values[0] as Cart);
    expect(() => heap.apply(copied.changes([]))).toThrow(/PD4020/);
    expect([cart.total, Object.isFrozen(cart), Object.getPrototypeOf(cart)]).toEqual([3, false, Cart.prototype]);
  });

  test("changed by the run too: a conflict, and nothing is applied", () => {
    link({ Cart });
    const heap = heapFor([]);
    const cart = new Cart();
    const copied = heap.snapshot([cart]).open();
    (copied.values[0] as Cart).total = 5;
    cart.total = 7;
    expect(() => heap.apply(copied.changes([]))).toThrow(/PD4020/);
    expect(cart.total).toBe(7);
  });
});

test("an Effect, of whichever version: the message says to run it in a step", () => {
  for (const mark of [Symbol.for("effect/Effect"), "~effect/Effect"]) {
    class Work {
      readonly #run = () => 1;
      run() {
        return this.#run();
      }
    }
    Object.assign(Work.prototype, { [mark]: {} });
    expect(() => encodeValue(new Work())).toThrow(/it is an Effect/);
  }
});

test("those that stand in for Temporal: the message writes the codec", () => {
  const days = new WeakMap<object, string>();
  class PlainDate {
    constructor(text: string) {
      days.set(this, text);
    }
    static from(text: string) {
      return new PlainDate(text);
    }
    toString() {
      return days.get(this)!;
    }
  }
  Object.defineProperty(PlainDate.prototype, Symbol.toStringTag, { value: "Temporal.PlainDate" });
  link({ Temporal: { PlainDate } });
  const day = PlainDate.from("2026-01-31");
  const written =
    'codec(Temporal.PlainDate, { tag: "Temporal.PlainDate", encode: String, decode: (text) => Temporal.PlainDate.from(text) })';
  expect(() => encodeValue(day)).toThrow(`createEngine({ store, codecs: [${written}] })`);
  const back = copy(
    day,
    codec(PlainDate, { tag: "Temporal.PlainDate", encode: String, decode: (text) => PlainDate.from(text) }),
  );
  expect(back.toString()).toBe("2026-01-31");
});

test("well-known packages, with the line that the documentation gives for each", () => {
  link({ Decimal, dayjs, ObjectId, DateTime });
  const values = [
    new Decimal("1.5"),
    dayjs("2026-01-01T00:00:00Z"),
    new ObjectId("0123456789abcdef01234567"),
    DateTime.fromISO("2026-03-28T09:00:00", { zone: "Europe/Zurich" }),
  ] as const;
  for (const value of values) expect(() => encodeValue(value)).toThrow(/PD4001.*codecs: \[codec\(/s);
  const luxon = codec(DateTime, {
    tag: "luxon",
    encode: (date) => [date.toISO(), date.zoneName] as const,
    decode: ([iso, zone]) => DateTime.fromISO(iso!, { zone: zone! }),
  });
  const back = copy(values, codec(Decimal), codec(dayjs, { tag: "dayjs" }), codec(ObjectId), luxon);
  expect(back[0].plus(1).toString()).toBe("2.5");
  expect(back[1].add(1, "day").toISOString()).toBe("2026-01-02T00:00:00.000Z");
  expect(back[2].equals(values[2])).toBe(true);
  expect(back[3].plus({ days: 1 }).toISO()).toBe("2026-03-29T09:00:00.000+02:00");
});
