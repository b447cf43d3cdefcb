/**
 * Classes with decorators, as every host compiles them: the proposal's and TypeScript's older ones, lowered by TypeScript and by esbuild. They behave as natively
 * in every mode, and one that changes what it stands on is told when the module is loaded.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { ts } from "@ts-morph/common";
import { transformSync } from "esbuild";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Bench, openBench } from "./bench.ts";
import { root, type Strip } from "./compile.ts";
import { compare, report } from "./modes.ts";

const byTypeScript =
  (options: ts.CompilerOptions): Strip =>
  (text) =>
    ts.transpileModule(text, {
      compilerOptions: { target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.ESNext, ...options },
    }).outputText;
const byEsbuild =
  (experimentalDecorators: boolean): Strip =>
  (text) =>
    transformSync(text, {
      loader: "ts",
      target: "es2022",
      tsconfigRaw: { compilerOptions: { experimentalDecorators, useDefineForClassFields: true } },
    }).code;

const HOSTS: Readonly<Record<string, { readonly strip: Strip; readonly older: boolean }>> = {
  "the proposal's, by TypeScript": { strip: byTypeScript({}), older: false },
  "the proposal's, by esbuild": { strip: byEsbuild(false), older: false },
  "TypeScript's, with metadata": {
    strip: byTypeScript({ experimentalDecorators: true, emitDecoratorMetadata: true }),
    older: true,
  },
  // Before static blocks, in which its lowering has no `this` when the class is decorated.
  "TypeScript's, for ES2021": {
    strip: byTypeScript({
      experimentalDecorators: true,
      emitDecoratorMetadata: true,
      target: ts.ScriptTarget.ES2021,
      useDefineForClassFields: true,
    }),
    older: true,
  },
  "TypeScript's, by esbuild": { strip: byEsbuild(true), older: true },
};

const orders = readFileSync(join(root, "fixtures/decorated/orders.ts"), "utf8").replaceAll("../programs/", "../");
const PROGRAMS = [...orders.matchAll(/^export async function (\w+)/gm)].map(([, name]) => name!);

/** One that changes what it stands on, as it is written for either kind. */
const CHANGES: readonly (readonly [name: string, decorator: string, decorated: string, what: string])[] = [
  [
    "an async method",
    "(...given: any[]) => { const wrap = (fn: any) => function (this: any) { return fn.call(this); }; if (typeof given[1] === 'object') return wrap(given[0]); given[2].value = wrap(given[2].value); }",
    "class A { @change async pay() { return 1; } }",
    '"pay"',
  ],
  [
    "a method, in a descriptor of its own",
    "(...given: any[]) => typeof given[1] === 'object' ? () => 2 : { value: () => 2 }",
    "class A { @change pay() { return 1; } }",
    '"pay"',
  ],
  [
    "a getter",
    "(...given: any[]) => typeof given[1] === 'object' ? () => 2 : { get: () => 2 }",
    "class A { @change get total() { return 1; } }",
    '"total"',
  ],
  ["the class", "(given: any) => class extends given {}", "@change class A { async pay() {} }", "the class"],
  [
    "a field, by an accessor",
    "(...given: any[]) => typeof given[1] === 'object' ? () => 2 : void Object.defineProperty(given[0], given[1], { get: () => 2, set() {}, configurable: true })",
    "class A { @change total = 1; }",
    '"total"',
  ],
];

describe.each(Object.entries(HOSTS))("decorators: %s", (_, { strip, older }) => {
  let bench: Bench;
  let native: Record<string, unknown>;
  let machine: Record<string, unknown>;
  beforeAll(async () => {
    bench = await openBench({ types: () => false, strip });
    for (const tree of [bench.native, bench.machine]) await tree.load("notes.ts");
    native = await bench.native.add("decorated/orders.ts", orders);
    machine = await bench.machine.add("decorated/orders.ts", orders);
  });
  afterAll(() => bench.close());

  test.each(PROGRAMS)("%s", async (name) => {
    const comparison = await compare(bench, native[name] as () => unknown, machine[name] as () => unknown);
    expect(comparison.differs === undefined ? "same" : report(comparison)).toBe("same");
    expect(comparison.native.outcome).toMatch(/^returned/);
  });

  test.each(CHANGES)("one that changes %s is told at its line", async (_name, change, decorated, what) => {
    const text = `"use durable";\nconst change: any = ${change};\n\n${decorated}\nexport const done = A;`;
    await expect(bench.native.add("decorated/changed.ts", text)).resolves.toHaveProperty("done");
    const place = /fixtures\/programs\/decorated\/changed-\d+\.ts:4:\d+/.source;
    await expect(bench.machine.add("decorated/changed.ts", text)).rejects.toThrow(
      new RegExp(`^PD2005: decorator @change \\(${place}\\) .* ${what}, which`),
    );
  });

  const observed = async (name: string, text: string): Promise<string> => {
    const [before, after] = [await bench.native.add(name, text), await bench.machine.add(name, text)];
    const comparison = await compare(bench, before["program"] as () => unknown, after["program"] as () => unknown);
    expect(comparison.differs === undefined ? "same" : report(comparison)).toBe("same");
    return comparison.native.outcome;
  };

  test.runIf(!older)("what they add to the making of an instance happens once", async () => {
    const text = `"use durable";
      import { get } from "../services.ts";
      const bound: any = (_: unknown, { name, addInitializer }: any) =>
        void addInitializer(function (this: any) { this[name] = this[name].bind(this); this.made = (this.made ?? 0) + 1; });
      class Reader {
        word = "bound";
        @bound async read() { return await get(this.word); }
        @bound twice() { return this.word + this.word; }
      }
      export async function program() {
        const reader: any = new Reader();
        const { read, twice } = reader;
        return [await read(), twice(), reader.made, Object.keys(reader)];
      }`;
    expect(await observed("decorated/bound.ts", text)).toContain('"bound", "boundbound", 2');
  });

  test.runIf(older)("those of parameters", async () => {
    const text = `"use durable";
      import { get } from "../services.ts";
      import { note, needOf, plain } from "../notes.ts";
      const inject = (token: () => unknown) => (target: any, key: any, index: number) => note("inject", token)(class { static override name = "p" + index; });
      class Store { async read(id: string) { return await get(id + "!"); } }
      @plain class Reader {
        constructor(@inject(() => Store) private readonly store: Store, @inject(() => 2) readonly n = 1) {}
        async read() { return await this.store.read("x") + this.n; }
        sync(@inject(() => 3) a: number) { return a; }
      }
      export async function program() {
        const reader = new Reader(new Store());
        return [await reader.read(), needOf("p0") === Store, needOf("p1"), reader.sync(4)];
      }`;
    expect(await observed("decorated/parameters.ts", text)).toContain("x!1");
  });

  test.runIf(older)("those of parameters that a function in the list captures are refused", async () => {
    const text = `"use durable";
      declare const inject: any;
      export class Reader { constructor(@inject given = 1, readonly read = () => given) { given++; } }`;
    await expect(bench.machine.add("decorated/captured.ts", text)).rejects.toThrow(
      "PD1122 decorator @inject stands on a parameter of the constructor of Reader: a function in the parameter list",
    );
  });
});
