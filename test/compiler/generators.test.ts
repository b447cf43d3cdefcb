/** Sync generators as machines: what they observe is what native ones do. */
import { describe, expect, test } from "vitest";
import { same } from "./differential.ts";

/** Drives a generator with a list of calls, and says what each gives or throws. */
const drive = `
function* calls(it: any, ...list: [string, unknown?][]) {
  for (const [method, value] of list) {
    try { yield [method, it[method](value)]; } catch (error) { yield [method, "threw " + (error instanceof TypeError ? "TypeError" : String(error))]; }
  }
}
const drive = (it: any, ...list: any[]): void => { for (const step of calls(it, ...list)) log(step); };
`;
const generator = (body: string): string => `${drive}\nexport async function main() {\n${body}\n}`;

describe("a sync generator", () => {
  test("yields values, takes what next is given, and returns", async () => {
    const log = await same(`
      function* g(a, b = a + 1) { const x = yield a; log("x", x); const y = yield b + x; log("y", y); return x + y; }
      const it = g(1);
      log(it.next("lost"), it.next(10), it.next(20), it.next());
      log(Object.prototype.toString.call(it), it[Symbol.iterator]() === it);
    `);
    expect(log).toContain("[object Generator] true");
    expect(log[2]).toMatch(/^\{"value":1,"done":false\} \{"value":12,"done":false\}/);
  });

  test("is iterated, spread and destructured, and closed when it is left", async () => {
    await same(
      generator(`
      function* numbers(name, n) { try { for (let i = 0; i < n; i++) yield i; } finally { log(name, "closed"); } }
      log([...numbers("spread", 3)], Math.max(...numbers("call", 4)));
      const [a, , b = 9, ...rest] = numbers("rest", 6);
      const [c] = numbers("first", 6);
      log(a, b, rest, c);
      for (const x of numbers("break", 5)) { if (x === 2) break; log(x); }
      try { for (const x of numbers("throw", 5)) throw new Error("out " + x); } catch (error) { log(error); }
      log(Array.from(numbers("from", 3), (x) => x * 2), new Map([...numbers("map", 2)].map((x) => [x, x])).size);
    `),
    );
  });

  test("holds its loops, regions and handlers across yields", async () => {
    await same(
      generator(`
      function* g() {
        let sum = 0;
        outer: for (const list of [[1, 2], [3, 4]]) {
          try {
            for (const x of list) {
              try { sum += (yield x) ?? 0; } catch (error) { log("caught", error); yield "after catch"; continue outer; }
            }
          } finally { log("finally", list, sum); yield "in finally"; }
        }
        return sum;
      }
      drive(g(), ["next"], ["next", 5], ["throw", new Error("a")], ["next"], ["next"], ["next", 7], ["next"], ["next"], ["next"]);
      drive(g(), ["next"], ["return", "early"], ["next"], ["next"]);
      drive(g(), ["next"], ["return", "early"], ["throw", "in finally"], ["next"]);
      drive(g(), ["next"], ["return", 1], ["return", 2], ["next"]);
    `),
    );
  });

  test("a finally may override what return or throw began", async () => {
    await same(
      generator(`
      function* returns() { try { yield 1; } finally { return "own"; } }
      function* breaks() { for (;;) { try { yield 1; } finally { break; } } yield 2; return 3; }
      function* throws() { try { try { yield 1; } finally { throw new Error("own"); } } catch (error) { yield String(error); } }
      function* nested() { try { try { yield 1; } finally { yield "inner"; log("inner over"); } } finally { yield "outer"; log("outer over"); } }
      drive(returns(), ["next"], ["return", "given"], ["next"]);
      drive(returns(), ["next"], ["throw", "given"], ["next"]);
      drive(breaks(), ["next"], ["return", "given"], ["next"], ["next"]);
      drive(throws(), ["next"], ["return", "given"], ["next"]);
      drive(nested(), ["next"], ["return", "given"], ["next"], ["next"], ["next"]);
      drive(nested(), ["next"], ["throw", "given"], ["next"], ["next"], ["next"]);
      drive(nested(), ["next"], ["return", "a"], ["return", "b"], ["throw", "c"], ["next"]);
    `),
    );
  });

  test("answers in every state, and refuses to be entered while it runs", async () => {
    await same(
      generator(`
      function* g() { log("began"); yield 1; }
      drive(g(), ["return", 5], ["next"], ["return", 6], ["throw", new Error("late")]);
      drive(g(), ["throw", new Error("early")], ["next"], ["throw", "again"]);
      drive(g(), ["next"], ["next"], ["throw", "late"], ["return", 3]);
      let it;
      function* running(method) { try { log(it[method](1)); } catch (error) { log(error); } yield "still"; }
      for (const method of ["next", "return", "throw"]) { it = running(method); drive(it, ["next"], ["next"]); }
      function* fails() { yield 1; throw new Error("own"); }
      drive(fails(), ["next"], ["next"], ["next"]);
    `),
    );
  });

  test("its parameters are bound at the call, and their errors thrown there", async () => {
    await same(
      generator(`
      function* g(a = seen("a"), { b } = seen({ b: 2 }), [c] = seen([3]), ...rest) { log(a, b, c, rest, arguments.length); yield a; }
      const it = g(undefined, undefined, undefined, 4, 5);
      log("called");
      drive(it, ["next"], ["next"]);
      try { g(null, null); } catch (error) { log(error); }
      function* late(a = missing) { yield a; }
      try { late(); log("not thrown"); } catch (error) { log(error); }
      function* shared(a, f = () => a++) { var a; f(); yield a; }
      drive(shared(1), ["next"]);
      log(g.length, late.length, shared.length, g.name);
    `),
    );
  });

  test("has the prototype that its function has when it is called", async () => {
    await same(
      generator(`
      function* g() {}
      const GeneratorPrototype = Object.getPrototypeOf(g.prototype);
      log(g() instanceof g, Object.getPrototypeOf(g()) === g.prototype, Reflect.ownKeys(g.prototype).length);
      log(Object.getPrototypeOf(g) === Object.getPrototypeOf(function* () {}), Object.getPrototypeOf(g)[Symbol.toStringTag]);
      log(JSON.stringify(Object.getOwnPropertyDescriptor(g, "prototype")), Object.hasOwn(g, "caller"));
      const first = g();
      g.prototype = { own: true };
      log(g().own, first.own, first instanceof g, Object.getPrototypeOf(g()) === g.prototype);
      g.prototype = null;
      log(Object.getPrototypeOf(g()) === GeneratorPrototype);
      try { new g(); } catch (error) { log(error); }
      log(Reflect.ownKeys(GeneratorPrototype).map(String), GeneratorPrototype.next.call.length);
      try { GeneratorPrototype.next.call({}); } catch (error) { log(error); }
      const many = [1, 2].map(() => function* () {});
      log(many[0].prototype === many[1].prototype, many[0]() instanceof many[1]);
    `),
    );
  });

  test("knows this, arguments, new.target, super and its closures", async () => {
    await same(`
      class Base { *items() { yield "base"; } get name() { return "b" + this.n; } }
      class List extends Base {
        n = 3; #hidden = 7; static made = 0;
        *items() { yield* super.items(); yield super.name; yield this.#hidden; for (let i = 0; i < this.n; i++) yield [i, arguments.length, new.target]; }
        *[Symbol.iterator]() { const each = () => this.n; yield each(); }
        static *all() { yield this.made; List.made++; yield this.made; }
        *#secret(x) { yield x; yield this.#hidden; }
        open() { return [...this.#secret(1)]; }
        *"quoted name"() { yield 1; } *5() { yield 5; }
      }
      const list = new List();
      log([...list.items(1, 2)], [...list], [...List.all()], list.open(), [...list["quoted name"]()], [...list[5]()]);
      log(list.items.name, list[Symbol.iterator].name, list.items() instanceof list.items, List.all.prototype === list.items.prototype);
      log(JSON.stringify(Object.getOwnPropertyDescriptor(List.prototype, "items")));
      try { new list.items(); } catch (error) { log(error); }
      const object = { *[ "a" + 1 ](x) { yield x; yield this.z; }, z: 26, *self() { yield super.toString === Object.prototype.toString; } };
      log([...object.a1(5)], object.a1.name, [...object.self()]);
      const fs = []; function* closures() { for (let i = 0; i < 3; i++) { fs.push(() => i++); yield i; } }
      log([...closures()], fs.map((f) => f()), fs.map((f) => f()));
      const factorial = function* fact(n) { if (n > 0) { yield n; yield* fact(n - 1); } };
      log([...factorial(4)], factorial.name);
    `);
  });

  test("yields anywhere in an expression, in order", async () => {
    await same(
      generator(`
      function* g() {
        const o = { a: 1, f(...x) { log("f", this === o, x); return x.length; } };
        log((yield 1) + (yield 2) * seen(3));
        log(o.f(yield "x", ...(yield "spread"), seen("y")));
        o[yield "key"] = yield "value";
        o.a += yield "plus";
        log(\`\${yield "t"}-\${yield "u"}\`, (yield "c") ? yield "then" : yield "else", (yield "n") ?? (yield "never"));
        const { k = yield "default", [yield "computed"]: v } = { z: yield "z" };
        log(k, v, [yield 1, , yield 2], typeof (yield), o);
        return (yield, yield "last");
      }
      const it = g(); let r = it.next(), n = 0;
      const answers = { spread: [7, 8], key: "dyn", computed: "z" };
      while (!r.done) { log("yielded", r.value); r = it.next(answers[r.value] ?? n++); }
      log("returned", r.value);
    `),
    );
  });

  test("closes the iterator of a pattern in which it is left", async () => {
    await same(
      generator(`
      function* g(source) { let a, b; try { [a = yield "a", b] = source; log(a, b); } finally { log("finally"); } return 1; }
      function* declares(source) { const [{ x = yield "x" }, y] = source; return [x, y]; }
      function* target(source, o) { for ([o[yield "target"]] of [source, source]) log("body", o); }
      for (const method of ["next", "throw", "return"]) {
        drive(g(stream("s", [undefined, 2, 3])), ["next"], [method, 4], ["next"]);
        drive(declares(stream("d", [{}, 2, 3])), ["next"], [method, 4], ["next"]);
        drive(target(stream("t", [5, 6]), {}), ["next"], [method, 4], ["next"], ["next"]);
      }
    `),
    );
  });
});

describe("yield*", () => {
  test("passes values, results and errors through", async () => {
    await same(
      generator(`
      function* inner() { try { const x = yield 1; log("inner got", x); yield 2; return "value"; } catch (error) { log("inner caught", error); return "mended"; } finally { log("inner finally"); } }
      function* outer() { try { const v = yield* inner(); log("outer got", v); yield v; } catch (error) { log("outer caught", error); } finally { log("outer finally"); } }
      drive(outer(), ["next"], ["next", "a"], ["next"], ["next"], ["next"]);
      drive(outer(), ["next"], ["throw", new Error("e")], ["next"]);
      drive(outer(), ["next"], ["return", "r"], ["next"]);
      function* builtins() { yield* [1, 2]; yield* "ab"; yield* new Map([[1, 2]]); yield* new Set(["s"]); yield* []; return yield* stream("x", [5]); }
      log([...builtins()]);
      function* no() { yield* 5; }
      drive(no(), ["next"], ["next"]);
      function* undef() { try { yield* undefined; } catch (error) { yield error; } }
      drive(undef(), ["next"], ["next"]);
    `),
    );
  });

  test("follows the protocol of an odd iterator", async () => {
    await same(
      generator(`
      const make = (methods) => ({ [Symbol.iterator]() { log("open"); return { ...methods }; } });
      function* g(source) { try { log("value", yield* source); } catch (error) { log("caught", error); } finally { log("finally"); } }
      const spy = Object.defineProperty({ done: false }, "value", { get() { log("value read"); return 1; } });
      const it = g(make({ next(x) { log("next", arguments.length, x); return spy; } }));
      const result = it.next("lost");
      log(result === spy); log(result.value);
      drive(it, ["next", 4], ["throw", "no throw"], ["next"]);
      drive(g(make({ next: () => ({ done: false }), return: () => { log("closing"); return {}; } })), ["next"], ["throw", 1]);
      drive(g(make({ next: () => ({ done: false }), return: () => 5 })), ["next"], ["throw", 1]);
      drive(g(make({ next: () => ({ done: false }), return: 5 })), ["next"], ["return", 1]);
      drive(g(make({ next: () => ({ done: false }), return: (v) => ({ done: true, value: [v, "closed"] }) })), ["next"], ["return", 1], ["next"]);
      drive(g(make({ next: () => ({ done: false }), return: () => ({ done: false, value: "again" }) })), ["next"], ["return", 1], ["return", 2]);
      drive(g(make({ next: () => ({ done: false }), throw: (v) => ({ done: true, value: v }) })), ["next"], ["throw", "t"], ["next"]);
      drive(g(make({ next: () => ({ done: false }), throw: (v) => { throw new Error("inner " + v); } })), ["next"], ["throw", "t"], ["next"]);
      drive(g(make({ next: () => 5 })), ["next"]);
      drive(g(make({ next: () => ({ get done() { throw new Error("done"); } }) })), ["next"]);
      drive(g(make({ next: () => ({ done: true, get value() { throw new Error("value"); } }) })), ["next"]);
      let n = 0;
      const counted = make({ next: () => ({ get done() { log("done read"); return n++ > 1; }, value: n }) });
      drive(g(counted), ["next"], ["next"], ["next"]);
      drive(g({ [Symbol.iterator]: () => 5 }), ["next"]);
      drive(g(make({})), ["next"]);
    `),
    );
  });
});
