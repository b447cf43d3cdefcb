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
      "super() in an arrow function",
      "export class C extends Object { constructor() { const make = () => super(); make(); } }",
      "PD1101 2:68",
    ],
    ["enum in a function", "export async function f() { enum E { A } await 0; return E.A; }", "PD1105 2:29"],
  ])("%s", (_, source, expected) => {
    expect(refuse(`"use durable";\n${source}\n`)).toEqual([expected]);
  });

  it("a durable method that needs an ordinary class of a function, or an ordinary literal", () => {
    expect(
      refuse('export function make() {\n  return class { #x = 1; async m() { "use durable"; return this.#x; } };\n}\n'),
    ).toEqual(["PD1107 2:26"]);
    expect(refuse('export const o = { async m() { "use durable"; return super.toString(); } };\n')).toEqual([
      "PD1101 1:20",
    ]);
  });

  it("a durable function that shares variables of an ordinary one", () => {
    expect(refuse('export function outer(n) {\n  return async () => { "use durable"; return n; };\n}\n')).toEqual([
      "PD1107 2:10",
    ]);
  });
});
