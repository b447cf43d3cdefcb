/** Classes whose fields, private names and static blocks a host lowers for older platforms, with what was compiled in them: saved, and loaded again. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { transform } from "@perdure/transformer";
import { transformSync as swc } from "@swc/core";
import { ts } from "@ts-morph/common";
import { transformSync as esbuild } from "esbuild";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { asRun, natively } from "../real/drive.ts";
import { root } from "../repository/sources.ts";

const SOURCE = `"use durable";
import { sleep } from "perdure";
class Base {
  seen: string[] = [];
  set x(v: number) { this.seen.push("set " + v); }
  #a = 1;
  get a() { return this.#a; }
  constructor(readonly name: string) {}
}
class Bound extends Base {
  #b = 2;
  constructor(readonly id: number, private readonly f: () => number = () => id, public y = 5) {
    super("n" + id);
    this.x = y;
  }
  get b() { return [this.#b, this.id, this.f(), this.y, this.name, this.a, this.seen]; }
}
class Below extends Bound {
  constructor(readonly z: number) { super(z + 1); }
}
class Methods {
  #q = 1;
  #r() { return this.#q; }
  static #s = new Methods({ k: 1 });
  static get s() { return Methods.#s; }
  constructor(public readonly p: { k: number }) { this.#q += p.k; }
  get q() { return this.#r(); }
}
const calls: string[] = [];
const called = <T>(name: string, value: T): T => {
  calls.push(name);
  return value;
};
class Before extends Methods {
  own = 7;
  #e: number;
  constructor({ k }: { k: number }, e = called("default", k + 1), ...more: number[]) {
    "a directive of nobody";
    function double(n: number) { return n * 2; }
    let [first, second] = [double(e), called("pattern", 1)], third;
    if (k > 100) throw new RangeError("too large");
    (third = called("statement", first + second));
    for (const n of more) third += n;
    const arrow = () => this.own + third;
    super({ k: third });
    this.#e = e;
    this.late = arrow;
  }
  late: () => number;
  get e() { return [this.#e, this.q, this.own, this.late()]; }
}
class Spread extends Array<number> {
  #label = "l";
  constructor(...given: number[]) {
    super(...given, 9);
  }
  get label() { return this.#label; }
}
export async function main() {
  calls.length = 0;
  const all = [new Bound(3), new Below(4)];
  const [d, e, s, l] = [new Methods({ k: 2 }), new Before({ k: 3 }, undefined, 1, 2), Methods.s, new Spread(4, 5)];
  await sleep(1);
  const before = [...calls];
  await sleep(1);
  let thrown;
  try { new Before({ k: 101 }); } catch (error) { thrown = (error as Error).message; }
  return [all.map((one) => [one.b, Object.keys(one).sort()]), (all[1] as Below).z, d.q, e.e, s === Methods.s, before, calls.length, l.label, [...l], thrown];
}
`;

const targets = ["es2018", "es2020", "es2021", "es2022"] as const;
type Target = (typeof targets)[number];
const ES = { es2018: "ES2018", es2020: "ES2020", es2021: "ES2021", es2022: "ES2022" } as const;

const hosts: Record<string, (text: string, target: Target, define: boolean) => string> = {
  TypeScript: (text, target, useDefineForClassFields) =>
    ts.transpileModule(text, {
      compilerOptions: { target: ts.ScriptTarget[ES[target]], module: ts.ModuleKind.ESNext, useDefineForClassFields },
    }).outputText,
  esbuild: (text, target, useDefineForClassFields) =>
    esbuild(text, {
      loader: "ts",
      target,
      format: "esm",
      tsconfigRaw: { compilerOptions: { useDefineForClassFields } },
    }).code,
  swc: (text, target, useDefineForClassFields) =>
    swc(text, {
      filename: "program.ts",
      swcrc: false,
      jsc: { target, parser: { syntax: "typescript" }, transform: { useDefineForClassFields } },
      module: { type: "es6" },
    }).code,
};

let folder: string;
beforeAll(() => {
  mkdirSync(join(root, "tmp"), { recursive: true });
  folder = mkdtempSync(join(root, "tmp", "lowered-"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const load = async (name: string, text: string): Promise<{ readonly main: () => unknown }> => {
  const file = join(folder, `${name}.mjs`);
  writeFileSync(file, text);
  return import(file);
};

describe.each(Object.keys(hosts))("%s", (host) => {
  const variants = targets.flatMap((target) => [true, false].map((define) => [target, define] as const));
  test.each(variants)("for %s, useDefineForClassFields %s", async (target, define) => {
    const name = `${host}-${target}-${define}`;
    const { code } = transform(SOURCE, { fileName: join(folder, `${name}.ts`), root: folder });
    const native = await load(`${name}-native`, hosts[host]!(SOURCE, target, define));
    const durable = await load(name, hosts[host]!(code!, target, define));
    const expected = await natively(native.main);
    for (const saving of ["never", "turns", "jobs"] as const)
      expect(await asRun(durable as never, saving), saving).toMatchObject(expected);
  });
});
