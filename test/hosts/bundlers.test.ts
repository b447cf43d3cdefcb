/** Bundlers: one line of configuration each, and the bundle runs as the source does. */
import { join } from "node:path";
import { perdure as forEsbuild } from "@perdure/plugins/esbuild";
import { perdure as forRollup } from "@perdure/plugins/rollup";
import { perdure as forVite } from "@perdure/plugins/vite";
import { perdure as forWebpack } from "@perdure/plugins/webpack";
import { type Configuration as RspackConfiguration, rspack } from "@rspack/core";
import { type BuildFailure, build as esbuild, formatMessages } from "esbuild";
import { rolldown } from "rolldown";
import { rollup } from "rollup";
import stripTypes from "rollup-plugin-esbuild";
import { build as vite } from "vite";
import webpack, { type Configuration } from "webpack";
import { root } from "../repository/sources.ts";
import { type Host, passes, printing, type Run } from "./app.ts";

const bundle = (...path: string[]): Run => printing(root, process.execPath, join(...path));

const esbuildHost = (format: "esm" | "cjs"): Host => ({
  async open(folder, entry) {
    const outfile = join(folder, "out/esbuild", `${entry}.${format === "esm" ? "mjs" : "cjs"}`);
    try {
      await esbuild({
        absWorkingDir: folder,
        entryPoints: [join(folder, "src", `${entry}.ts`)],
        bundle: true,
        platform: "node",
        format,
        sourcemap: true,
        outfile,
        logLevel: "silent",
        plugins: [forEsbuild()],
      });
    } catch (failure) {
      throw new Error((await formatMessages((failure as BuildFailure).errors, { kind: "error" })).join("\n"));
    }
    return bundle(outfile);
  },
});
passes("esbuild", esbuildHost("esm"));
// Modules run in sloppy mode there, and have no URL.
passes("esbuild, as CommonJS", esbuildHost("cjs"));

passes("vite", {
  async open(folder, entry) {
    await vite({
      root: folder,
      configFile: false,
      logLevel: "silent",
      plugins: [forVite()],
      ssr: { noExternal: true },
      build: { ssr: join(folder, "src", `${entry}.ts`), outDir: "out/vite", sourcemap: true },
    });
    return bundle(folder, "out/vite", `${entry}.js`);
  },
});

passes("rollup", {
  async open(folder, entry) {
    const warnings: string[] = [];
    const building = await rollup({
      input: join(folder, "src", `${entry}.ts`),
      external: [/^perdure(\/|$)/, /^node:/],
      plugins: [forRollup({ root: folder }), stripTypes({ target: "es2023" })],
      onwarn: ({ message }) => void warnings.push(message),
    });
    await building.write({ dir: join(folder, "out/rollup"), sourcemap: true, entryFileNames: "[name].mjs" });
    await building.close();
    if (warnings.length > 0) throw new Error(warnings.join("\n"));
    return bundle(folder, "out/rollup", `${entry}.mjs`);
  },
});

passes("rolldown", {
  async open(folder, entry) {
    const warnings: string[] = [];
    const building = await rolldown({
      cwd: folder,
      input: join(folder, "src", `${entry}.ts`),
      platform: "node",
      plugins: [forRollup({ root: folder })],
      // How long a plugin takes is no fault of the build, and depends on the machine.
      checks: { pluginTimings: false },
      onLog: (_level, { message }) => void warnings.push(message),
    });
    await building.write({ dir: join(folder, "out/rolldown"), sourcemap: true, entryFileNames: "[name].mjs" });
    await building.close();
    if (warnings.length > 0) throw new Error(warnings.join("\n"));
    return bundle(folder, "out/rolldown", `${entry}.mjs`);
  },
});

const parser = { syntax: "typescript", decorators: true } as const;
const swc = { jsc: { parser, transform: { legacyDecorator: true }, target: "es2022" }, sourceMaps: true } as const;

const configuration = (folder: string, entry: string, host: string, loader: string) => ({
  context: folder,
  mode: "production" as const,
  target: "node20",
  entry: join(folder, "src", `${entry}.ts`),
  devtool: "source-map" as const,
  output: { path: join(folder, "out", host), filename: `${entry}.cjs` },
  module: { rules: [{ test: /\.ts$/, use: [{ loader, options: swc }] }] },
  plugins: [forWebpack()],
});

/** As the commands print it: webpack's and Rspack's compilers are alike. */
const built = (compiler: webpack.Compiler): Promise<void> =>
  new Promise((resolve, reject) => {
    compiler.run((error, stats) =>
      compiler.close(() => {
        const text = stats?.toString({ all: false, errors: true, warnings: true }) ?? "";
        if (error || text !== "") reject(error ?? new Error(text));
        else resolve();
      }),
    );
  });

passes("webpack", {
  async open(folder, entry) {
    await built(webpack(configuration(folder, entry, "webpack", "swc-loader") as Configuration));
    return bundle(folder, "out/webpack", `${entry}.cjs`);
  },
});

passes("webpack, as ES modules", {
  async open(folder, entry) {
    const { output, ...rest } = configuration(folder, entry, "webpack", "swc-loader");
    const asModule = { ...output, filename: `${entry}.mjs`, module: true };
    await built(webpack({ ...rest, output: asModule, experiments: { outputModule: true } } as Configuration));
    return bundle(folder, "out/webpack", `${entry}.mjs`);
  },
});

passes("rspack", {
  async open(folder, entry) {
    const settings = configuration(folder, entry, "rspack", "builtin:swc-loader");
    await built(rspack(settings as RspackConfiguration) as never);
    return bundle(folder, "out/rspack", `${entry}.cjs`);
  },
  thrown: "buy.ts:41:13",
});
