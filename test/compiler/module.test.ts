/** The file around the machines: what is durable and what is not, names of codes, order of what is generated. */
import { transform } from "@perdure/transformer";
import { compile } from "@perdure/transformer/internal/compile";
import { transformSync } from "esbuild";
import { describe, expect, it } from "vitest";
import { same } from "./differential.ts";

const options = { fileName: "/app/src/orders.ts", root: "/app" };
const emit = (source: string, more = {}) => {
  const result = transform(source, { ...options, ...more });
  expect(result.diagnostics.filter((one) => one.severity === "error")).toEqual([]);
  if (result.code !== null) transformSync(result.code, { loader: "ts" });
  return result;
};

describe("what is durable", () => {
  it("is nothing without a directive", () => {
    expect(emit('export async function f() { await g("use durable"); }').code).toBeNull();
    expect(emit("export async function f() {}").code).toBeNull();
  });

  it("is not what is compiled already, whoever prints it again", () => {
    const { code } = emit('"use durable";\nexport async function f() { await 1; }');
    const minified = transformSync(code!, { loader: "ts", minify: true }).code;
    for (const text of [code!, minified, `"use durable";${minified}`])
      for (const include of [true, false]) expect(emit(text, { include }).code).toBeNull();
  });

  it("is the whole file by include", () => {
    expect(emit("export async function f() {}", { include: true }).code).toContain('$m.machine("f"');
  });

  it("is only the function that carries the directive, with what is inside it", () => {
    const { code } = emit(`
import { charge } from "./services.ts";
const plain = async (x: number) => { await charge(x); };
export async function pay(n: number) {
  "use durable";
  const f = () => n;
  await charge(f());
}
export async function other() { await plain(1); return () => 1; }
`);
    expect(code).toContain('$m.machine("pay"');
    expect(code).toContain('$m.code("pay/f"');
    expect(code).toContain("const plain = async (x: number) => { await charge(x); };");
    expect(code).toContain("export async function other() { await plain(1); return () => 1; }");
    expect(code).not.toContain('"other"');
    // Ordinary functions of the file are saved by name.
    expect(code).toContain("other: () => other");
  });

  it("runs functions that carry the directive, in every place", async () => {
    await same(`
const f = async (x) => { "use durable"; return await tick(x); };
class C { n = 2; async m() { "use durable"; return this.n + await tick(1); } async plain() { return await this.m(); } }
const o = { async m(x) { "use durable"; const g = () => x; await tick(0); return g(); } };
export async function main() { log(await f(1), await new C().plain(), await o.m(5), f.name); }
`);
  });
});

describe("the module", () => {
  it("keeps directives and shebang first, and comments with their statement", () => {
    const { code } = emit(
      '#!/usr/bin/env node\n"use durable"; // why\nimport { a } from "./a.ts";\nexport async function f() { await a(); }\n',
    );
    const lines = code!.split("\n");
    expect(lines[0]).toBe("#!/usr/bin/env node");
    expect(lines[1]).toBe('"use durable"; // why');
    expect(lines[2]).toBe('import * as $ from "perdure/emitted";');
  });

  it("refers to imports that are values, and to no others", () => {
    const { code } = emit(
      '"use durable";\nimport { a, T, b as c } from "./a.ts";\nimport type { U } from "./a.ts";\nexport { c };\nlet n: T = 1;\nexport async function f(u: U) { await a(n); }\n',
    );
    expect(code).toContain("$m.refs({ a: () => a, n: () => n });");
  });

  it("does not touch names that the file uses", () => {
    const { code } = emit(
      '"use durable";\nimport $, { f, sent } from "./a.ts";\nconst $m = 1, x$ = 2, self = 3;\nexport async function g(x: number) { const h = () => x; await f($, $m, x$, self, sent, h); }\n',
    );
    expect(code).toContain("import * as $$2 from");
    expect(code).toContain("switch (frame.pc)");
    expect(code).toContain("x$$");
  });

  it("gives codes the names of what encloses them", () => {
    const { manifest } = emit(`"use durable";
export async function settle() { const add = () => 1; [1].map((x) => x); [1].map((x) => x); return add; }
export class Order { async pay() { return () => 1; } static async make() {} }
export const later = async () => {};
export default async function () {}
`);
    expect(manifest!.codes.map((one) => `${one.kind} ${one.id.slice("src/orders.ts#".length)}`).sort()).toEqual([
      "class Order",
      "function Order.pay/return",
      "function settle/add",
      "function settle/map",
      "function settle/map$2",
      "machine Order.pay",
      "machine Order.static_make",
      "machine default",
      "machine later",
      "machine settle",
    ]);
  });

  it("stamps a default export without a name", async () => {
    const { code } = emit('"use durable";\nexport default async function () { return 1; }\n');
    expect(code).toContain('$m.define(default$function, "default");');
    await same(
      "export default async function () { await tick(1); return 2; } export async function main() { log(1); await tick(2); }",
    );
  });

  it("leaves overloads, types, enums and ambient declarations alone", async () => {
    await same(`
export async function over(a: string): Promise<string>;
export async function over(a: number): Promise<number>;
export async function over(a: any) { return await tick(a); }
enum Color { Red = 1, Green = Red + 1 }
declare const missing: string;
interface I { a: number }
abstract class A { abstract m(): void; m2(a: string): void; m2(a: any) { return a; } declare x: number; }
class B extends A { m() {} }
export async function main() { type Local = I; interface L2 { b: Local } log(await over("a"), Color.Green, new B().m2(1)); const c: Color = await tick(Color.Red); log(c); }
`);
  });

  it("is the same text every time, with other fingerprints only where code changed", () => {
    const source =
      '"use durable";\nexport async function a() { await b(); }\nexport async function b() { return 1; }\n';
    const before = compile(source, options).manifest!;
    const after = compile(
      source.replace("return 1", "/* two */ return  2").replace("await b()", "await  b(/* no change */)"),
      options,
    ).manifest!;
    const prints = (manifest: typeof before) =>
      Object.fromEntries(manifest.codes.map((one) => [one.id, one.fingerprint]));
    expect(prints(after)["src/orders.ts#a"]).toBe(prints(before)["src/orders.ts#a"]);
    expect(prints(after)["src/orders.ts#b"]).not.toBe(prints(before)["src/orders.ts#b"]);
  });

  it("keeps JavaScript JavaScript", () => {
    const source = '"use durable";\nexport class C { #a = 1; async m() { return (s => s)`x${await this.#a}`; } }\n';
    const { code } = transform(source, { fileName: "/app/a.js", root: "/app" });
    transformSync(code!, { loader: "js" });
  });

  it("reports syntax errors and compiles nothing", () => {
    const result = transform('"use durable";\nexport async function f( { }\n', options);
    expect(result.code).toBeNull();
    expect(result.diagnostics.map((one) => one.code)).toContain("PD1007");
  });
});
