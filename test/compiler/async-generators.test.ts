/** Async generators as machines, outside runs: what they observe, and when, is what native ones do. */
import { describe, expect, test } from "vitest";
import { same } from "./differential.ts";

/** Calls methods of a generator without waiting, and says when each answer came; a clock of ticks runs beside. */
const drive = `
const ask = (it: any, ...list: [string, unknown?][]): Promise<unknown> => Promise.all(list.map(([method, value], i) =>
  it[method](value).then(
    (result: any) => log(i, method, result),
    (error: any) => log(i, method, "rejected", error instanceof TypeError ? "TypeError" : error))));
const clock = async (n: number): Promise<void> => { for (let i = 0; i < n; i++) { log("tick", i); await null; } };
const timed = async (n: number, it: any, ...list: any[]): Promise<void> => { await Promise.all([ask(it, ...list), clock(n)]); };
`;
/**
 * V8 is not what ECMA-262 says in two corners, and so no oracle for them: since 12 the reason of a `return` that fails is sent on as a value (27.6.3.8 step 12), and since
 * 13 a sync iterator whose `next` throws is closed (27.1.6.2.1).
 */
const v8 = Number(process.versions.v8.split(".")[0]);
const generator = (body: string): string => `${drive}\nexport async function main() {\n${body}\n}`;

describe("an async generator", () => {
  test("answers its requests in order, however many wait", async () => {
    const log = await same(
      generator(`
      async function* g(n) { let sent; for (let i = 0; i < n; i++) { sent = yield await tick(i); log("sent", sent); } return "end"; }
      await timed(12, g(2), ["next", "lost"], ["next", "a"], ["next", "b"], ["next", "c"], ["return", "r"], ["throw", "t"]);
      await timed(12, g(5), ["next"], ["return", tick("r")], ["next"], ["throw", new Error("late")]);
      await timed(12, g(5), ["next"], ["throw", new Error("e")], ["next"]);
      await timed(6, g(1), ["return", Promise.reject(new Error("early"))], ["next"]);
      await timed(6, g(1), ["throw", new Error("before")], ["next"]);
      const done = g(0);
      await timed(6, done, ["next"], ["return", tick("v")], ["next"], ["throw", 1], ["return", Promise.reject(2)]);
    `),
    );
    expect(log).toContain('0 next {"value":0,"done":false}');
  });

  test("awaits what it yields and returns, and throws their rejections inside", async () => {
    await same(
      generator(`
      const rejected = (m) => { const p = Promise.reject(new Error(m)); p.catch(() => {}); return p; };
      async function* g() {
        try { yield rejected("yielded"); } catch (error) { log("caught", error); yield tick("mended"); }
        try { return rejected("returned"); } catch (error) { log("caught", error); }
        try { return tick("value"); } finally { log("finally"); yield "on the way"; }
      }
      await timed(24, g(), ["next"], ["next"], ["next"], ["next"]);
      async function* plain(x) { if (x) return; return undefined; }
      await timed(6, plain(true), ["next"]); await timed(6, plain(false), ["next"]);
      async function* at(v) { try { yield 1; } catch (error) { log("caught", error); } finally { log("finally"); await tick("f"); } }
      await timed(10, at(), ["next"], ["return", tick("r")], ["next"]);
      await timed(10, at(), ["next"], ["return", rejected("return()")], ["next"]);
      await timed(10, at(), ["next"], ["throw", rejected("as it is")], ["next"]);
      const broken = Promise.resolve(1); Object.defineProperty(broken, "constructor", { get() { throw new Error("constructor"); } });
      await timed(8, at(), ["return", broken], ["next"]);
      await timed(8, at(), ["next"], ["return", broken], ["next"]);
      async function* yields(v) { try { yield v; } catch (error) { log("caught", error); } }
      await timed(8, yields(broken), ["next"], ["next"]);
      await timed(8, yields({ then(f) { f("thenable"); } }), ["next"], ["next"]);
    `),
    );
  });

  test("a finally may override, yield and await on the way out", async () => {
    await same(
      generator(`
      async function* g() { for (const x of stream("s", [1, 2])) { try { yield x; } finally { log("f", x); await tick(x); if (x === 2) break; } } return "over"; }
      await timed(14, g(), ["next"], ["return", "r"], ["next"]);
      await timed(14, g(), ["next"], ["next"], ["return", "r"], ["next"]);
      async function* o() { try { yield 1; } finally { return tick("own"); } }
      await timed(8, o(), ["next"], ["return", "r"]); await timed(8, o(), ["next"], ["throw", "t"]);
      async function* l() { while (true) { try { yield 1; } finally { continue; } } }
      const it = l(); await timed(8, it, ["next"], ["return", "r"], ["throw", "t"]);
    `),
    );
  });

  test("its parameters are bound at the call", async () => {
    await same(
      generator(`
      async function* g({ a } = seen({ a: 1 }), [b] = [a + 1]) { log("began"); yield [a, b, arguments.length]; }
      const it = g(); log("called");
      await timed(3, it, ["next"]);
      try { g(null); } catch (error) { log(error); }
      log(g.length, g.name, Object.prototype.toString.call(it), it[Symbol.asyncIterator]() === it);
      log(it instanceof g, Object.getPrototypeOf(it) === g.prototype, Reflect.ownKeys(g.prototype).length);
      const P = Object.getPrototypeOf(g.prototype);
      log(Reflect.ownKeys(P).map(String), P[Symbol.toStringTag], P.constructor === Object.getPrototypeOf(g), P.next.length, P.return.name);
      log(Object.getPrototypeOf(P) === Object.getPrototypeOf(Object.getPrototypeOf((async function* () {}).prototype)));
      await timed(3, { next: P.next, throw: P.throw, return: P.return }, ["next"], ["throw"], ["return"]);
      g.prototype = null; log(Object.getPrototypeOf(g()) === P);
      try { new g(); } catch (error) { log(error); }
      class C { n = 2; async *items() { yield this.n; } static async *all() { yield new this().n; } async *#p() { yield 9; } p() { return this.#p(); } async *[Symbol.asyncIterator]() { yield "it"; } }
      class D extends C { async *items() { yield* super.items(); yield (await tick(super.items)).name; } }
      const d = new D();
      await timed(12, d.items(), ["next"], ["next"], ["next"]); await timed(5, D.all(), ["next"]); await timed(5, d.p(), ["next"]); await timed(5, d[Symbol.asyncIterator](), ["next"]);
      log(d.items() instanceof d.items, C.all.name);
      const o = { async *m(x) { yield [this === o, x]; } };
      await timed(4, o.m(1), ["next"]);
    `),
    );
  });

  test("may be asked while it runs", async () => {
    await same(
      generator(`
      let it; const asked = [];
      async function* g() { asked.push(it.next("inner")); log("asked"); const x = yield 1; log("x", x); yield 2; }
      it = g(); await timed(8, it, ["next"], ["next", "outer"]);
      for (const p of asked) log(await p);
    `),
    );
  });
});

describe("yield* in an async generator", () => {
  test("asks an async iterator, and answers what that says", async () => {
    await same(
      generator(`
      async function* inner(n) { try { for (let i = 0; i < n; i++) log("got", yield tick(i)); return "v"; } catch (error) { log("inner caught", error); return "mended"; } finally { log("inner over"); await tick("f"); } }
      async function* outer() { try { log("value", yield* inner(2)); yield "more"; } catch (error) { log("outer caught", error); } finally { log("outer over"); } }
      await timed(30, outer(), ["next"], ["next", "a"], ["next", "b"], ["next"], ["next"]);
      await timed(20, outer(), ["next"], ["throw", new Error("e")], ["next"]);
      await timed(20, outer(), ["next"], ["return", tick("r")], ["next"]);
    `),
    );
  });

  test.runIf(v8 < 12)("throws into an async iterator what it was to return and fails", async () => {
    await same(
      generator(`
      async function* inner() { try { log("got", yield 1); } catch (error) { log("inner caught", error); return "mended"; } finally { log("inner over"); await tick("f"); } }
      async function* outer() { try { log("value", yield* inner()); yield "more"; } catch (error) { log("outer caught", error); } finally { log("outer over"); } }
      const bad = () => { const p = Promise.reject(new Error("bad")); p.catch(() => {}); return p; };
      await timed(20, outer(), ["next"], ["return", bad()], ["next"]);
    `),
    );
  });

  test("asks a sync iterable through promises", async () => {
    await same(
      generator(`
      async function* g(source) { try { log("value", yield* source); } catch (error) { log("caught", error instanceof TypeError ? "TypeError" : error); } finally { log("over"); } }
      const it = { *[Symbol.iterator]() { try { log("got", yield tick(1)); yield 2; return tick("v"); } catch (error) { log("sync caught", error); yield "after"; } finally { log("sync over"); } } };
      await timed(20, g([tick("a"), "b"]), ["next"], ["next"], ["next"], ["next"]);
      await timed(20, g(it), ["next"], ["next", "x"], ["next"], ["next"]);
      await timed(20, g(it), ["next"], ["throw", new Error("e")], ["next"], ["next"]);
      await timed(20, g(it), ["next"], ["return", "r"], ["next"]);
      await timed(20, g([1, 2]), ["next"], ["return", "r"], ["next"]);
      await timed(20, g(stream("s", [1, 2])), ["next"], ["return", "r"], ["next"]);
      await timed(10, g(5), ["next"], ["next"]);
      await timed(10, g(null), ["next"], ["next"]);
    `),
    );
  });

  test("follows the protocol of an odd async iterator", async () => {
    await same(
      generator(`
      const make = (methods) => ({ [Symbol.asyncIterator]() { log("open"); return { ...methods }; } });
      async function* g(source) { try { log("value", yield* source); } catch (error) { log("caught", error instanceof TypeError ? "TypeError" : error); } finally { log("over"); } }
      const more = () => ({ done: false, value: tick("not awaited") });
      await timed(10, g(make({ next: (...a) => { log("next", a.length, a[0]); return { done: false, value: 1 }; } })), ["next", "lost"], ["next", 2]);
      await timed(12, g(make({ next: () => ({ done: false, value: 1 }) })), ["next"], ["throw", 1], ["next"]);
      await timed(12, g(make({ next: () => ({ done: false, value: 1 }) })), ["next"], ["return", tick("r")], ["next"]);
      await timed(12, g(make({ next: () => ({ done: false }), return: (...a) => { log("closing", a.length); return tick({}); } })), ["next"], ["throw", 1]);
      await timed(12, g(make({ next: () => ({ done: false }), return: () => 5 })), ["next"], ["throw", 1]);
      await timed(12, g(make({ next: () => ({ done: false }), return: () => fail("closing") })), ["next"], ["throw", 1]);
      await timed(12, g(make({ next: () => ({ done: false }), return: (v) => ({ done: true, value: tick(v) }) })), ["next"], ["return", 1], ["next"]);
      await timed(12, g(make({ next: () => ({ done: false }), return: (v) => ({ done: false, value: v }) })), ["next"], ["return", 1], ["return", 2]);
      await timed(12, g(make({ next: () => ({ done: false }), throw: (v) => tick({ done: true, value: v }) })), ["next"], ["throw", "t"], ["next"]);
      await timed(12, g(make({ next: () => tick(5) })), ["next"]);
      await timed(12, g(make({ next: () => fail("next") })), ["next"]);
      await timed(12, g(make({ next: () => ({ get done() { throw new Error("done"); } }) })), ["next"]);
      await timed(12, g(make({ next: () => ({ done: false, get value() { throw new Error("value"); } }) })), ["next"]);
      await timed(12, g(make({ get next() { log("next read"); return () => ({ done: true, value: tick("v") }); } })), ["next"], ["next"]);
      await timed(12, g({ [Symbol.asyncIterator]: () => 5 }), ["next"]);
      await timed(12, g({ [Symbol.asyncIterator]: 5 }), ["next"]);
      await timed(12, g({ [Symbol.asyncIterator]: null, [Symbol.iterator]: () => [tick(1)].values() }), ["next"], ["next"]);
    `),
    );
  });
});

describe("for await", () => {
  test("asks a promise for its constructor as often as the clauses say, over a sync iterator too", async () => {
    const log = await same(
      generator(`
      const watched = (value) => {
        const promise = Promise.resolve(value);
        Object.defineProperty(promise, "constructor", { get() { log("constructor", value); return Promise; } });
        return promise;
      };
      const loop = async () => {
        for await (const item of [watched(1), watched(2)]) log("item", item);
        for await (const item of (function* () { yield watched(3); })()) log("item", item);
      };
      await Promise.all([loop(), clock(12)]);
    `),
    );
    expect(log.filter((line) => line === "constructor 1")).toHaveLength(1);
  });

  test("iterates over async generators, arrays of promises and sync iterables", async () => {
    await same(
      generator(`
      async function* g(n) { try { for (let i = 0; i < n; i++) yield tick(i); return "ignored"; } finally { log("over"); await tick("f"); } }
      const loops = async () => {
        for await (const x of g(3)) log(x);
        for await (const [k, { v = await tick("default") }] of [tick(["a", { v: 1 }]), ["b", {}]]) log(k, v);
        for await (const x of new Map([[1, tick(2)]])) log(x.length);
        for await (const x of stream("s", [tick(1), 2, tick(3)])) { if (x === 2) continue; log("item", x); }
        let last; const o = {}; for await (last of [1, tick(2)]); for await (o.p of "ab"); log(last, o);
        for await (var hoisted of []) log("never"); log(hoisted);
      };
      await Promise.all([loops(), clock(40)]);
    `),
    );
  });

  test("awaits the closing when it is left, and lets errors win", async () => {
    await same(
      generator(`
      const feed = (close) => ({ n: 0, [Symbol.asyncIterator]() { log("open"); return this; }, async next() { return { done: false, value: this.n++ }; }, ...(close && { return: close }) });
      const leave = async (name, source, how) => {
        try {
          label: for (const once of [1]) {
            for await (const x of source) {
              log(name, x);
              if (how === "break") break;
              if (how === "outer") continue label;
              if (how === "return") return "returned";
              if (how === "throw") throw new Error("body");
              if (how === "finally") try { return tick("inner"); } finally { await tick("inner finally"); }
              if (x === 2) break;
            }
            log("after loop");
          }
          return "end";
        } catch (error) { return error instanceof TypeError ? "TypeError" : error; } finally { log("left"); }
      };
      for (const how of ["break", "outer", "return", "throw", "finally"]) {
        for (const [name, close] of Object.entries({
          none: undefined, null: null, awaits: () => tick({}), sync: () => ({}), noObject: () => tick(5), rejects: () => fail("close"),
          throws: () => { throw new Error("close"); }, noMethod: 5, own(...a) { log("args", a.length, this.n); return {}; },
        })) await Promise.all([leave(how + " " + name, feed(close), how).then((r) => log(r)), clock(9)]);
        await Promise.all([leave(how + " sync", stream("s", [tick(1), 2]), how).then((r) => log(r)), clock(12)]);
      }
    `),
    );
  });

  test("does not close what fails by itself", async () => {
    await same(
      generator(`
      const loop = async (source) => { try { for await (const x of source) log("item", x); return "end"; } catch (error) { return error instanceof TypeError ? "TypeError" : error; } };
      const make = (next) => ({ [Symbol.asyncIterator]: () => ({ next, return() { log("closed"); return {}; } }) });
      const results = {
        rejects: () => fail("next"), throws: () => { throw new Error("next"); }, noObject: () => tick(5), done: () => ({ get done() { throw new Error("done"); } }),
        value: () => ({ done: false, get value() { throw new Error("value"); } }), end: () => tick({ done: 1, get value() { log("not read"); return 1; } }), missing: undefined,
      };
      for (const next of Object.values(results)) await Promise.all([loop(make(next)).then((r) => log(r)), clock(6)]);
      for (const source of [5, null, undefined, {}, { [Symbol.asyncIterator]: 1 }, { [Symbol.asyncIterator]: () => 1 }]) log(await loop(source));
      async function* over() { for await (const x of [tick(1)]) { try { yield x; } finally { log("left", x); } } }
      await timed(12, over(), ["next"], ["return", 1], ["next"]); await timed(12, over(), ["next"], ["next"]);
      const fs = []; for await (const x of [1, tick(2)]) fs.push(() => x); log(fs.map((f) => f()));
      try { for await (const x of [x]) log(x); } catch (error) { log(error.name); }
    `),
    );
  });

  test.runIf(v8 < 13)("does not close a sync iterator that fails by itself", async () => {
    await same(
      generator(`
      try { for await (const x of stream("s", [1, new Error("sync next")])) log("item", x); } catch (error) { log(error); }
    `),
    );
  });
});
