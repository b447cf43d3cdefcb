/** Early errors are refused, and what looks like one is not: the code of each row stands in the body of an async function. */
import { transform } from "@perdure/transformer";
import { EARLY_ERRORS } from "@perdure/transformer/internal/2-analyze/early-errors";
import { expect, test } from "vitest";

interface Case {
  readonly refused: readonly string[];
  readonly allowed: readonly string[];
}

const CASES: Readonly<Record<string, Case>> = {
  "names that are declared twice": {
    refused: [
      "let x = 1; const x = 2;",
      "var x = 1; let x = 2;",
      "let x = 1; { var x = 2; }",
      "for (const x of xs) { var x = 2; }",
      "{ function x() {} function x() {} }",
      "switch (xs) { case 1: let x = 1; default: async function x() {} }",
      "try {} catch (x) { let x = 1; }",
      "try {} catch ({ x }) { var x = 1; }",
      "try {} catch ([x, x]) {}",
      "function f(x) { let x; }",
      "function f(x = 1) { const x = 2; }",
      "const f = ({ x }, x) => x;",
      "class x {} var x;",
      "class C { static { let x; var x; } }",
      "const [x, { x }] = xs;",
      "for (let [x, x] of xs) {}",
    ],
    allowed: [
      "var x = 1; var x = 2; function x() {} function x() {}",
      "let x = 1; { let x = 2; { let x = 3; } }",
      "function f(x) { var x; function x() {} }",
      "function f(x = 1) { var x = 2; }",
      "try {} catch (x) { var x = 1; }",
      "try {} catch (x) { { let x = 1; } }",
      "for (let x of xs) { let x = 1; }",
      "for (let x = 0; x < 1; x++) { const x = 2; }",
      "const f = function f() { const f = 1; };",
      "class C { m() { class C {} } }",
      "function f(x: number): void; function f(x: string): void; function f(x: any) {}",
      "interface I { a: 1 } interface I { b: 2 } type T = I; const T = 1;",
      "switch (xs) { case 1: { let x; } case 2: { let x; } }",
    ],
  },
  "assignments to what is no variable or property": {
    refused: [
      "f() = 1;",
      "this = 1;",
      "xs?.y = 1;",
      "++f();",
      "(() => 1) = 1;",
      "[f()] = xs;",
      "({ a: f() } = xs);",
      "[...xs, y] = xs;",
      "for (f() of xs) {}",
      "({ xs }) = 1;",
      "(xs + 1) += 2;",
    ],
    allowed: [
      "xs = 1; xs.y ??= 1; xs[0]++; (xs) = 1; (xs as any) = 1; xs! += 1;",
      "[xs.a, xs[1] = 2, [xs.b], ...xs.c] = xs;",
      "({ a: xs.a, b: { c: xs }, d: xs = 1, ...xs.e } = xs);",
      "for (xs.y of xs) {} for ([xs.a, xs.b] of xs) {}",
      "xs?.y.z; f(xs.y = 1);",
    ],
  },
  "a declaration as the body of an `if`, a loop or a label": {
    refused: [
      "if (xs) const x = 1;",
      "if (xs) {} else class C {}",
      "while (xs) let x = 1;",
      "for (;;) function g() {}",
      "l: const x = 1;",
    ],
    allowed: ["if (xs) var x = 1;", "while (xs) { const x = 1; }", "l: for (;;) break l;", "if (xs); else xs = 1;"],
  },
  "`break` and `continue` with nothing around them to end or go on with": {
    refused: [
      "break;",
      "continue;",
      "switch (xs) { case 1: continue; }",
      "for (const x of xs) f(() => { break; });",
      "l: { continue l; }",
      "for (;;) break l;",
      "l: {} break l;",
    ],
    allowed: [
      "switch (xs) { case 1: break; }",
      "l: { break l; }",
      "l: m: for (;;) { for (;;) continue l; }",
      "for (const x of xs) { switch (x) { default: continue; } }",
      "do { if (xs) break; } while (xs);",
    ],
  },
  "a label within itself": {
    refused: ["l: l: f();", "l: for (;;) { l: for (;;) break l; }"],
    allowed: ["l: f(); l: f();", "l: for (;;) { f(() => { l: for (;;) break l; }); break; }"],
  },
  "a `const` or a pattern without a value": {
    refused: ["const x;", "let [x];", "var { x };", "const x = 1, y;"],
    allowed: ["let x; var y;", "for (const x of xs) {}", "for (const { y } of xs) {}", "try {} catch ({ x }) {}"],
  },
  "a head of `for in` or `for of` that does not declare exactly one name or pattern, or gives it a value": {
    refused: [
      "for (const x = 1 of xs) {}",
      "for (let x, y of xs) {}",
      "for (var x = 1 in xs) {}",
      "for (let in xs) {}",
      "for await (const x = 1 of xs) {}",
    ],
    allowed: ["for (const [x = 1] of xs) {}", "for (var x in xs) {}", "for (let x = 1, y = 2; ; ) break;"],
  },
  "a rest element with a default, or that something follows": {
    refused: [
      "function f(...x = []) {}",
      "const f = async (...x, y) => 1;",
      "async function f(...x,) {}",
      "const [...x, y] = xs;",
      "const [...x = []] = xs;",
    ],
    allowed: ["function f(x, ...[y, z]) {}", "const [x, ...y] = xs;", "const { x, ...y } = xs;", "f(...xs, 1,);"],
  },
  '`"use strict"` in a function with defaults or patterns': {
    refused: [
      'function f(x = 1) { "use strict"; }',
      'const f = async ({ x }) => { "use strict"; };',
      'function f(...x) { "a"; "use strict"; }',
    ],
    allowed: ['function f(x) { "use strict"; }', 'function f(x = 1) { "a"; f("use strict"); "use strict"; }'],
  },
  "`await` and `yield` outside of the body of an async function or a generator": {
    refused: [
      "xs.forEach((x) => { await f(x); });",
      "function g() { for await (const x of xs) {} }",
      "async function g(x = await f()) {}",
      "const g = (x = await f()) => x;",
      "function* g(x = yield) {}",
      "function g() { yield 1; }",
      "class C { x = await f(); }",
      "class C { static { await f(); } }",
    ],
    allowed: [
      "xs.forEach(async (x) => { await f(x); });",
      "function* g() { yield* xs; }",
      "class C { [await f()] = 1; static async m() { await f(); } }",
      "class C extends (await f()) {}",
      "({ [await f()]() {}, async *m() { yield await f(); } });",
      "async function g(x = async () => await f()) {}",
    ],
  },
  "`await` as a name in an async function or a static block": {
    refused: [
      "let await = 1;",
      "async function g(await) {}",
      "const { await } = xs;",
      "class await {}",
      "f(async function await() {});",
      "class C { static { class await {} } }",
      "class C { static { ((x = await) => 0); } }",
    ],
    allowed: [
      "xs.await = 1;",
      "({ await: 1 });",
      "class C { await() {} }",
      "const { await: x } = xs;",
      "function* g() { let await = 1; }",
    ],
  },
  "`new.target` with an escape in it": {
    refused: ["function g() { return new.t\\u0061rget; }"],
    allowed: ["function g() { return new.target; }"],
  },
  "constructors that are async or generators": {
    refused: [
      "class C { async constructor() {} }",
      "class C { *constructor() {} }",
      'class C { async *"constructor"() {} }',
    ],
    allowed: ["({ async constructor() {} });", 'class C { async ["constructor"]() {} }'],
  },
  "a template that an optional chain tags": {
    refused: ["f?.`x`;", "xs?.f`x`;"],
    allowed: ["f`x`;", "(xs?.f)`x`;", "xs?.f;"],
  },
  "two `__proto__: …` in an object literal": {
    refused: ["f({ __proto__: xs, a: 1, __proto__: null });", 'f({ __proto__: xs, "__proto__": await f() });'],
    allowed: [
      "f({ __proto__: xs, ['__proto__']: 1 });",
      "f({ __proto__: xs, __proto__() {} });",
      "({ __proto__: xs.a, __proto__: xs.b } = xs);",
    ],
  },
  "a private name that no class around it declares": {
    refused: ["xs.#x;", "#x in xs;", "class C extends xs.#x { #x = 1; }", "class C { #x = 1; } xs.#x = 2;"],
    allowed: [
      "class C { #x = 1; m() { return () => #x in this && this.#x; } }",
      "class C { #m() {} static f(c) { c.#m(); } }",
    ],
  },
};

function codesIn(text: string): string[] {
  const source = `"use durable";\nimport { f } from "./f";\nexport async function main(xs: any) {\nawait f();\n${text}\n}`;
  return transform(source, { fileName: "/app/main.ts", root: "/app" })
    .diagnostics.filter(({ severity }) => severity === "error")
    .map(({ code }) => code);
}

test("every row has its cases", () => {
  expect(Object.keys(CASES)).toEqual(EARLY_ERRORS.map(({ construct }) => construct));
});

const each = (which: keyof Case): [string, string][] =>
  Object.entries(CASES).flatMap(([construct, cases]) =>
    cases[which].map((text): [string, string] => [text, construct]),
  );

test.each(each("refused"))("%s: %s", (text) => {
  expect(codesIn(text)).toContain("PD1012");
});

test.each(each("allowed"))("%s is no early error (%s)", (text) => {
  expect(codesIn(text)).toEqual([]);
});

test("what is declared for types alone is none", () => {
  const text = `"use durable";
declare const limit: number;
declare namespace settings { const retries: number; }
export declare function charge(amount: number): void;
export async function main() { return limit + settings.retries; }`;
  expect(transform(text, { fileName: "/app/main.ts", root: "/app" }).diagnostics).toEqual([]);
});

test("ordinary code of a durable file may have none either: its functions become other text", () => {
  const text = `"use durable";\n{ async function f() {} async function f() {} }\n`;
  const { code, diagnostics } = transform(text, { fileName: "/app/main.ts", root: "/app" });
  expect(code).toBe(null);
  expect(diagnostics).toMatchObject([{ code: "PD1012", line: 2 }]);
});
