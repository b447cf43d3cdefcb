/** What `include` says of packages: where they are, how their code is named, and how CommonJS gets at the runtime. */
import { durableFiles, packagesIn } from "@perdure/plugins/internal/core/files";
import { transform } from "@perdure/transformer";
import { expect, test } from "vitest";

test("a glob that begins with node_modules/ is of the package wherever it is installed", () => {
  const { included } = durableFiles(["node_modules/p-map/**", "node_modules/{@a/b,c}/lib/*.js"], "/work/app");
  for (const file of [
    "/work/app/node_modules/p-map/index.js",
    "/work/node_modules/p-map/index.js",
    "/work/app/node_modules/x/node_modules/p-map/a/b.mjs",
    "/work/node_modules/.pnpm/p-map@7.1.1/node_modules/p-map/index.js",
    "/work/node_modules/@a/b/lib/x.js",
    "/elsewhere/node_modules/c/lib/x.js",
  ])
    expect(included(file), file).toBe(true);
  for (const file of [
    "/work/node_modules/p-map/node_modules/other/index.js",
    "/work/p-map/index.js",
    "/work/node_modules/c/x.js",
  ])
    expect(included(file), file).toBe(false);
  expect(durableFiles("src/**", "/work/app").included("/elsewhere/src/a.ts")).toBe(false);
});

test("packages are named for hosts that leave them to Node", () => {
  const include = ["node_modules/{p-limit,yocto-queue}/**", "../../node_modules/@a/b/x.js", "src/**", /node_modules/];
  expect(packagesIn(include)).toEqual(["p-limit", "yocto-queue", "@a/b"]);
  expect(packagesIn(undefined)).toEqual([]);
});

const compiled = (text: string, fileName: string, options = {}) =>
  transform(text, { fileName, root: "/work/app/service", include: true, ...options });

test("code of a package above the root is named as if it were in it", () => {
  const named = (fileName: string) => compiled("export function f() {}", fileName).manifest!.module;
  expect(named("/work/app/node_modules/p-map/index.js")).toBe("node_modules/p-map/index.js");
  expect(named("/work/app/service/node_modules/p-map/index.js")).toBe("node_modules/p-map/index.js");
  expect(named("/elsewhere/node_modules/a/node_modules/b/index.js")).toBe("node_modules/a/node_modules/b/index.js");
  expect(named("/work/app/shared/a.js")).toBe("../shared/a.js");
});

test("a CommonJS file requires the runtime, in strict mode; where the host mixes them, it imports", () => {
  const text = 'const a = require("a");\nexports.f = async function () { await a(new Response("x")); };\n';
  const { code } = compiled(text, "/work/app/service/a.js");
  expect(code).toMatch(
    /^"use strict"; const \$ = require\("perdure\/emitted"\); const \$p = require\("perdure\/platform"\);/,
  );
  expect(code).not.toContain("import *");
  expect(compiled(text, "/work/app/service/a.js", { mixesModules: true }).code).toMatch(/^import \* as \$ from/);
  expect(compiled("export const f = async () => require('a')();", "/work/app/service/a.js").code).toMatch(/^import \*/);
  expect(compiled("async function f() {}", "/work/app/service/a.cjs").code).toMatch(
    /^"use strict"; const \$ = require/,
  );
});

test("what a CommonJS file exports has a name and may be started, as what a module exports", () => {
  const made = (text: string) => compiled(text, "/work/app/service/a.js").code!;
  const fn = "async function () { await f(); }";
  for (const target of ["exports.pay", "module.exports.pay", "module.exports", "module . exports"])
    expect(made(`${target} = ${fn};`), target).toMatch(/exports(\.pay)? = \$m\.define\(/);
  // Nobody finds these by a name: they are made again whenever what is around them runs.
  for (const text of [`if (x) exports.pay = ${fn};`, `function g() { exports.pay = ${fn}; }`, `other.pay = ${fn};`])
    expect(made(text), text).not.toContain("$m.define(pay");
});

test("the codes of a file that begins with an async function stand before its statements", () => {
  const { code } = compiled("async function f() {}\nexport const p = f();", "/work/app/service/a.js");
  expect(code).toMatch(/^import \* as \$ from "perdure\/emitted";\nconst \$m = /);
});

test("only files that use it import perdure/platform", () => {
  const imports = (text: string) => compiled(text, "/work/app/service/a.ts").code!.includes("perdure/platform");
  expect(imports("export async function f() { return new Response('x'); }")).toBe(true);
  expect(imports("export async function f() { return await (await fetch('x')).json(); }")).toBe(false);
  expect(
    imports("const r = new Response('x'); export async function f(a: Response): Promise<Blob> { return a.blob(); }"),
  ).toBe(false);
});
