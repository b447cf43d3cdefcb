import { describe, it } from "vitest";
import { same } from "./differential.ts";

/** Each is run natively and as a machine; the titles say what could go wrong. */
const cases: Record<string, Record<string, string>> = {
  "constants as targets": {
    "in a pattern":
      "const x = 1; await tick(0); try { ({ a: x = seen('default') } = { a: undefined }); } catch (e) { log(e); } log(x);",
    "in a pattern with an await":
      "const x = 1; let y = 0; try { [y, x = await tick(2)] = [1]; } catch (e) { log(e); } log(x, y);",
    "in the head of a loop":
      "const x = 1; const list = () => tick([2]); try { for (const y of await list()) [x] = [y]; } catch (e) { log(e); } log(x);",
    captured:
      "const x = 1; const f = () => { try { [x] = [2]; } catch (e) { log(e); } return x; }; await tick(0); log(f());",
    "in their dead zone":
      "const set = () => { x = seen(2); }; try { set(); } catch (e) { log(e.name); } await tick(0); const x = 1; try { set(); } catch (e) { log(e.name); } log(x);",
    "the name of a function expression":
      "const f = function g() { try { [g] = [1]; } catch (e) { log(e); } return typeof g; }; await tick(0); log(f());",
  },
  "straight line": {
    "values in order": "const a = await tick(1); const b = await tick(a + 1); log(a, b); return a + b;",
    "no await at all": "log(1); return 2;",
    "an empty body": "log(1);",
    "a rejection is thrown at the await": "log(1); await fail('x'); log(2);",
    "a throw before the first await rejects": "log(1); throw new Error('now');",
    "throw undefined": "await tick(1); throw undefined;",
    "let without a value is reset in a loop":
      "for (let i = 0; i < 2; i++) { let x; log(x); x = await tick(i); log(x); }",
    "var keeps its value": "for (let i = 0; i < 2; i++) { var x; log(x); x = await tick(i); } log(x);",
    "var is hoisted": "log(x); var x = await tick(1); log(x);",
    "shadowed names":
      "let x = 1; { let x = 2; await tick(x); log(x); { const x = await tick(3); log(x); } log(x); } log(x);",
    "a slot named like a field of the frame":
      "const pc = await tick(1), $ = await tick(2), f = 3, sent = 4; await tick(0); log(pc, $, f, sent);",
    "kept text without spaces":
      "const f=()=>{let x=1;return()=>x};const g=async n=>{if(n)return(await tick(n))+1;else return[await tick(2)];};log(f()(),await g(1),await g(0),typeof(await tick(3)),typeof(()=>1));for(const k of[await tick(1)]){const h=()=>k;log(h())}return(await tick(4));",
    "kept text without semicolons": "const g = (n) => log('g', n)\nawait tick(1)\nconst a = 1\ng(a)\nif (a) g(2)\ng(3)",
  },
  if: {
    "await in the condition": "if (await tick(true)) log('then'); else log('else');",
    "await in one arm":
      "for (const c of [true, false]) { if (c) { log('a'); await tick(1); log('b'); } else log('c'); }",
    "await in the other arm": "for (const c of [true, false]) { if (c) log('c'); else { await tick(1); log('d'); } }",
    "else if":
      "for (const n of [1, 2, 3]) { if (n === await tick(1)) log('one'); else if (n === await tick(2)) log('two'); else log('more'); }",
    "return from an arm": "if (await tick(true)) { return 'early'; } log('never');",
    "return from kept text": "await tick(1); if (seen(true)) { return 'early'; } log('never');",
  },
  loops: {
    for: "for (let i = 0; i < 3; i++) log(await tick(i));",
    "for with awaits in the head": "for (let i = await tick(0); i < await tick(2); i += await tick(1)) log(i);",
    "for without a condition": "let n = 0; for (;;) { if (n === 2) break; n = await tick(n + 1); } log(n);",
    "continue runs the update":
      "for (let i = 0; i < 4; i++) { if (i % 2) continue; await tick(i); if (i === 2) continue; log(i); }",
    while: "let n = 0; while (n < 2) { log(n); n = await tick(n + 1); }",
    "await in the condition of while": "let n = 0; while (await tick(n < 2)) { n++; if (n === 1) continue; log(n); }",
    do: "let n = 0; do { log(n); n++; } while (await tick(n < 3));",
    "continue in do tests the condition":
      "let n = 0; do { n++; if (n === 2) continue; log(await tick(n)); } while (n < 4);",
    labels:
      "outer: for (let i = 0; i < 3; i++) { for (let j = 0; j < 3; j++) { await tick(0); if (j === 1) continue outer; if (i === 2) break outer; log(i, j); } }",
    "a jump out of kept text":
      "for (let i = 0; i < 4; i++) { await tick(i); if (i === 1) continue; if (i === 3) { log('out'); break; } log(i); }",
    "a jump out of a kept loop":
      "outer: for (let i = 0; i < 3; i++) { await tick(i); for (const j of [1, 2]) { if (i === 1) continue outer; if (i === 2) break outer; log(i, j); } }",
    "a labelled block": "a: { log(1); if (await tick(true)) break a; log(2); } log(3);",
    "kept loops keep their own jumps":
      "await tick(0); for (let i = 0; i < 5; i++) { if (i === 1) continue; if (i === 3) break; log(i); }",
  },
  "for-of": {
    array: "for (const x of [1, 2]) log(await tick(x));",
    "await in the head": "for (const x of await tick([1, 2])) log(x);",
    "string, map and set":
      "for (const c of 'aé😀') log(await tick(c)); for (const [k, v] of new Map([[1, 2]])) log(await tick(k), v); for (const v of new Set([1, 1, 2])) log(await tick(v));",
    "array that grows": "const a = [1]; for (const x of a) { await tick(x); if (a.length < 3) a.push(x + 1); } log(a);",
    "break closes": "for (const x of stream('s', [1, 2])) { await tick(x); break; }",
    "return closes, after its value": "for (const x of stream('s', [1, 2])) { await tick(x); return seen('v'); }",
    "throw closes": "for (const x of stream('s', [1, 2])) { await tick(x); throw new Error('b'); }",
    "a rejection closes": "for (const x of stream('s', [1, 2])) await fail('r');",
    "continue does not close": "for (const x of stream('s', [1, 2])) { await tick(x); continue; }",
    "continue outer closes":
      "outer: for (const i of [1, 2]) for (const x of stream('s', [1])) { await tick(i); continue outer; }",
    "an error of next does not close": "for (const x of stream('s', [1, new Error('n')])) await tick(x);",
    "not iterable": "try { for (const x of 5) await tick(x); } catch (e) { log(e instanceof TypeError); }",
    "target is a member": "const o = {}; for (o.x of [1, 2]) { await tick(0); log(o.x); }",
    "pattern with default": "for (const { a, b = a * 2 } of [{ a: 1 }, { a: 2, b: 0 }]) { await tick(0); log(a, b); }",
    "an error in the pattern closes": "for (const { a } of stream('s', [null])) { await tick(0); log(a); }",
    "nested with a jump across both":
      "outer: for (const a of stream('a', [1, 2])) { for (const b of stream('b', [1])) { await tick(a); if (a === 1) continue outer; break outer; } }",
    "break in a finally inside":
      "for (const x of stream('s', [1, 2])) { try { await tick(x); throw new Error('lost'); } finally { break; } } log('done');",
    "var target": "for (var x of [1, 2]) await tick(x); log(x);",
  },
  "for-in": {
    "keys in order, inherited too":
      "const o = Object.create({ z: 1 }); o.b = 1; o.a = 2; o[1] = 3; for (const k in o) log(await tick(k));",
    "a deleted key is passed over":
      "const o = { a: 1, b: 2, c: 3 }; for (const k in o) { log(k); delete o.b; await tick(0); }",
    "of null": "for (const k in null) await tick(k); log('none');",
    jumps: "for (const k in { a: 1, b: 2, c: 3 }) { await tick(k); if (k === 'a') continue; log(k); break; }",
  },
  switch: {
    "await in the value":
      "switch (await tick(2)) { case 1: log(1); case 2: log(2); case 3: log(3); break; default: log('d'); }",
    "await in a clause, with fall through":
      "for (const n of [1, 2, 9]) switch (n) { case 1: log(await tick('a')); case 2: log('b'); break; default: log(await tick('d')); }",
    "await in the tests, only as needed":
      "switch (2) { case await tick(1): log('no'); case await tick(2): log('two'); break; case await tick(3): log('no'); }",
    "default in the middle":
      "for (const n of [1, 5]) switch (n) { default: log(await tick('d')); case 1: log('one'); break; case 2: log('two'); }",
    "one scope for all clauses":
      "switch (1) { case 0: let x = 1; case 1: try { log(x); } catch (e) { log(e.name, e.message); } x = await tick(2); log(x); }",
    "continue inside": "for (const n of [1, 2]) { switch (n) { case 1: await tick(1); continue; } log(n); }",
    "break keeps to the switch": "for (const n of [1, 2]) { switch (n) { case 1: await tick(1); break; } log(n); }",
  },
  try: {
    "catch an await": "try { await fail('x'); } catch (e) { log('caught', e.message); } log('after');",
    "return await is caught, return is not":
      "const f = async (how) => { try { if (how) return await fail('in'); return fail('out'); } catch (e) { return 'caught ' + e.message; } }; log(await f(true)); try { await f(false); } catch (e) { log('outside', e.message); }",
    "await in catch": "try { throw new Error('x'); } catch (e) { log(await tick('in'), e.message); }",
    "catch without a name": "try { await fail('x'); } catch { log(await tick('c')); }",
    "catch with a pattern":
      "try { await fail('x'); } catch ({ message, none = await tick('d') }) { log(message, none); }",
    "catch scope shadows": "const e = 1; try { await fail('x'); } catch (e) { await tick(0); log(e.message); } log(e);",
    "rethrow keeps identity":
      "const err = new Error('same'); try { try { await tick(0); throw err; } catch (e) { await tick(1); throw e; } } catch (e) { log(e === err); }",
    "finally after return": "try { return seen('r'); } finally { log(await tick('f')); }",
    "finally after throw": "try { await fail('x'); } finally { log(await tick('f')); }",
    "finally on the normal path": "try { log(await tick(1)); } finally { log(await tick(2)); } log(3);",
    "return in finally wins": "try { await fail('x'); } finally { await tick(0); return 'f'; }",
    "throw in finally wins": "try { return await tick('r'); } finally { await tick(0); throw new Error('f'); }",
    "break in finally wins over return":
      "for (;;) { try { return await tick(1); } finally { await tick(0); break; } } log('here');",
    "nested finally":
      "const f = async () => { try { try { return await tick(1); } finally { log(await tick('a')); try { await fail('z'); } catch { log('z'); } } } finally { log(await tick('b')); } }; log(await f());",
    "break across two":
      "for (const i of [1, 2]) { try { try { await tick(i); break; } finally { log('a'); } } finally { log(await tick('b')); } } log('end');",
    "continue to an outer label across finally":
      "outer: for (const i of [1, 2]) { for (;;) { try { await tick(i); continue outer; } finally { log(await tick('f')); } } } log('end');",
    "catch and finally":
      "try { await fail('x'); } catch (e) { log(await tick('c')); throw new Error('y'); } finally { log(await tick('f')); }",
    "a kept finally sees a jump out":
      "for (const i of [1, 2]) { await tick(i); try { if (i === 1) continue; return 'r'; } finally { log('f', i); } }",
    "a kept finally that throws after a jump":
      "try { for (const i of [1, 2]) { await tick(i); try { continue; } finally { throw new Error('k'); } } } catch (e) { log(e.message); await tick(9); }",
    "a kept finally that throws after a jump out of a region":
      "for (const x of [1]) { try { await tick(x); try { continue; } finally { throw new Error('k'); } } catch (e) { log('caught', e.message); } }",
    "throw in a loop in a try":
      "for (let i = 0; i < 3; i++) { try { if (i === 1) throw new Error('one'); log(await tick(i)); } catch (e) { log(e.message); } finally { log('f'); } }",
    "an error before the try is not its own":
      "try { const xs = await tick(null); for (const x of xs) { try { await tick(x); } finally { log('inner'); } } } catch (e) { log('outer', e.name); }",
  },
};

for (const [group, snippets] of Object.entries(cases)) {
  describe(group, () => {
    it.each(Object.entries(snippets))("%s", async (_, snippet) => {
      await same(snippet);
    });
  });
}
