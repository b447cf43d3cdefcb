/** What the text of a class shows: its tokens, and whether its instances keep their state in their own properties. */
import { hiddenStateOf, mayReturn } from "perdure/internal/codec/classes/ordinary-class";
import { tokensOf } from "perdure/internal/codec/classes/tokens";
import { describe, expect, test } from "vitest";

const texts = (source: string) => tokensOf(source)?.map(({ text }) => text);
const evaluate = (source: string): Function =>
  new Function("store", "Base", `return (${source})`)(new Map(), null) as Function;

describe("tokens", () => {
  test.each<[string, string[]]>([
    ["a/b/c", ["a", "/", "b", "/", "c"]],
    ['x = /[/]"/g.test(y)', ["x", "=", '/[/]"/g', ".", "test", "(", "y", ")"]],
    ["if (a) /b/.test(c)", ["if", "(", "a", ")", "/b/", ".", "test", "(", "c", ")"]],
    ["o.if (a) / b / c", ["o", ".", "if", "(", "a", ")", "/", "b", "/", "c"]],
    ["(a) / b", ["(", "a", ")", "/", "b"]],
    ["return /'/", ["return", "/'/"]],
    ["o.return / 2", ["o", ".", "return", "/", "2"]],
    ["`a${ {b: `c${d}`} }e` / 2", ["`a${", "{", "b", ":", "`c${", "d", "}`", "}", "}e`", "/", "2"]],
    ["'// no comment' // \"comment\"", ["'// no comment'"]],
    ["a /* this */ b", ["a", "b"]],
    ["this.#a ?? 1_000n", ["this", ".", "#a", "??", "1_000n"]],
    ["return ++this.#n - --i", ["return", "++", "this", ".", "#n", "-", "--", "i"]],
    ["a?.5:b?.c", ["a", "?", ".5", ":", "b", "?.", "c"]],
    ["0xfF.x(1.5e-3)", ["0xfF", ".", "x", "(", "1.5e-3", ")"]],
  ])("%s", (source, expected) => expect(texts(source)).toEqual(expected));

  test.each([
    "} /a/",
    "x++ / y",
    "x++ / keep(this) / y",
    "a <!-- b",
    "while (n --> 0);",
    "\\u0074his",
    "(]",
    "(",
    "`${",
    "'a",
    "of /x/",
  ])("no tokens where one cannot tell: %s", (source) => expect(tokensOf(source)).toBeUndefined());

  test("of the whole text of real classes", async () => {
    const [{ DateTime }, { ObjectId }, { Decimal }] = await Promise.all([
      import("luxon"),
      import("bson"),
      import("decimal.js"),
    ]);
    for (const of of [DateTime, ObjectId, Decimal]) {
      const text = Function.prototype.toString.call(of);
      const tokens = tokensOf(text)!;
      expect(tokens.filter(({ text: one }) => one === "{").length).toBeGreaterThan(20);
      // Nothing is left out but space and comments.
      let rest = text;
      for (const token of tokens) {
        rest = rest.replace(/^(?:\s|\/\*[\s\S]*?\*\/|\/\/.*)+/, "");
        expect(rest.slice(0, token.text.length)).toBe(token.text);
        rest = rest.slice(token.text.length);
      }
      expect(rest).toBe("");
    }
  });
});

describe("shown", () => {
  test.each([
    "class { constructor(a) { this.a = a; } plus(b) { return new this.constructor(this.a + b.a / 2); } }",
    "class { a = 1; static of(a) { return new this(a); } get double() { return this.a * 2; } }",
    "class { constructor(data) { Object.assign(this, data); Object.freeze(this); } }",
    "class { constructor(data) { this.a = 1\n Object.freeze(this) } }",
    "class { add(x) { this.x += x; return this; } }",
    "class { equals(other) { return other === this || this.a === other.a; } }",
    "class { toJSON() { return { ...this }; } text() { return JSON.stringify(this) + String(this); } }",
    "class { copy() { return Object.assign(Object.create(Object.getPrototypeOf(this)), this); } }",
    "class { set(items) { this.items = items.map((x) => this.parse(x)); } }",
    "class { static #made = 0; constructor(a) { this.a = a; } }",
    "class { static { this.kinds = []; } is(x) { return this instanceof Map; } }",
    "function Money(a) { if (!(this instanceof Money)) return new Money(a); this.a = a; }",
    "class { say() { return `${this.a} /* this) */ ${'registry.add(this)'}`; /* keep(this) */ } }",
    'class { quote(x) { return /"/.test(x) ? "(this)" : this.a; } }',
    "class extends (class { constructor() { this.base = 1; } }) { constructor() { super(); this.own = 2; } }",
    "class { accessor() { return this.constructor; } }",
  ])("%s", (source) => expect(hiddenStateOf(evaluate(source))).toBeUndefined());

  test("a prototype with a method of ordinary code that keeps to itself, and one of the language", () => {
    class Amount {
      value = 1;
    }
    Object.assign(Amount.prototype, {
      double(this: Amount) {
        return this.value * 2;
      },
      has: Object.prototype.hasOwnProperty,
    });
    expect(hiddenStateOf(Amount)).toBeUndefined();
  });
});

describe("not shown", () => {
  test.each([
    ["private", "class { #a = 1; }"],
    ["private", "class { #check() {} }"],
    ["private", "class { get #a() { return 1; } }"],
    ["private", "class { static async *x() {} async *#a() {} }"],
    ["private", "class { a = this.b; #c; }"],
    ["private", "class { static x() {} \n #a }"],
    ["private", "class extends (class { #a }) {}"],
    ["built-in", "class extends Map {}"],
    ["built-in", "class extends (class extends Array {}) {}"],
    ["built-in", "class extends URL {}"],
    ["unclear", "class { constructor(a) { store.set(this, a); } }"],
    ["unclear", 'class { constructor(a) { /"/.test(a); store.set(this, a); this.b = "x"; } }'],
    ["unclear", "class { constructor(a) { `${store.set(this, a)}`; } }"],
    ["unclear", "class { constructor() { const self = this; } }"],
    ["unclear", "class { constructor() { store.list = [this]; } }"],
    ["unclear", "class { constructor() { store.on(() => this.x++); } }"],
    ["unclear", "class { constructor() { store.on(() => { let a; this.x++ }); } }"],
    ["unclear", "class { keep() { store.me = { me: this }; } }"],
    ["unclear", "class { keep() { return store.tag`${this}`; } }"],
    ["unclear", "class { keep() { this`x`; } }"],
    ["unclear", "class { keep() { store.set(Object.freeze(this), 1); } }"],
    ["unclear", "class { keep() { return () => this; } }"],
    ["unclear", "class { keep() { throw this; } }"],
    ["unclear", "class { keep() { return store && this; } }"],
    ["unclear", "class { keep() { store.f.call(this); } }"],
    ["unclear", "class { keep() { Reflect.set(store, 'x', this); } }"],
    ["unclear", "class { keep() { Object.defineProperty(store, 'x', this); } }"],
    ["unclear", "class { keep() { eval('x'); } }"],
    ["unclear", "class { static known = new WeakMap(); }"],
    ["unclear", "class { keep() { } / 2 }"],
    ["unclear", "(() => {}).bind()"],
    ["unclear", "Math.max"],
    ["unclear", "new Proxy(class {}, {})"],
    ["unclear", "() => {}"],
    ["unclear", "function () { store.set(this, 1); }"],
    ["private", "class { static #a = 1; #b = 2; }"],
  ])("%s: %s", (why, source) => {
    let of: Function;
    try {
      of = evaluate(source);
    } catch (thrown) {
      // Not all of these are programs.
      expect(thrown).toBeInstanceOf(SyntaxError);
      return;
    }
    expect(hiddenStateOf(of)).toBe(why);
  });

  test("methods that were put on the prototype", () => {
    const store = new WeakMap<object, number>();
    class Amount {
      value = 1;
    }
    (Amount.prototype as { secret?: Function }).secret = function (this: Amount) {
      return store.get(this);
    };
    expect(hiddenStateOf(Amount)).toBe("unclear");
    class Bound {
      value = 1;
    }
    (Bound.prototype as { secret?: Function }).secret = store.get.bind(store);
    expect(hiddenStateOf(Bound)).toBe("unclear");
  });

  test("a class whose prototypes go another way than the class", () => {
    class Amount {
      value = 1;
    }
    const other = { other: 1 };
    Object.setPrototypeOf(Amount.prototype, other);
    expect(hiddenStateOf(Amount)).toBe("unclear");
  });
});

test("a constructor that returns nothing gives the object that it was called for", () => {
  class Base {
    constructor(early: boolean) {
      if (early) return;
    }
  }
  class Stamped extends Base {
    constructor() {
      super(true);
      if (new.target === Stamped) {
        return;
      }
    }
    other(): object {
      return {};
    }
  }
  class Other extends Base {
    constructor() {
      super(true);
      // biome-ignore lint/correctness/noConstructorReturn: what is asked about
      return Object(1);
    }
  }
  expect([Base, Stamped, Other].map(mayReturn)).toEqual([false, false, true]);
});
