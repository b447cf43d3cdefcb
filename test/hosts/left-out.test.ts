/** A durable file that went around the plugin must not pass: neither the build, nor, where no build could see it, the start of a run. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { perdure as forRollup } from "@perdure/plugins/rollup";
import { perdure as forWebpack } from "@perdure/plugins/webpack";
import { rspack } from "@rspack/core";
import { build as esbuild } from "esbuild";
import { type Plugin, rollup } from "rollup";
import stripTypes from "rollup-plugin-esbuild";
import { afterAll, describe, expect, it } from "vitest";
import webpack, { type Compiler, type Configuration } from "webpack";
import { temporaryApp } from "../plugins/temporary-app.ts";
import { printing } from "./app.ts";

const app = temporaryApp();
afterAll(app.remove);
const source = (name: string): string => join(app.folder, "src", name);

describe("without the plugin", () => {
  it("engine.start refuses the function and says which line is missing where", async () => {
    const outfile = join(app.folder, "out/plain.mjs");
    await esbuild({
      entryPoints: [source("main.ts")],
      bundle: true,
      platform: "node",
      format: "esm",
      outfile,
      external: ["libsql"],
    });
    const told = await printing(app.folder, process.execPath, outfile)("memory").catch((error: Error) => error.message);
    expect(told).toContain("PD2501: buy is not a durable function here");
    for (const line of [
      'import { perdure } from "@perdure/plugins/esbuild"',
      "plugins: [perdure()]",
      "node --import @perdure/plugins/node",
    ])
      expect(told).toContain(line);
  });
});

describe("rollup", () => {
  const building = (...before: Plugin[]) =>
    rollup({
      input: source("greeting.ts"),
      external: [/^perdure/],
      plugins: [...before, forRollup({ root: app.folder }), stripTypes({ target: "es2023" })],
    });

  it("fails when another plugin loads a durable file first", async () => {
    const greedy: Plugin = {
      name: "greedy",
      load: { order: "pre", handler: (id) => (id.endsWith("greeting.ts") ? readFileSync(id, "utf8") : null) },
    };
    await expect(building(greedy)).rejects.toThrow(
      /greeting\.ts says "use durable" but was not compiled: put perdure\(\) first/,
    );
    await (await building()).close();
  });

  it("lets a file pass in which nothing durable stands", async () => {
    writeFileSync(source("nothing.ts"), '"use durable";\nexport const none = 1;\n');
    const bundle = await rollup({ input: source("nothing.ts"), plugins: [forRollup({ root: app.folder })] });
    const { output } = await bundle.generate({});
    expect(output[0].code).toContain("none = 1");
  });
});

describe.each([
  ["webpack", webpack, "swc-loader"],
  ["rspack", rspack as unknown as typeof webpack, "builtin:swc-loader"],
] as const)("%s", (_name, host, loader) => {
  const swc = { loader, options: { jsc: { parser: { syntax: "typescript" }, target: "es2022" } } };
  const errorsOf = (entry: string, rules: object[] = []): Promise<string> => {
    const compiler = host({
      context: app.folder,
      mode: "none",
      target: "node20",
      entry: source(entry),
      externals: [/^perdure/],
      output: { path: join(app.folder, "out/left-out") },
      module: { rules: [{ test: /\.ts$/, resourceQuery: { not: [/raw/] }, use: [swc] }, ...rules] },
      plugins: [forWebpack()],
    } as Configuration) as Compiler;
    return new Promise((resolve, reject) => {
      compiler.run((error, stats) =>
        compiler.close(() => (error ? reject(error) : resolve(stats!.toString({ all: false, errors: true })))),
      );
    });
  };

  it("fails when an import leaves out the configured loaders", async () => {
    // Plain JavaScript, which needs no loader: nothing else would fail.
    writeFileSync(source("bare.js"), '"use durable";\nexport async function bare() {\n  return await 1;\n}\n');
    writeFileSync(source("around.ts"), 'import { bare } from "!!./bare.js";\nconsole.log(bare);\n');
    expect(await errorsOf("around.ts")).toMatch(
      /bare\.js says "use durable" but was not compiled: import it without !!/,
    );
    writeFileSync(source("around.ts"), 'import { bare } from "./bare.js";\nconsole.log(bare);\n');
    expect(await errorsOf("around.ts")).toBe("");
  });

  it("fails when an earlier loader hid the directive", async () => {
    writeFileSync(join(app.folder, "hide.cjs"), "module.exports = (text) => text.replace(/.use durable.;/, '');\n");
    const hiding = { test: /greeting\.ts$/, enforce: "pre", use: [join(app.folder, "hide.cjs")] };
    expect(await errorsOf("greeting.ts", [hiding])).toMatch(
      /greeting\.ts says "use durable" but was not compiled: a loader before it took the directive out/,
    );
  });

  it("leaves a file alone that is imported as text", async () => {
    writeFileSync(source("text.ts"), 'import text from "./greeting.ts?raw";\nconsole.log(text);\n');
    expect(await errorsOf("text.ts", [{ resourceQuery: /raw/, type: "asset/source" }])).toBe("");
    expect(readFileSync(join(app.folder, "out/left-out/main.js"), "utf8")).not.toContain("perdure/emitted");
  });
});
