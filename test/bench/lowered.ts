/** One program in four forms: native, ours, and as TypeScript and regenerator lower async functions to ES5. */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { createTypeSource, transform } from "@perdure/transformer";
import { ts } from "@ts-morph/common";
import { benchFolder } from "./sources.ts";

export type Program = Readonly<Record<string, (count: number) => Promise<number>>>;

const module = ts.ModuleKind.ESNext;

/** Without types, and with nothing lowered. */
const strip = (text: string): string =>
  ts.transpileModule(text, { compilerOptions: { module, target: ts.ScriptTarget.ESNext } }).outputText;

function generatorHelper(text: string): string {
  const { outputText } = ts.transpileModule(text, {
    compilerOptions: { module, target: ts.ScriptTarget.ES5, ignoreDeprecations: "6.0" },
  });
  if (!outputText.includes("__generator")) throw new Error("TypeScript has lowered nothing");
  return outputText;
}

function regenerator(text: string): string {
  const load = createRequire(import.meta.url);
  const babel = load("@babel/core") as typeof import("@babel/core");
  const plugins = [[load.resolve("@babel/plugin-transform-regenerator"), { async: true, generators: true }]];
  const code = babel.transformSync(strip(text), { plugins, configFile: false, babelrc: false })?.code;
  if (!code?.includes("regenerator")) throw new Error("regenerator has lowered nothing");
  return code;
}

function durable(text: string, fileName: string): string {
  const { code, diagnostics } = transform(text, { fileName, root: benchFolder, types: createTypeSource() });
  if (code === null) throw new Error(`not compiled: ${diagnostics.map(({ message }) => message).join("; ")}`);
  return strip(code);
}

export type Form = "native" | "ours" | "es5" | "regenerator";

/** Loads a program of `programs/` in the forms asked for. */
export async function inForms<F extends Form>(name: string, forms: readonly F[]): Promise<Record<F, Program>> {
  const source = join(benchFolder, "programs", name);
  const text = readFileSync(source, "utf8");
  const lower = {
    native: strip,
    ours: (text: string) => strip(durable(text, source)),
    es5: generatorHelper,
    regenerator,
  };
  const folder = join(benchFolder, "dist/forms");
  mkdirSync(folder, { recursive: true });
  const load = async (form: F): Promise<readonly [F, Program]> => {
    const file = join(folder, `${name}.${form}.mjs`);
    writeFileSync(file, lower[form](text));
    return [form, (await import(pathToFileURL(file).href)) as Program];
  };
  return Object.fromEntries(await Promise.all(forms.map(load))) as Record<F, Program>;
}
