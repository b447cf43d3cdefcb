import { describe, it } from "vitest";
import { same } from "./differential.ts";

const cases: Record<string, Record<string, string>> = {
  operands: {
    "earlier operands are read first":
      "let a = 1; const set = () => { a = 10; return 0; }; log(a + await tick(set()) + a);",
    "a variable changed meanwhile":
      "let a = 1; const f = async () => { a = 5; await tick('f'); return 1; }; log(a + await f(), a);",
    arithmetic:
      "log(await tick(2) * await tick(3) - await tick(1), -(await tick(4)), !(await tick(0)), typeof await tick('s'), void await tick(1));",
    "precedence survives": "log((await tick(1) + 2) * 3, 2 ** (await tick(3)), (1, await tick(2)));",
    "comparison and in": "log(await tick(1) < 2, 'a' in await tick({ a: 1 }), await tick([]) instanceof Array);",
    comma: "const x = (seen(1), await tick(2), seen(3)); log(x);",
    delete: "const o = { a: 1, b: 2 }; log(delete o[await tick('a')], delete (await tick(o)).b, o);",
    "parentheses and assertions": "log((await tick(1)) as number, (await tick(2))!, (<any>await tick(3)));",
    "an exception of an earlier operand comes first":
      "try { log(seen(null).x, await tick(1)); } catch (e) { log(e.name); }",
    "getters in order":
      "const o = { get a() { log('a'); return 1; }, get b() { log('b'); return 2; } }; log(o.a + await tick(0) + o.b);",
    "this as operand": "const o = { n: 1, async m() { return this.n + await tick(2) + this.n; } }; log(await o.m());",
  },
  calls: {
    "arguments in order": "const f = (...a) => log('f', ...a); f(seen(1), await tick(2), seen(3), await tick(4));",
    "the function is read before":
      "let f = (x) => log('old', x); const g = () => { f = () => log('new'); return 1; }; f(await tick(g()));",
    "the method is read before":
      "const o = { m(x) { log('old', x, this === o); } }; const g = () => { o.m = () => log('new'); return 1; }; o.m(await tick(g()));",
    "receiver of a call": "(await tick({ m(x) { log(this.n, x); }, n: 1 })).m(seen(2));",
    "computed method": "const o = { a(x) { log(this === o, x); } }; o[await tick('a')](await tick(1));",
    "this of a captured function is undefined":
      "const f = function () { return this; }; const g = () => f; log(f() === undefined); await tick(1); log(f() === undefined, g()() === undefined);",
    "spread before an await":
      "const xs = [1, 2]; const f = (...a) => log(...a); f(...xs, await tick(xs.push(3)), ...xs);",
    "spread of an awaited value": "const f = (...a) => log(...a); f(0, ...await tick([1, 2]), 3);",
    "new":
      "class P { constructor(...a) { log('new', ...a); } } const C = await tick(P); log(new C(seen(1), await tick(2)) instanceof P, new (await tick(P))(3) instanceof P);",
    "not a function, after its arguments":
      "const o = {}; try { o.m(seen(1), await tick(2)); } catch (e) { log(e.name); }",
    "method of undefined, before its arguments": "let o; try { o.m(await tick(2)); } catch (e) { log(e.name); }",
    "an awaited callee": "(await tick((x) => log('called', x)))(await tick(1));",
    "async functions call each other":
      "const f = async (n) => n === 0 ? 'done' : await f(await tick(n - 1)); log(await f(3));",
    "Promise.all over a closure":
      "const xs = [1, 2, 3]; log(await Promise.all(xs.map(async (x) => await tick(x * 2))));",
    iife: "log(await (async () => { await tick(1); return 'iife'; })());",
    "call and apply":
      "const o = { n: 1 }; async function m(a) { return this.n + a + await tick(1); } log(await m.call(o, 2), await m.apply(o, [3]), await m.bind(o)(4));",
  },
  "short circuits": {
    "and, or, nullish":
      "log(await tick(0) && await tick(1), await tick(0) || await tick(2), await tick(null) ?? await tick(3), seen(1) && seen(2));",
    "no suspension in the other arm": "log(false && await tick(1), true || await tick(2), 0 ?? await tick(3));",
    "await on the left only": "log(await tick(1) && seen(2), await tick(0) || seen(3), await tick(null) ?? seen(4));",
    conditional:
      "for (const c of [true, false]) log(c ? await tick('a') : await tick('b'), (await tick(c)) ? 1 : 2, c ? 'x' : await tick('y'));",
    nested: "log((await tick(1) ? await tick(0) : 9) || (await tick(null) ?? await tick('n')));",
    "in a condition":
      "if (await tick(1) && await tick(0)) log('no'); else log('else'); while (await tick(false) || await tick(false)) log('never');",
    "optional chain":
      "const o = { a: { b: (x) => ({ c: x }) } }; const n = null; log(o?.a.b(await tick(1)).c, n?.a.b(await tick(2)).c, n?.[await tick(3)], o?.[await tick('a')]?.b(4)?.c);",
    "optional call":
      "const f = null, g = (x) => x, o = { m(x) { return [this === o, x]; } }; log(f?.(await tick(1)), g?.(await tick(2)), o.m?.(await tick(3)), o.none?.(await tick(4)), o?.m(await tick(5)));",
    "optional after await": "log((await tick(null))?.x.y, (await tick({ x: { y: 1 } }))?.x.y);",
    "delete in a chain":
      "const o = { a: 1 }, n = null; log(delete o?.[await tick('a')], o, delete n?.[await tick('a')]);",
    "optional chains with calls in the middle":
      "const m = (x) => ({ c: x, d() { return this.c; } }); const o = { m, async p(x) { return x; }, get g() { log('get'); return m; } }, n = null; log(o?.m(1).c, n?.m(log('never')).c, o.none?.(1).c, o?.m(2).d(), o?.m?.(3)?.d?.(), o?.['m'](7)!.c, o?.g(8).c, n?.m(1)!.c.d, delete o?.m(4).c, delete n?.m(4).c); log((o?.m(9).d)(), (n?.m(9)?.d)?.(), (o?.m)(5).c); log(await o?.p(5).then((x) => x + 1), await n?.p(5).then((x) => x + 1), await o.p?.(6).catch(() => 0), await o.none?.(6).catch(() => 0)); await tick(0);",
    "optional chains from this, super and private names":
      "class A { n = 2; m(x) { return { v: [this.n, x], self: this }; } } class B extends A { #f = (x) => ({ v: x }); none; r(x) { return [super.m?.(x).v, super.none?.(x).v, this.#f?.(x).v, this.none?.(x).v.w, (() => this?.m(x).self.m(3).v)()]; } } log(new B().r(await tick(1)));",
    "parentheses end a chain": "const n = null; try { log((n?.a).b(await tick(1))); } catch (e) { log(e.name); }",
    "awaited optional calls":
      "const o = { m: async (x) => x }, n = undefined; log(await o?.m(1), await n?.m(2), await o.none?.(3));",
  },
  assignment: {
    "old value is read first": "let x = 1; const set = () => { x = 10; return 1; }; x += await tick(set()); log(x);",
    "member and key once, before":
      "const o = { n: 1 }; const get = () => (log('o'), o); const key = () => (log('k'), 'n'); get()[key()] += await tick(2); log(o);",
    "target before value":
      "const o = {}; const get = () => (log('o'), o); get().x = await tick(1); get()[seen('y')] = await tick(2); log(o);",
    "await in the target":
      "const o = { a: 1 }; (await tick(o)).a = 2; o[await tick('b')] = seen(3); o[await tick('a')] += 1; o[await tick('a')]++; log(o, ++o[await tick('a')], (await tick(o)).b--, o);",
    logical:
      "let a = null, b = 1, c = 0; a ??= await tick('a'); b ??= await tick('b'); b &&= await tick('c'); c ||= await tick('d'); log(a, b, c);",
    "logical on members, getters once":
      "const o = { get x() { log('get'); return 0; }, set x(v) { log('set', v); } }; o.x ||= await tick(1); o.x &&= await tick(2); log(o.y ??= await tick(3));",
    "value of an assignment": "let a, b; log(a = await tick(1), (b = await tick(2)) + 1, a, b);",
    chained: "let a, b; a = b = await tick(1); log(a, b);",
    "const after its value":
      "const x = 1; try { (x as any) = await tick(2); } catch (e) { log(e.name, e.message); } log(x);",
    "const compound":
      "const x = 1; try { x += await tick(2); } catch (e) { log(e.name); } try { x++; } catch (e) { log(e.name); } const g = () => { x = 2; }; try { g(); } catch (e) { log(e.name); }",
    "const in a loop head": "try { for (const i = 0; i < 2; i++) await tick(i); } catch (e) { log(e.name); }",
  },
  literals: {
    "array with holes and spread":
      "const a = [seen(1), , ...[2, 3], await tick(4), ...await tick([5]), seen(6)]; log(a.length, a, 1 in a);",
    "a spread is iterated in its turn": "const xs = [1]; const a = [...xs, await tick(xs.push(2)), ...xs]; log(a);",
    "object in order":
      "const o = { a: seen(1), [seen('b')]: await tick(2), ...{ c: 3 }, d: seen(4), ...await tick({ e: 5 }), ['f' + await tick(6)]: 7 }; log(o);",
    "a key is converted before its value":
      "const k = { toString() { log('key'); return 'k'; } }; log({ [k]: await tick(1) });",
    "shorthand before an await":
      "let x = 1; const set = () => { x = 2; return 0; }; log({ x, y: await tick(set()), z: x });",
    "spread getters run in their turn":
      "const s = { get g() { log('g'); return 1; } }; log({ ...s, x: await tick(1) });",
    "methods and accessors":
      "let n = 1; const o = { async m() { return this.v + await tick(n); }, v: 2, get g() { return n; }, set g(x) { n = x; }, ['c' + 1]() { return n; } }; log(await o.m(), o.g); o.g = 5; log(n, o.c1(), Object.keys(o));",
    __proto__:
      "const p = { inherited: 1 }; const o = { __proto__: p, a: await tick(1) }; log(o.inherited, Object.keys(o));",
    template: "const o = { toString() { log('str'); return 'o'; } }; log(`${o}-${await tick(1)}-${o}`);",
    "template with a symbol throws in its turn":
      "try { log(`${Symbol('s') as any} ${await tick(1)}`); } catch (e) { log(e.name); }",
    "tagged template":
      "const tag = (s, ...v) => { log(s.raw.join('|'), ...v); return s; }; const f = async (x) => tag`a${x}b\\n${await tick(2)}c`; const a = await f(1), b = await f(2); log(a === b, Object.isFrozen(a));",
    "tagged by a member":
      "const o = { t(s, ...v) { log(this === o, s.length, ...v); } }; o.t`${seen(1)}${await tick(2)}`;",
    "regular expressions, bigint, null":
      "log(/a/g.test(await tick('a')), 1n + await tick(2n), null ?? await tick(undefined));",
  },
  destructuring: {
    object: "const { a, b: { c }, ...r } = await tick({ a: 1, b: { c: 2 }, d: 3, e: 4 }); log(a, c, r);",
    "awaited defaults": "const { a = await tick('da'), b = await tick('db') } = { b: 1 }; log(a, b);",
    "computed keys":
      "const { [await tick('x')]: a, [seen('y')]: b = await tick(2), ...r } = { x: 1, z: 3 }; log(a, b, r);",
    array: "const [a, , b = await tick('d'), ...r] = stream('s', [1, 2, undefined, 4, 5]); log(a, b, r);",
    "array closes": "const [a, b = await tick(2)] = stream('s', [1, undefined, 3]); log(a, b);",
    "array closes on a rejected default":
      "try { const [a = await fail('x')] = stream('s', [undefined]); } catch (e) { log(e.message); }",
    "an exhausted iterator is not closed": "const [a, b = await tick('d'), c] = stream('s', [1]); log(a, b, c);",
    "nested with awaits":
      "const { a: [x = await tick(1), { y = await tick(2) }] } = { a: [undefined, {}] }; log(x, y);",
    "assignment pattern":
      "let a, b; const o = {}; [a, o.x = await tick('d'), o[await tick('k')]] = [1, undefined, 3]; ({ a: b, ...o.r } = { a: await tick(5), q: 6 }); log(a, b, o);",
    "target reference before the value":
      "const o = {}; const get = () => (log('target'), o); [get().a = await tick('d')] = stream('s', []); log(o);",
    swap: "let a = await tick(1), b = await tick(2); [a, b] = [b, a]; log(a, b);",
    "null source": "try { const { a = await tick(1) } = await tick(null); } catch (e) { log(e.name); }",
    "value of a destructuring assignment": "let a; const o = { a: 1 }; log(({ a = await tick(2) } = o) === o, a);",
    "function names from defaults": "const { f = () => {}, g = async () => {} } = await tick({}); log(f.name, g.name);",
  },
};

for (const [group, snippets] of Object.entries(cases)) {
  describe(group, () => {
    it.each(Object.entries(snippets))("%s", async (_, snippet) => {
      await same(snippet);
    });
  });
}

describe("JSX", () => {
  it.each([
    [
      "awaited parts in order",
      "const Foo = 'foo'; log(<Foo a={seen(1)} {...{ b: 2 }} c={await tick(3)}>text {seen(4)} {await tick(5)}<b>{await tick(6)}</b></Foo>);",
    ],
    ["a component in a slot", "const Foo = await tick('foo'); await tick(1); log(<Foo x={1}><Foo/></Foo>);"],
  ])("%s", async (_, snippet) => {
    await same(snippet, "tsx");
  });
});
