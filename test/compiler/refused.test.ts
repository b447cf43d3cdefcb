/** What the lowering itself refuses: with its code, at its place, and with no output at all. */
import { compile } from "@perdure/transformer/internal/compile";
import { describe, expect, it } from "vitest";

const refuse = (source: string) => {
  const { code, diagnostics } = compile(source, { fileName: "/app/a.ts", root: "/app" });
  expect(code).toBeNull();
  const errors = diagnostics.filter((one) => one.severity === "error");
  return errors.map((one) => `${one.code} ${one.line}:${one.column}`);
};

describe("refused while lowering", () => {
  it.each([
    [
      "super in an anonymous class",
      "export const C = class extends Object { async m() { await 0; return super.toString(); } };",
      "PD1101 2:41",
    ],
    [
      "super in an object literal",
      "export async function f() { return { m() { return super.toString(); } }; }",
      "PD1101 2:38",
    ],
    ["update of super", "export class C extends Object { async m() { await 0; super.x += 1; } }", "PD1102 2:54"],
    ["computed accessor", "export async function f(k) { return { get [k]() { return 1; } }; }", "PD1103 2:39"],
    [
      "private machine of a local class",
      "export async function f() { class C { #x = 1; async m() { return this.#x; } } return new C(); }",
      "PD1104 2:47",
    ],
    ["enum in a function", "export async function f() { enum E { A } await 0; return E.A; }", "PD1105 2:29"],
    ["constant in a pattern", "export async function f() { const x = 1; await 0; ({ x } = { x: 2 }); }", "PD1106 2:54"],
  ])("%s", (_, source, expected) => {
    expect(refuse(`"use durable";\n${source}\n`)).toEqual([expected]);
  });

  it("a durable function that shares variables of an ordinary one", () => {
    expect(refuse('export function outer(n) {\n  return async () => { "use durable"; return n; };\n}\n')).toEqual([
      "PD1107 2:10",
    ]);
  });
});
