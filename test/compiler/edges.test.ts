import { describe, it } from "vitest";
import { same } from "./differential.ts";

const cases: Record<string, Record<string, string>> = {
  "returned and concise values": {
    "object from a concise body": "const f = async (x) => ({ a: await tick(x), b: x }); log(await f(1));",
    "assignment as a concise body": "let y; const f = async () => y = await tick(1); log(await f(), y);",
    "comma in return":
      "const f = async () => { return seen(1), await tick(2); }; const g = async () => { return (seen(3), seen(4)); }; log(await f(), await g());",
    "effect of an object literal":
      "({ a: await tick(1), b: seen(2) }); log('on'); [await tick(3)]; (function () {}, await tick(4));",
    "returned closure":
      "const f = async () => { let n = await tick(1); return () => n++; }; const g = await f(); log(g(), g());",
    "returned promise":
      "const f = async () => { return tick(1); }; const g = async () => tick(2); log(await f(), await g());",
    thenables: "const t = { then(r) { log('then'); r(7); } }; log(await t); const f = async () => t; log(await f());",
  },
  routes: {
    "continue from a finally in a loop":
      "for (let i = 0; i < 3; i++) { try { if (i === 1) throw new Error('x'); await tick(i); } catch { log('c'); continue; } finally { log('f', i); if (i === 0) continue; } log('end', i); }",
    "labelled continue out of switch in try":
      "outer: for (const i of [1, 2, 3]) { try { switch (i) { case 1: continue outer; case 2: await tick(2); break outer; default: log('never'); } } finally { log(await tick('f' + i)); } }",
    "return through three finallys with values":
      "const f = async () => { try { try { try { return seen('v'); } finally { await tick(1); } } finally { log('2'); } } finally { await tick(3); } }; log(await f());",
    "finally replaced twice":
      "const f = async () => { for (const x of [1, 2]) { try { try { throw new Error('a'); } finally { await tick(x); if (x === 1) continue; } } finally { if (x === 2) return 'r' + (await tick('z')); } } }; log(await f());",
    "throw out of catch through finally into catch":
      "try { try { await fail('a'); } catch (e) { await tick(1); throw new Error(e.message + 'b'); } finally { log('f'); } } catch (e) { log(e.message); }",
    "break out of a labelled block through finally":
      "a: { try { await tick(1); break a; } finally { log(await tick('f')); } log('never'); } log('after');",
    "for-of inside finally":
      "try { throw new Error('x'); } catch { log('c'); } finally { for (const x of [1, 2]) { if (await tick(x) === 2) break; } } log('d');",
    "try in a loop in a finally":
      "const f = async () => { try { return 1; } finally { for (let i = 0; i < 2; i++) { try { await fail('n' + i); } catch (e) { log(e.message); } } } }; log(await f());",
    "return in a kept loop through a lowered finally":
      "const f = async () => { try { await tick(0); for (const x of stream('s', [1, 2])) { if (x === 1) return x; } } finally { log(await tick('f')); } }; log(await f());",
    "close throws":
      "const it = { [Symbol.iterator]: () => ({ next: () => ({ done: false, value: 1 }), return() { throw new Error('close'); } }) }; try { for (const x of it) { await tick(x); break; } } catch (e) { log(e.message); } try { for (const x of it) { await tick(x); throw new Error('body'); } } catch (e) { log(e.message); } const f = async () => { for (const x of it) { await tick(x); return 'r'; } }; try { log(await f()); } catch (e) { log(e.message); }",
    "close awaited by finally inside":
      "for (const x of stream('s', [1, 2])) { try { await tick(x); break; } finally { log(await tick('f')); } }",
  },
  scopes: {
    "same name in sibling blocks":
      "{ const a = await tick(1); log(a); } { const a = await tick(2); const g = () => a; log(g()); } const a = 3; log(a, await tick(a));",
    "var in a kept block read after":
      "await tick(0); if (seen(true)) { var v = 5; } for (var i = 0; i < 2; i++) var last = i; log(v, i, last); await tick(1); log(v, i, last);",
    "for-in and for-of with var in kept text":
      "await tick(0); for (var k in { a: 1 }) log(k); for (var [x, y] of [[1, 2]]) log(x, y); await tick(1); log(k, x, y);",
    "destructuring var in kept text": "await tick(0); { var { a, b: [c] } = { a: 1, b: [2] }; } log(a, c);",
    "kept switch with closures":
      "await tick(0); const fs = []; for (const n of [0, 1]) switch (n) { case 0: { let x = n; fs.push(() => x); break; } default: let z = n; fs.push(() => z++); } log(fs.map((f) => f()));",
    "kept try with closures":
      "await tick(0); const fs = []; try { throw new Error('x'); } catch (e) { fs.push(() => e.message); } log(fs[0]());",
    "function in a kept loop":
      "await tick(0); const fs = []; for (const x of [1, 2]) { fs.push(g); function g() { return x; } } log(fs.map((f) => f()));",
    "parameter shadowed in a nested function":
      "const f = async (x) => { const g = (x) => () => x; await tick(0); return [g(5)(), x]; }; log(await f(1));",
    "deep captures":
      "const a = 1; const f = () => { const b = 2; return async () => { const c = await tick(3); return () => { const d = 4; return () => a + b + c + d; }; }; }; log((await f()())()());",
    "closure over the iterated variable and the outer one of the same name":
      "const x = 'o'; const fs = [() => x]; for (const x of ['i']) { fs.push(() => x); await tick(0); } log(fs.map((f) => f()));",
    "captured in default of a nested arrow":
      "let n = 1; const f = (a = n, b = () => a + n) => b(); n = 2; await tick(0); log(f(), f(5));",
    "compound assignment to captured, awaited":
      "let n = 1; const g = () => n; n += await tick(1); n ||= await tick(9); n++; log(g(), n--, n);",
    "captured object updated through await":
      "const o = { n: 1 }; const g = () => o; g().n += await tick(2); g()['n']++; log(o);",
    "unused and empty":
      "const f = async () => {}; const g = async (a, b) => { ; }; log(await f(), await g(1, 2)); {} ;; await tick(0);",
  },
  "many of one kind": {
    "awaits of one name": "log(await tick(1), await tick(2), await tick(3), await tick(await tick(4)));",
    fibers:
      "const out = []; const f = async (n) => { for (let i = 0; i < n; i++) { await tick(i); out.push(n + ':' + i); } return n; }; log(await Promise.all([f(1), f(3), f(2)]), out);",
    "recursion and closures":
      "const f = async (n) => n <= 0 ? [] : [...(await f(n - 1)), () => n]; log((await f(3)).map((g) => g()));",
    "race and any":
      "log(await Promise.race([tick(1), new Promise(() => {})]), await Promise.any([fail('a'), tick(2)]), (await Promise.allSettled([fail('b'), tick(3)])).map((r) => r.status));",
    "then, catch, finally":
      "log(await tick(1).then((x) => x + 1), await fail('x').catch((e) => e.message), await tick(2).finally(() => log('f')));",
    "new Promise":
      "log(await new Promise((resolve, reject) => { resolve(1); }), await new Promise((_, reject) => reject(new Error('r'))).catch((e) => e.message));",
    setTimeout:
      "log(await new Promise((r) => setTimeout(() => r('timer'), 1)), await new Promise((r) => setTimeout(r, 1, 'args')));",
  },
};

for (const [group, snippets] of Object.entries(cases)) {
  describe(group, () => {
    it.each(Object.entries(snippets))("%s", async (_, snippet) => {
      await same(snippet);
    });
  });
}
