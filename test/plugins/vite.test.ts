/** The Vite adapter, and Vitest through it. */
import { execFile } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { type PluginOptions, perdure } from "@perdure/plugins/vite";
import { build, createServer, type Plugin, type Rollup } from "vite";
import { afterAll, describe, expect, it } from "vitest";
import { root } from "../repository/sources.ts";
import { temporaryApp } from "./temporary-app.ts";

const app = temporaryApp();
afterAll(app.remove);

const settings = (entry: string, options?: PluginOptions, ...before: Plugin[]) => ({
  root: app.folder,
  configFile: false as const,
  logLevel: "silent" as const,
  plugins: [...before, perdure(options)],
  build: {
    write: false,
    minify: false,
    lib: { entry: join(app.folder, "src", entry), formats: ["es" as const] },
    rollupOptions: { external: [/^perdure/] },
  },
});

async function built(...args: Parameters<typeof settings>): Promise<string> {
  const [result] = (await build(settings(...args))) as Rollup.RollupOutput[];
  return (result!.output[0] as Rollup.OutputChunk).code;
}

describe("vite", () => {
  it("compiles a durable file", async () => {
    expect(await built("greeting.ts")).toContain('.machine("greet"');
  });

  it("leaves the SQLite driver, a native package, out of the bundle", async () => {
    const outDir = join(app.folder, "vite");
    const { root: folder, configFile, logLevel, plugins } = settings("stored.ts");
    await build({
      root: folder,
      configFile,
      logLevel,
      plugins,
      ssr: { noExternal: true },
      build: { ssr: join(folder, "src/stored.ts"), outDir },
    });
    const { stored } = await import(/* @vite-ignore */ pathToFileURL(join(outDir, "stored.js")).href);
    expect(await stored(join(app.folder, "vite.db"))).toEqual({ text: "HELLO GRACE" });
  });

  it("include makes a file durable", async () => {
    expect(await built("legacy.ts")).not.toContain(".machine(");
    expect(await built("legacy.ts", { include: "src/legacy.ts" })).toContain('.machine("welcome"');
  });

  it("fails the build with the compiler's diagnostic, at its place", async () => {
    writeFileSync(
      join(app.folder, "src/refused.ts"),
      '"use durable";\nexport async function f(x: string) {\n  return eval(x);\n}\n',
    );
    const failure = (await built("refused.ts").catch((error: unknown) => error)) as Error & { loc?: { line: number } };
    expect(failure.message).toMatch(/PD1\d\d\d/);
    expect(failure.message).toContain("return eval(x);");
  });

  it("fails the build when another plugin hid the directive", async () => {
    const stripping: Plugin = {
      name: "stripping",
      enforce: "pre",
      transform: (code) => code.replace('"use durable";', ""),
    };
    await expect(built("greeting.ts", {}, stripping)).rejects.toThrow(/was not compiled: put perdure\(\) first/);
  });

  it("compiles again in the dev server when the file changes", async () => {
    const watched = join(app.folder, "src/watched.ts");
    const text = (word: string) =>
      `"use durable";\nexport async function say() {\n  return await ${JSON.stringify(word)};\n}\n`;
    writeFileSync(watched, text("first"));
    const server = await createServer({ ...settings("watched.ts"), server: { middlewareMode: true } });
    try {
      const first = (await server.ssrLoadModule("/src/watched.ts")) as { say(): Promise<string> };
      expect(await first.say()).toBe("first");
      writeFileSync(watched, text("second"));
      const said = async () => ((await server.ssrLoadModule("/src/watched.ts")) as { say(): Promise<string> }).say();
      for (let i = 0; i < 200 && (await said()) !== "second"; i++)
        await new Promise((resolve) => setTimeout(resolve, 20));
      expect(await said()).toBe("second");
    } finally {
      await server.close();
    }
  });

  it("Vitest runs tests of durable code", async () => {
    const vitest = join(root, "node_modules/vitest/vitest.mjs");
    const printed = await new Promise<string>((resolve) => {
      const env = { ...process.env, NO_COLOR: "1", VITEST: undefined };
      execFile(process.execPath, [vitest, "run", "greeting"], { cwd: app.folder, env }, (_error, stdout, stderr) =>
        resolve(stdout + stderr),
      );
    });
    expect(printed).toMatch(/Tests\s+2 passed \(2\)/);
    expect(readFileSync(join(app.folder, "vitest.config.ts"), "utf8")).toContain("plugins: [perdure()]");
  });
});
