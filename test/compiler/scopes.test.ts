import { parse } from "@perdure/transformer/internal/1-parse/parse";
import { loadTypeScript, TS } from "@perdure/transformer/internal/1-parse/typescript";
import { analyzeScopes } from "@perdure/transformer/internal/2-analyze/scopes";
import type { ts } from "@ts-morph/common";
import { describe, expect, it } from "vitest";

loadTypeScript();

/** Marks declarations and uses as `name@n`: the n-th identifier of that name; answers `use -> declaration`. */
function links(text: string, fileName = "/a.tsx") {
  const { sourceFile, tree, problems } = parse(fileName, text);
  expect(problems).toEqual([]);
  const scopes = analyzeScopes(tree);
  const counts = new Map<string, number>();
  const label = new Map<ts.Node, string>();
  const out: string[] = [];
  const visit = (node: ts.Node, act: (node: ts.Identifier) => void): void => {
    if (TS.isIdentifier(node)) act(node);
    TS.forEachChild(node, (child) => visit(child, act));
  };
  visit(sourceFile, (node) => {
    const n = (counts.get(node.text) ?? 0) + 1;
    counts.set(node.text, n);
    label.set(node, `${node.text}${n}`);
  });
  const captured = new Set<string>();
  visit(sourceFile, (node) => {
    const binding = scopes.resolve(node);
    if (!binding) return;
    if (binding.captured) captured.add(label.get(binding.declarations[0]!)!);
    if (!binding.declarations.includes(node)) out.push(`${label.get(node)}>${label.get(binding.declarations[0]!)}`);
  });
  return { links: out.join(" "), captured: [...captured].join(" ") };
}

describe("scopes", () => {
  it.each([
    ["shadowing by a block", "let x = 1; { let x = 2; x } x", "x3>x2 x4>x1"],
    ["var hoists out of blocks", "function f() { y; { var y = 1 } }", "y1>y2"],
    ["a default does not see the body", "let x; function f(a = x) { let x = 1; return x + a }", "x2>x1 x4>x3 a2>a1"],
    ["var named like a parameter is the parameter", "function f(a, b = 1) { var a = 2; return a }", "a3>a1"],
    ["function expression's own name", "const g = function f() { return f }; typeof f", "f2>f1"],
    ["class names inside and outside", "class C { m() { return C } } C", "C2>C1 C3>C1"],
    ["shorthand and destructuring assignment", "let a, b; ({ a, k: b = a } = { a })", "a2>a1 b2>b1 a3>a1 a4>a1"],
    ["property names are no references", "let a; const o = { a: 1 }; o.a; class K { a = 1 }", "o2>o1"],
    ["types are no references", "let T, x; const y: T = x as T; type U = typeof x", "x2>x1"],
    ["loop head", "let i; for (let i of i) { i }", "i3>i2 i4>i2"],
    ["catch", "let e; try {} catch (e) { e } e", "e3>e2 e4>e1"],
    ["labels", "let a; a: for (;;) { break a }", ""],
    ["JSX", "const Foo = 1; const a = <Foo b={Foo}><a/></Foo>", "Foo2>Foo1 Foo3>Foo1 Foo4>Foo1"],
    ["export specifiers", "const a = 1; export { a as b }", "a2>a1"],
    ["imports, type imports left out", 'import d, { x as y, type Z } from "m"; d; y; x', "d2>d1 y2>y1"],
    ["`this` parameter is no binding", "function f(this: Date, a) { return a }", "a2>a1"],
    ["meta properties", "let target; function f() { return new.target }", ""],
    ["enum members see each other", "enum E { A = 1, B = A }", "A2>A1"],
  ])("%s", (_, text, expected) => {
    expect(links(text).links).toBe(expected);
  });

  it.each([
    ["a closure", "function f() { let x = 1, y = 2; y; return () => x }", "x1"],
    ["module bindings never", "let x = 1; const f = () => x", ""],
    ["module-level blocks do", "{ let x = 1; const f = () => x }", "x1"],
    ["field initializers are functions", "function f(x) { return class { a = x; [x] = 1 } }", "x1"],
    ["only by a computed key: no", "function f(x) { return class { [x] = 1 } }", ""],
    ["a module's class by its own methods: no", "class C { m() { return () => C } }", ""],
    ["self-recursion of a nested function", "function f() { function g() { return g } }", "g1"],
    ["a default's closure", "function f(a, b = () => a) {}", "a1"],
  ])("captured: %s", (_, text, expected) => {
    expect(links(text).captured).toBe(expected);
  });
});
