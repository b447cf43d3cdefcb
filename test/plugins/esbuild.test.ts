/** The esbuild adapter: compiles, reports, watches, and stays out of the way. */
import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { type PluginOptions, perdure } from "@perdure/plugins/esbuild";
import { type BuildFailure, type BuildOptions, build, context } from "esbuild";
import { afterAll, describe, expect, it } from "vitest";
import { temporaryApp, until } from "./temporary-app.ts";

const app = temporaryApp();
afterAll(app.remove);

const settings = (entry: string, options?: PluginOptions): BuildOptions & { write?: true } => ({
  absWorkingDir: app.folder,
  entryPoints: [join(app.folder, "src", entry)],
  bundle: true,
  format: "esm",
  platform: "node",
  outdir: join(app.folder, "out"),
  outExtension: { ".js": ".mjs" },
  logLevel: "silent",
  plugins: [perdure(options)],
});

const output = (entry: string): string => join(app.folder, "out", entry.replace(/\.ts$/, ".mjs"));

describe("esbuild", () => {
  it("compiles a durable file; outside a run it is a plain async function", async () => {
    const result = await build(settings("greeting.ts"));
    expect(result.warnings).toEqual([]);
    const { greet } = await import(pathToFileURL(output("greeting.ts")).href);
    expect(await greet(1)).toEqual({ text: "HELLO GRACE" });
    expect(String(greet)).toContain(".enter(");
  });

  it("leaves the SQLite driver, a native package, out of the bundle", async () => {
    await build(settings("stored.ts"));
    const { stored } = await import(pathToFileURL(output("stored.ts")).href);
    expect(await stored(join(app.folder, "esbuild.db"))).toEqual({ text: "HELLO GRACE" });
  });

  it("names code relative to the root, the same from any folder", async () => {
    await build(settings("greeting.ts"));
    expect(readFileSync(output("greeting.ts"), "utf8")).toContain('"src/greeting.ts"');
    await build(settings("greeting.ts", { root: join(app.folder, "src") }));
    expect(readFileSync(output("greeting.ts"), "utf8")).toContain('"greeting.ts"');
  });

  it.each([
    ["src/leg*.ts"],
    [/legacy\.ts$/],
    [["nothing/**", "**/legacy.ts"]],
  ])("include %s makes a file durable", async (include) => {
    await build(settings("legacy.ts"));
    expect(readFileSync(output("legacy.ts"), "utf8")).not.toContain(".machine(");
    await build(settings("legacy.ts", { include }));
    expect(readFileSync(output("legacy.ts"), "utf8")).toContain(".machine(");
  });

  it("leaves a file alone that only mentions the directive", async () => {
    await build(settings("plain.ts"));
    expect(readFileSync(output("plain.ts"), "utf8")).not.toContain("perdure");
  });

  it("fails the build with the compiler's diagnostic, at its place", async () => {
    writeFileSync(
      join(app.folder, "src/refused.ts"),
      '"use durable";\nexport async function f(x: string) {\n  return eval(x);\n}\n',
    );
    const failure = (await build(settings("refused.ts")).catch((error: unknown) => error)) as BuildFailure;
    expect(failure.errors).toHaveLength(1);
    const [error] = failure.errors;
    expect(error!.text).toMatch(/^PD1\d\d\d: /);
    expect(error!.location).toMatchObject({ line: 3, column: 9, lineText: "  return eval(x);" });
    expect(error!.notes[0]!.text).toMatch(/^fix: /);
  });

  it("compiles again in watch mode", async () => {
    const watched = join(app.folder, "src/watched.ts");
    const text = (word: string) =>
      `"use durable";\nexport async function say() {\n  return await ${JSON.stringify(word)};\n}\n`;
    writeFileSync(watched, text("first"));
    const watching = await context(settings("watched.ts"));
    await watching.watch();
    const built = () => {
      try {
        return readFileSync(output("watched.ts"), "utf8");
      } catch {
        return "";
      }
    };
    await until(() => built().includes('"first"'));
    writeFileSync(watched, text("second"));
    await until(() => built().includes('"second"') && built().includes(".machine("));
    await watching.dispose();
  });

  it("does not load the compiler when nothing is durable", () => {
    const script = `
      import { build } from "esbuild";
      import { perdure } from "@perdure/plugins/esbuild";
      await build({ entryPoints: ["src/names.ts"], write: false, bundle: true, plugins: [perdure()] });
      const { createRequire } = await import("node:module");
      console.log(Object.keys(createRequire(import.meta.url).cache).filter((file) => file.includes("ts-morph")).length);`;
    const printed = execFileSync(process.execPath, ["--input-type=module", "-e", script], {
      cwd: app.folder,
      encoding: "utf8",
    });
    expect(printed.trim()).toBe("0");
  });
});
