import { describe, expect, test } from "vitest";
import { classify } from "./classified.ts";

/** The class that a call of `f` gets in each body, without types. */
const ofF = (body: string): { readonly class: string; readonly row: string } => {
  const { calls } = classify(`import { f, xs, c } from "./ordinary.ts"; ${body}`);
  // The innermost: `f(1).then(…)` starts with it too.
  return calls.filter((call) => call.text.startsWith("f(")).at(-1)!;
};
const classOfF = (body: string): string => ofF(body).class;

describe("promise position", () => {
  test.each([
    ["awaited", "async function g() { await f(1); }"],
    ["awaited in parentheses with an assertion", "async function g() { await (f(1) as Promise<number>); }"],
    ["a branch of an awaited conditional", "async function g() { await (c ? f(1) : null); }"],
    ["right of ??", "async function g() { await (c ?? f(1)); }"],
    ["right of &&", "async function g() { await (c && f(1)); }"],
    ["last of a comma expression", "async function g() { await (c, f(1)); }"],
    ["returned from an async function", "async function g() { return f(1); }"],
    ["body of an async arrow", "const g = async () => f(1);"],
    ["returned from an async method", "class A { async g() { return f(1); } }"],
    ["element of Promise.all", "async function g() { await Promise.all([f(1), 2]); }"],
    [
      "element of Promise.race that is not awaited",
      "async function g() { const r = Promise.race([f(1)]); return [r]; }",
    ],
    ["by globalThis", "async function g() { await globalThis.Promise.any([f(1)]); }"],
    ["spread element", "async function g() { await Promise.all([...xs.map((x) => f(x))]); }"],
    ["argument of Promise.resolve", "function g() { const p = Promise.resolve(f(1)); return p; }"],
    ["argument of resolve", "async function g() { await new Promise((resolve) => resolve(f(1))); }"],
    ["receiver of then", "async function g() { const p = f(1).then((x) => x); return [p]; }"],
    ["receiver of catch, optional", "function g() { f(1)?.catch(() => {}); }"],
    ["returned from a then callback", "function g(p: Promise<void>) { return p.then(() => f(1)); }"],
    ["callback of Promise.try", "function g() { return [Promise.try(() => f(1))]; }"],
    [
      "callback of a perdure function",
      'import { retry } from "perdure"; async function g() { await retry(() => f(1)); }',
    ],
    ["const awaited later", "async function g() { const p = f(1); c(); await p; }"],
    ["const awaited in a closure", "async function g() { const p = f(1); return async () => { await p; }; }"],
    ["let that nothing writes", "async function g() { let p = f(1); await p; }"],
    ["variable that is assigned later", "async function g() { let p; if (c) p = f(1); else p = c; await p; }"],
    ["element that is assigned", "async function g() { const ps = []; ps[0] = f(1); await Promise.all(ps); }"],
    [
      "function that perdure made",
      'import { limiter } from "perdure"; async function g() { const l = limiter(5); await l(() => f(1)); }',
    ],
    [
      "first argument of timeout",
      'import { timeout } from "perdure"; async function g() { await timeout(f(1), "5s"); }',
    ],
    ["const in a combinator", "async function g() { const p = f(1); await Promise.race([p, 1]); }"],
    ["array constant in a combinator", "async function g() { const ps = [f(1)]; await Promise.all(ps); }"],
    ["array constant, indexed", "async function g() { const ps = [f(1)]; await ps[0]; }"],
    ["pushed", "async function g() { const ps = []; for (const x of xs) ps.push(f(x)); await Promise.all(ps); }"],
    [
      "spread into a push",
      "async function g() { const ps = []; ps.push(...xs.map((x) => f(x))); await Promise.all(ps); }",
    ],
    ["array awaited in a loop", "async function g() { const ps = [f(1)]; for (const p of ps) await p; }"],
    ["map callback", "async function g() { await Promise.all(xs.map((x) => f(x))); }"],
    [
      "map callback with return",
      "async function g() { await Promise.all(xs.map((x) => { if (!x) return 1; return f(x); })); }",
    ],
    ["map of a const array", "async function g() { const ps = xs.map((x) => f(x)); await Promise.all(ps); }"],
    ["map, then filter", "async function g() { await Promise.all(xs.map((x) => f(x)).filter(Boolean)); }"],
    ["flatMap callback with an array", "async function g() { await Promise.all(xs.flatMap((x) => [f(x)])); }"],
    ["Array.from callback", "async function g() { await Promise.all(Array.from(xs, (x) => f(x))); }"],
    ["local function passed to map", "async function g() { const one = (x) => f(x); await Promise.all(xs.map(one)); }"],
    ["local function awaited", "async function g() { const one = (x) => f(x); await one(1); }"],
    ["module function awaited", "const one = (x) => f(x); export async function g() { await one(1); return one(2); }"],
    ["argument that is awaited", "const g = async (p) => await p; async function h() { g(f(1)); }"],
    [
      "argument that is raced",
      "async function g(p, q) { await Promise.race([p, q]); } async function h() { g(1, f(1)); }",
    ],
    [
      "const with a finally, in a set",
      "async function g() { const p = f(1); xs.add(p); p.finally(() => xs.delete(p)); }",
    ],
    [
      "const with a then, in a list and a map",
      "async function g() { const p = f(1); p.then(c); xs.push(p); c.set(1, p); }",
    ],
    ["const with a catch, in a field", "class A { g() { const p = f(1); this.p = p; p.catch(c); } }"],
    [
      "const with a catch, returned in an object",
      "const g = () => { const p = f(1); p.catch(c); return { p, q: p }; };",
    ],
    ["const with a catch, returned", "export const g = () => { const p = f(1); p.catch(c); return p; };"],
    ["const with a catch, compared", "async function g() { const p = f(1); p.catch(c); xs.filter((x) => x !== p); }"],
    [
      "argument that is tracked",
      "const t = (p) => { xs.add(p); p.finally(() => xs.delete(p)); return p; }; function g() { t(f(1)); }",
    ],
    ["argument of a method of this", "class A { async g() { this.t(f(1)); } t(p) { xs.add(p); p.catch(c); } }"],
    ["argument of a method of a base", "class B { t(p) { p.catch(c); } } class A extends B { g() { this.t(f(1)); } }"],
    [
      "argument of a method of an instance",
      "class A { async t(p) { await p; } } async function g() { const a = new A(); a.t(f(1)); }",
    ],
    [
      "argument of a method of a field",
      "class A { async t(p) { await p; } } class B { #a = new A(); a = new A(); g() { this.a.t(f(1)); } }",
    ],
    [
      "element that is assigned to a variable, too",
      "async function g() { let p; await Promise.all([(p = f(1))]); await p; }",
    ],
    ["reduce chain", "async function g() { await xs.reduce((p, x) => p.then(() => f(x)), Promise.resolve()); }"],
  ])("%s", (_, body) => {
    expect(classOfF(body)).toBe("call");
  });
});

describe("where the caller knows", () => {
  test.each([
    ["returned from a sync function", "export function g() { return f(1); }"],
    ["one of two results", "export const g = (x) => (x ? f(1) : 2);"],
    ["result of an or", "export const g = (x) => x || f(1);"],
    ["method of an object", "export const o = { g(x) { return f(x); } };"],
    ["method of a class", "export class A { g(x) { return f(x); } }"],
    ["arrow of a field", "export class A { g = (x) => f(x); }"],
    ["map that is not consumed", "async function g() { return xs.map((x) => f(x)); }"],
    ["filter callback", "async function g() { await Promise.all(xs.filter((x) => f(x))); }"],
    ["exported local function", "export const one = (x) => f(x); async function g() { await one(1); }"],
    ["local function with another use", "async function g() { const one = (x) => f(x); c(one); await one(1); }"],
  ])("%s", (_, body) => {
    expect(ofF(body)).toMatchObject({ class: "call", row: "tail" });
  });
});

describe("no promise position", () => {
  test.each([
    ["statement", "async function g() { f(1); }"],
    ["left of ??", "async function g() { await (f(1) ?? c); }"],
    ["left of &&", "async function g() { await (f(1) && c); }"],
    ["condition", "async function g() { await (f(1) ? c : c); }"],
    ["argument of a combinator itself", "async function g() { await Promise.all(f(1)); }"],
    ["member of the awaited value", "async function g() { await f(1).x; }"],
    ["const with another use", "async function g() { const p = f(1); c(p); await p; }"],
    ["const that is kept, and awaited", "async function g() { const p = f(1); xs.add(p); await p; }"],
    ["const that is tested, too", "async function g() { const p = f(1); if (p) p.catch(c); xs.add(p); }"],
    ["const that may have no methods", "async function g() { const p = f(1); p?.catch(c); xs.add(p); }"],
    ["const with another use of its own", "async function g() { const p = f(1); p.catch(c); c(p.x); }"],
    ["let with methods that is assigned later", "async function g() { let p = f(1); p.catch(c); xs.add(p); p = 2; }"],
    ["argument that is tested, too", "const t = (p) => { if (p) p.catch(c); }; function g() { t(f(1)); }"],
    [
      "element assigned to a variable with another use",
      "async function g() { let p; await Promise.all([(p = f(1))]); c(p); }",
    ],
    ["const without a use", "async function g() { const p = f(1); }"],
    ["let that is tested, too", "async function g() { let p; p = f(1); if (p) await p; }"],
    ["value of an assignment that is used", "async function g() { let p; c(p = f(1)); await p; }"],
    ["module variable", "let p; export async function g() { p = f(1); await p; }"],
    [
      "other argument of a perdure function",
      'import { sleep } from "perdure"; async function g() { await sleep(f(1)); }',
    ],
    ["const only copied", "async function g() { const p = f(1); const q = p; }"],
    ["array with another use", "async function g() { const ps = [f(1)]; c(ps); await Promise.all(ps); }"],
    ["array that escapes", "async function g() { const ps = []; ps.push(f(1)); return ps; }"],
    ["returned from an accessor", "class A { get a() { return f(1); } }"],
    ["returned from a private method", "class A { #a() { return f(1); } b() { return this.#a(); } }"],
    ["returned from a constructor", "class A { constructor() { return f(1); } }"],
    ["returned from a generator", "function* g() { return f(1); }"],
    ["returned from a function whose parameters call", "export const one = (x = c()) => f(x);"],
    ["returned from a function whose parameters call", "export const one = ({ x = g() }) => f(x);"],
    [
      "argument of a function that does more with it",
      "const g = async (p) => { c(p); await p; }; async function h() { g(f(1)); }",
    ],
    [
      "argument of a function that reads arguments",
      "async function g(p) { c(arguments); await p; } async function h() { g(f(1)); }",
    ],
    ["another argument", "const g = async (p, q) => { c(q); await p; }; async function h() { g(1, f(1)); }"],
    ["argument after a spread", "const g = async (p, q) => { await p; c(q); }; async function h() { g(...xs, f(1)); }"],
    ["shadowed Promise", "async function g(Promise) { const r = Promise.all([f(1)]); }"],
    ["argument of Promise.reject", "async function g() { return Promise.reject(f(1)); }"],
  ])("%s", (_, body) => {
    expect(["now", "callNow"]).toContain(classOfF(body));
  });
});
