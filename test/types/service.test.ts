import { mkdirSync, mkdtempSync, rmSync, symlinkSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { parse } from "@perdure/transformer/internal/1-parse/parse";
import { loadTypeScript } from "@perdure/transformer/internal/1-parse/typescript";
import type { TypeSource } from "@perdure/transformer/internal/options";
import type { FileTypes } from "@perdure/transformer/internal/types/questions";
import { createTypeSource } from "@perdure/transformer/internal/types/service";
import type { ts } from "@ts-morph/common";
import { afterAll, describe, expect, test } from "vitest";

const TS = loadTypeScript();
const folders: string[] = [];
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

/** A project on the disk. */
function project(files: Record<string, string>): string {
  const root = mkdtempSync(join(tmpdir(), "perdure-types-"));
  folders.push(root);
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, name)), { recursive: true });
    writeFileSync(join(root, name), text);
  }
  return root;
}
const config = (more: object = {}) =>
  JSON.stringify({ compilerOptions: { strict: true, lib: ["es2022"], types: [], ...more }, include: ["**/*"] });

/** The expressions that stand after `ask:` comments, in order. */
function expressions(fileName: string, text: string): ts.Expression[] {
  const { sourceFile } = parse(fileName, text);
  const found: ts.Expression[] = [];
  const visit = (node: ts.Node): void => {
    if (TS.isCallExpression(node) && node.expression.getText() === "ask") found.push(node.arguments[0]!);
    TS.forEachChild(node, visit);
  };
  visit(sourceFile);
  return found;
}
const open = (
  source: TypeSource,
  root: string,
  name: string,
  text: string,
): [FileTypes | undefined, ts.Expression[]] => [
  source.open(join(root, name), text),
  expressions(join(root, name), text),
];

describe("questions", () => {
  const text = `
    declare function ask(value: unknown): void;
    interface Query { then<R>(resolve: (rows: string[]) => R): R; }
    class Lazy<T> extends Promise<T> {}
    interface APIPromise<T> extends Promise<T> { raw(): void }
    type ResultPromise = { pid: number } & Promise<string>;
    declare const p: Promise<number>, q: Query, lazy: Lazy<number>, api: APIPromise<number>, res: ResultPromise, like: PromiseLike<number>;
    declare const maybe: Promise<number> | number, opt: Promise<number> | undefined, two: Promise<number> | Promise<string>;
    declare const a: any, u: unknown, o: object, e: {}, v: void, s: string, n: 1 | 2 | undefined, never: never;
    declare const f: () => void, c: typeof Lazy, either: (() => void) | string, fn: Function;
    declare const list: readonly string[], pair: [number, string], map: Map<string, string> | undefined, stream: AsyncIterable<string>;
    declare class Own { size: number } declare const own: Own;
    class Feed { async *[Symbol.asyncIterator]() { yield 1; } } declare const feed: Feed;
    interface Source { [Symbol.asyncIterator](): AsyncIterator<number> } declare const source: Source;
    async function* ordinary() { yield 1; }
    async function* durable() { "use durable"; yield 1; }
    declare const either2: Source | string;
    interface Readable { on(event: string): this; pipe(to: unknown): void } declare const readable: Readable;
    declare const either3: Readable | { text(): Promise<string> } | undefined;
    declare const reply: { body: { getReader(): unknown } | null; bodyUsed: boolean };
    declare const piped: { pipe(to: unknown): void }, post: { body: string; bodyUsed: boolean };
    function generic<T, U extends Promise<number>, V extends string>(tt: T, uu: U, vv: V) { ask(tt); ask(uu); ask(vv); }
    ask(p); ask(q); ask(lazy); ask(api); ask(res); ask(like);
    ask(maybe); ask(opt); ask(two);
    ask(a); ask(u); ask(o); ask(e); ask(v); ask(s); ask(n); ask(never);
    ask(f); ask(c); ask(either); ask(fn);
    ask(list); ask(pair); ask(map); ask(stream); ask(own); ask(unresolved());
    ask(feed); ask(source); ask(ordinary()); ask(durable()); ask(either2);
    ask(readable); ask(either3); ask(reply); ask(piped); ask(post);
  `;
  const root = project({ "tsconfig.json": config(), "a.ts": text });
  const [types, asked] = open(createTypeSource(), root, "a.ts", text);
  const answers = <T>(question: (node: ts.Expression) => T, boring: T) =>
    Object.fromEntries(asked.map((node) => [node.getText(), question(node)]).filter(([, answer]) => answer !== boring));

  test("what a value is to an await", () => {
    expect(answers((node) => types!.awaitType(node), "plain")).toEqual({
      tt: "unknown",
      uu: "promise",
      u: "unknown",
      p: "promise",
      q: "thenable",
      lazy: "thenable",
      api: "promise",
      res: "promise",
      like: "thenable",
      maybe: "maybe-promise",
      opt: "maybe-promise",
      two: "promise",
      a: "unknown",
      o: "unknown",
      e: "unknown",
      v: "void",
      "unresolved()": "unknown",
    });
  });
  test("whether it may be called", () => {
    expect(answers((node) => types!.callable(node), "no")).toEqual({
      ...{ tt: "unknown", u: "unknown", a: "unknown", o: "unknown", e: "unknown", "unresolved()": "unknown" },
      ...{ f: "yes", c: "yes", either: "yes", fn: "yes" },
    });
  });
  test("whether it is a primitive", () => {
    expect(answers((node) => types!.primitive(node), false)).toEqual({ vv: true, s: true, n: true });
  });
  test("which built-in it is", () => {
    expect(answers((node) => types!.builtIn(node), undefined)).toMatchObject({
      p: "Promise",
      list: "Array",
      pair: "Array",
      map: "Map",
      s: "String",
    });
    expect(types!.builtIn(asked.find((node) => node.getText() === "own")!)).toBeUndefined();
  });
  test("whose code an async iterable is", () => {
    expect(answers((node) => types!.asyncIterable(node), "none")).toEqual({
      ...{ feed: "ordinary", "ordinary()": "ordinary" },
      ...{ "durable()": "unknown", source: "unknown", stream: "unknown" },
    });
  });
  test("whether it is alive", () => {
    expect(answers((node) => types!.live(node), false)).toEqual({ readable: true, either3: true, reply: true });
  });
});

describe("which tsconfig", () => {
  const text = `import { f } from "./other"; declare function ask(value: unknown): void; ask(f());`;
  const other = "export async function f() { return 1; }";

  test("auto takes the nearest that covers the file, by its references too", () => {
    const root = project({
      "tsconfig.json": JSON.stringify({
        files: [],
        references: [{ path: "./lib" }, { path: "./app/tsconfig.app.json" }],
      }),
      "lib/tsconfig.json": config({ composite: true }),
      "lib/x.ts": "export {};",
      "app/tsconfig.app.json": config({ composite: true }),
      "app/src/a.ts": text,
      "app/src/other.ts": other,
    });
    const source = createTypeSource();
    const [types, [node]] = open(source, root, "app/src/a.ts", text);
    expect(types?.awaitType(node!)).toBe("promise");
    writeFileSync(join(root, "outside.ts"), text);
    expect(source.open(join(root, "outside.ts"), text)).toBeUndefined();
  });
  test("an unusable or missing config gives no types, a named one covers every file", () => {
    const root = project({
      "a.ts": text,
      "other.ts": other,
      "deep/tsconfig.json": "{ not json",
      "deep/a.ts": text,
      "named.json": config(),
    });
    expect(createTypeSource().open(join(root, "a.ts"), text)).toBeUndefined();
    const [types, [node]] = open(createTypeSource({ tsconfig: join(root, "named.json") }), root, "a.ts", text);
    expect(types?.awaitType(node!)).toBe("promise");
    expect(createTypeSource({ tsconfig: join(root, "none.json") }).open(join(root, "a.ts"), text)).toBeUndefined();
  });
});

describe("watching", () => {
  const text = `"use durable"; import { f } from "./other"; declare function ask(value: unknown): void; ask(f());`;

  test("the host's text counts, and modules that changed on the disk are read again", () => {
    const root = project({
      "tsconfig.json": config(),
      "a.ts": "",
      "other.ts": "export async function f() { return 1; }",
    });
    const source = createTypeSource();
    const [first, [node]] = open(source, root, "a.ts", text);
    expect(first?.awaitType(node!)).toBe("promise");
    const longer = `/* edited */ ${text.replace("ask(f())", "ask(f)")}`;
    const [second, [edited]] = open(source, root, "a.ts", longer);
    expect(second?.callable(edited!)).toBe("yes");
    writeFileSync(join(root, "other.ts"), "export function f() { return 1; }");
    utimesSync(join(root, "other.ts"), new Date(), new Date(Date.now() + 5_000));
    const [third, [again]] = open(source, root, "a.ts", text);
    expect(third?.awaitType(again!)).toBe("plain");
  });
  test.each([
    "./a.ts",
    "src/../a.ts",
    "a.ts/../a.ts",
    "src/./deep/../../a.ts",
  ])("a file is the same by whatever path it is asked about: %s", (name) => {
    const text = "declare const lazy: PromiseLike<number>; ask(lazy);";
    const root = project({ "tsconfig.json": config(), "a.ts": text });
    const types = createTypeSource().open(`${root}/${name}`, text);
    const [node] = expressions(join(root, "a.ts"), text);
    expect(types!.awaitType(node!)).toBe("thenable");
  });
  test("a new file of the project is covered", () => {
    const root = project({ "tsconfig.json": config(), "a.ts": "export {};" });
    const source = createTypeSource();
    expect(source.open(join(root, "a.ts"), "export {};")).toBeDefined();
    writeFileSync(join(root, "new.ts"), "export {};");
    expect(source.open(join(root, "new.ts"), "export {};")).toBeDefined();
  });
});

test("JavaScript, TSX and packages behind symbolic links have types", () => {
  const root = project({
    "tsconfig.json": config({ jsx: "preserve", module: "nodenext", allowJs: true }),
    "pkg/package.json": '{ "name": "pkg", "version": "1.0.0", "types": "index.d.ts" }',
    "pkg/index.d.ts": "export function load(): Promise<string>;",
  });
  mkdirSync(join(root, "node_modules"));
  symlinkSync(join(root, "pkg"), join(root, "node_modules/pkg"));
  const source = createTypeSource();
  for (const name of ["a.js", "b.tsx", "c.mts"]) {
    const text = `import { load } from "pkg"; /** @type {any} */ const ask = (x) => x; ask(load());`.replace(
      "(x)",
      name === "a.js" ? "(x)" : "(x: unknown)",
    );
    writeFileSync(join(root, name), text);
    const [types, [node]] = open(source, root, name, text);
    expect(types?.awaitType(node!), name).toBe("promise");
  }
});
