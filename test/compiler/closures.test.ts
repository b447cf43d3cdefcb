import { describe, it } from "vitest";
import { same } from "./differential.ts";

const cases: Record<string, Record<string, string>> = {
  cells: {
    "shared and mutated":
      "let n = 0; const add = (x) => { n += x; }; const get = () => n; add(1); await tick(0); add(2); log(n, get());",
    "two closures and a nested one":
      "let n = 0; const f = () => () => ++n; const g = f(); g(); await tick(0); log(g(), f()(), n);",
    "captured parameter":
      "const f = async (a) => { const g = () => a++; g(); await tick(0); g(); return a; }; log(await f(1));",
    "captured parameter in a sync function":
      "const f = (a) => { const g = () => a++; g(); g(); return a; }; log(f(1)); await tick(0); const c = (a) => () => a; log(c(5)());",
    "captured catch parameter":
      "try { await fail('x'); } catch (e) { const g = () => e.message; await tick(0); log(g()); } try { throw 1; } catch (e) { log((() => e)()); }",
    "captured pattern":
      "const { a, b: [c] } = await tick({ a: 1, b: [2] }); const g = () => a + c; await tick(0); log(g());",
    "captured pattern in a sync function":
      "const f = (o) => { const { a, b } = o; let { c } = o; const g = () => a + c++; g(); return [g(), a, b, c]; }; log(f({ a: 1, b: 2, c: 3 })); await tick(0);",
    "captured var":
      "const g = () => v; log(g()); var v = await tick(1); log(g()); if (v) { var w = 2; } log((() => w)());",
    "captured var in a sync function":
      "const f = () => { const g = () => v; const before = g(); var v = 1, u = 2; for (var i = 0; i < 2; i++) v += i; return [before, g(), u, (() => i)()]; }; log(f()); await tick(0);",
    "shadowing across closures":
      "let x = 1; const f = () => { const g = () => x; { let x = 2; const h = () => x; return [g(), h(), x]; } }; await tick(0); x = 3; log(f());",
    "switch scope":
      "const f = (n) => { switch (n) { case 0: let x = 1; const g = () => x; return g(); default: try { return (() => x)(); } catch (e) { return e.name; } } }; log(f(0), f(1)); await tick(0);",
    "an update expression and a call":
      "let n = 1, f = (x) => x; const g = () => { n++; --n; n **= 2; return f(n); }; await tick(0); log(g(), n); f = null; try { g(); } catch (e) { log(e.name); }",
    "tagged and optional calls of a captured function":
      "const f = function (s) { return this === undefined; }; const g = () => [f`x`, f?.(1), f(1)]; await tick(0); log(g());",
    "shorthand of a captured variable":
      "let a = 1; const g = () => ({ a }); const h = () => { ({ a } = { a: 5 }); ({ a = 7 } = {}); }; await tick(0); h(); log(g());",
    "logical assignment of a captured variable":
      "let a = null; const g = () => { a ??= 4; a &&= a + 1; return a; }; await tick(0); log(g(), a);",
  },
  "per iteration": {
    "for, in a machine":
      "const fs = []; for (let i = 0; i < 3; i++) { fs.push(() => i); await tick(i); } log(fs.map((f) => f()));",
    "for, mutated in the body":
      "const fs = []; for (let i = 0; i < 3; i++) { fs.push(() => i); await tick(0); i += 0; fs.push(() => i++); } log(fs.map((f) => f()), fs.map((f) => f()));",
    "for, kept text":
      "await tick(0); const fs = []; for (let i = 0, n = 2; i < n; i++) fs.push(() => i); log(fs.map((f) => f()));",
    "for without update, kept":
      "await tick(0); const fs = []; for (let i = 0; i < 2;) { fs.push(() => i); i++; } log(fs.map((f) => f()));",
    "closures in the head":
      "const fs = []; for (let i = 0, f = () => i; i < 2; i++) { fs.push(f, () => i); await tick(0); } log(fs.map((f) => f()));",
    "closures in the head, kept":
      "await tick(0); const fs = []; for (let i = 0, f = () => i; i < 2; i++) fs.push(f, () => i); log(fs.map((f) => f()));",
    "closures in test and update":
      "const fs = []; for (let i = 0; fs.push(() => i), i < 2; fs.push(() => i), i++) await tick(0); log(fs.map((f) => f()));",
    "for-of":
      "const fs = []; for (const x of [1, 2]) { fs.push(() => x); await tick(x); } for (const x of [3, 4]) fs.push(() => x); log(fs.map((f) => f()));",
    "for-of with a pattern":
      "const fs = []; for (let [a, b] of [[1, 2], [3, 4]]) { fs.push(() => a++ + b); await tick(0); } for (const { a } of [{ a: 5 }]) fs.push(() => a); log(fs.map((f) => f()), fs.map((f) => f()));",
    "for-in":
      "const fs = []; for (const k in { a: 1, b: 2 }) { fs.push(() => k); await tick(0); } for (const k in { c: 1 }) { fs.push(() => k); } log(fs.map((f) => f()));",
    "block in a loop":
      "const fs = []; for (let i = 0; i < 2; i++) { const x = i * 10; let y = x; fs.push(() => y++); await tick(0); } log(fs.map((f) => f()), fs.map((f) => f()));",
    "continue copies too":
      "const fs = []; for (let i = 0; i < 3; i++) { fs.push(() => i); if (i === 1) continue; await tick(i); } log(fs.map((f) => f()));",
    "in a sync function":
      "const f = () => { const fs = []; for (let i = 0; i < 3; i++) { if (i === 1) continue; fs.push(() => i); } return fs.map((g) => g()); }; log(f()); await tick(0);",
    "module-level loops":
      "const fs = []; for (let i = 0; i < 2; i++) fs.push(() => i); export async function main() { await tick(0); log(fs.map((f) => f())); }",
  },
  "dead zone": {
    "read before": "try { x; } catch (e) { log(e.name, e.message); } let x = await tick(1); log(x);",
    "closure called before":
      "const g = () => x; try { g(); } catch (e) { log(e.name, e.message); } let x = await tick(1); log(g());",
    "write before": "try { x = 1; } catch (e) { log(e.name); } let x = await tick(2); log(x);",
    "typeof before": "try { typeof x; } catch (e) { log(e.name); } const x = await tick(1); log(x);",
    "own initializer":
      "try { let x = x + 1; } catch (e) { log(e.name); } await tick(1); try { const y = (() => y)(); } catch (e) { log(e.name); }",
    "in a loop, each time":
      "for (let i = 0; i < 2; i++) { try { x; } catch (e) { log(e.name); } const x = await tick(i); log(x); }",
    "shadowing an outer one":
      "const x = 1; { try { log(x); } catch (e) { log(e.name); } const x = await tick(2); log(x); }",
    "head of for-of":
      "const x = [1]; try { for (const x of x) await tick(x); } catch (e) { log(e.name); } try { for (const x of (() => x)()) log(x); } catch (e) { log(e.name); }",
    "closure kept by a head":
      "let g; for (const x of (g = () => x, [1])) await tick(x); try { g(); } catch (e) { log(e.name); } let h; for (const x of (h = () => x, [1])) log(x); try { h(); } catch (e) { log(e.name); }",
    class: "try { new C(); } catch (e) { log(e.name); } class C {} await tick(0); log(new C() instanceof C);",
    "function that uses a later const":
      "function f() { return x; } try { f(); } catch (e) { log(e.name); } const x = await tick(3); log(f());",
    parameters:
      "const f = async (a = b, b = 1) => { await tick(0); return a; }; try { await f(); } catch (e) { log(e.name); } log(await f(5));",
    "in a sync function":
      "const f = () => { const g = () => x; try { g(); } catch (e) { log(e.name); } let x = 1; return g(); }; log(f()); await tick(0);",
  },
  hoisting: {
    "called before": "log(f(1)); function f(n) { return n + 1; } await tick(0); log(f(2));",
    "mutual recursion":
      "log(even(4), odd(4)); function even(n) { return n === 0 || odd(n - 1); } function odd(n) { return n !== 0 && even(n - 1); } await tick(0); log(even(3));",
    "async and recursive":
      "log(await down(3)); async function down(n) { return n === 0 ? 'zero' : down(await tick(n - 1)); }",
    "in a block": "{ log(g()); function g() { return 'block'; } await tick(0); log(g()); } log(typeof g);",
    "in kept blocks and sync functions":
      "await tick(0); { log(g(2)); function g(n) { return n ? g(n - 1) : 'g'; } } const s = () => { return h(); function h() { return inner(); } function inner() { return 'h'; } }; log(s());",
    reassigned: "function f() { return 1; } f = () => 2; await tick(0); log(f());",
    "in a switch": "switch (await tick(0)) { case 0: function f() { return 'f'; } case 1: log(f()); }",
    "after return": "return f(await tick(1)); function f(n) { log('f', n); return n; }",
    "module functions":
      "export async function main() { log(await a(2)); } async function a(n) { return b(await tick(n)); } function b(n) { return n * 2; }",
  },
  "this, arguments, new.target": {
    "this in an async method": "const o = { n: 1, async m() { await tick(0); return this.n; } }; log(await o.m());",
    "this in arrows":
      "const o = { n: 1, async m() { const f = () => this.n; const g = async () => (await tick(0), this.n); this.n++; return [f(), await g(), (() => () => this.n)()()]; } }; log(await o.m());",
    arguments:
      "async function f(a) { await tick(0); const g = () => arguments[1]; return [arguments.length, arguments[0], g()]; } log(await f(1, 2, 3));",
    "arguments do not alias":
      "async function f(a) { a = 9; await tick(0); return [arguments[0], a]; } log(await f(1));",
    "arguments in a sync function's arrow": "function f() { return () => arguments[0]; } log(f(4)()); await tick(0);",
    "new.target":
      "function F() { this.t = new.target === F; const g = () => new.target; this.u = g() === F; } log(new F()); await tick(0); log((() => { try { return F.call({}); } catch (e) { return e.name; } })());",
    "no own this in functions":
      "const f = async function () { await tick(0); return this; }; log(await f(), await f.call(7));",
    "a variable named self":
      "const self = 1; const o = { n: 2, async m() { const self = 3; await tick(0); return [self, (() => this.n + self)()]; } }; log(self, await o.m());",
  },
  parameters: {
    "defaults in order, errors reject":
      "const f = async (a, b = seen(a + 1), c = seen(b)) => [a, b, c, await tick(0)]; log(await f(1)); const g = async (a = (() => { throw new Error('d'); })()) => a; try { await g(); } catch (e) { log(e.message); } let p; try { p = g(); } catch { log('sync'); } try { await p; } catch { log('async'); }",
    patterns:
      "const f = async ({ a, b: [c] = [2] }, ...r) => { await tick(0); return [a, c, r]; }; log(await f({ a: 1 }, 3, 4)); try { await f(null); } catch (e) { log(e.name); }",
    "lengths and names":
      "const f = async (a, b) => {}, g = async (a, b = 1, c) => {}, h = async (...r) => {}, i = async ({ a }, [b]) => {}; async function j(a) {} log(f, g, h, i, j, (async () => {}).name === '', (() => {}).length); await tick(0);",
    "closures in defaults":
      "const f = async (a, g = () => a, h = () => (a = 5)) => { h(); await tick(0); return [a, g()]; }; log(await f(1)); const s = (a, g = () => a++) => { g(); return [a, g.name, s.length]; }; log(s(1));",
    "default sees the outer variable":
      "let x = 'outer'; const f = async (a = x) => { let x = 'inner'; await tick(0); return [a, x]; }; log(await f());",
    "a default closure over the outer variable":
      "let x = 'outer'; const f = async (g = () => x) => { var x = 'inner'; await tick(0); return [g(), x]; }; log(await f());",
    "captured rest and pattern":
      "const f = async ({ a }, ...r) => { const g = () => [a, ...r]; await tick(0); return g(); }; log(await f({ a: 1 }, 2, 3));",
    "var named like a parameter":
      "const f = async (a) => { var a; log(a); var a = 2; await tick(0); return a; }; log(await f(1));",
    "bare arrow parameter": "const f = async x => x + await tick(1), g = x => () => x; log(await f(1), g(2)());",
    "this parameter":
      "async function f(this: any, a: number) { return this.n + a + await tick(0); } log(await f.call({ n: 1 }, 2), f.length);",
  },
  names: {
    inferred:
      "const a = () => {}, b = async () => {}, c = function () {}, d = class {}; let e; e = () => {}; const o = { f: () => {}, g() {}, async h() {}, 'i j': () => {}, [`k`]: 1 }; await tick(0); log(a.name, b.name, c.name, d.name, e.name, o.f.name, o.g.name, o.h.name, o['i j'].name);",
    "own name of an expression":
      "const f = function fact(n) { return n < 2 ? 1 : n * fact(n - 1); }; log(f(4), f.name); const g = async function down(n) { return n ? down(await tick(n - 1)) : down.name; }; log(await g(2));",
    "own name captured and assigned":
      "const f = function me() { const g = () => me; try { me = 1; } catch (e) { log(e.name); } return g() === f; }; log(f()); const h = async function me() { await tick(0); try { me = 1; } catch (e) { log(e.name); } return (() => me)() === h; }; log(await h());",
    "methods are no constructors":
      "const o = { m() {}, async a() {} }; for (const f of [o.m, o.a]) { try { new f(); } catch (e) { log(e.name); } } await tick(0);",
    "exported arrows and defaults":
      "export const f = async () => await tick('f'); export const g = (n) => () => n; export async function main() { log(await f(), f.name, g.name, g(1)()); }",
  },
};

for (const [group, snippets] of Object.entries(cases)) {
  describe(group, () => {
    it.each(Object.entries(snippets))("%s", async (_, snippet) => {
      await same(snippet);
    });
  });
}
