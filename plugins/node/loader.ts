/** What the hooks and `require` do with one file: durable ones become JavaScript, others go on to the next hook or to Node. */
import { readFileSync } from "node:fs";
import type { LoadFnOutput, LoadHookContext } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import type { StripRequest } from "@perdure/transformer";
import { CompileFailure, type Compiler, createCore } from "../core/core.ts";
import { fileOf } from "../core/files.ts";
import { placedWarning } from "../core/messages.ts";
import type { PluginOptions } from "../core/options.ts";
import { requiredCompiler } from "../core/required-compiler.ts";
import { inlineMap } from "../core/source-map.ts";

type ModuleKind = StripRequest["module"];

export interface Loader {
  /** Hook for `module.registerHooks`. */
  load(url: string, context: LoadHookContext, nextLoad: NextLoad<LoadFnOutput>): LoadFnOutput;
  /** Hook for `module.register`. */
  loadLater(
    url: string,
    context: LoadHookContext,
    nextLoad: NextLoad<LoadFnOutput | Promise<LoadFnOutput>>,
  ): Promise<LoadFnOutput>;
  /** JavaScript of a durable file, with its map; null of another. `next`: how the tools behind this one load it. */
  compile(fileName: string, module: ModuleKind, next: () => unknown): string | null;
  /** JavaScript of any other TypeScript file. */
  strip(fileName: string, module: ModuleKind): string;
}

type NextLoad<R> = (url: string, context?: Partial<LoadHookContext>) => R;

/** @param options with a root */
export function createLoader(options: PluginOptions): Loader {
  const core = createCore(options, process.cwd());
  let strip: ReturnType<Compiler["createStripper"]> | undefined;
  const compiler = requiredCompiler();

  const compile: Loader["compile"] = (fileName, module, next) => {
    if (compiler.isLoading || !core.candidate(fileName)) return null;
    const text = readFileSync(fileName, "utf8");
    if (!core.concerns(fileName, text)) return null;
    void tell(next);
    try {
      const file = core.compileNow(fileName, text, compiler.load);
      if (file === null) return null;
      for (const warning of file.warnings) process.emitWarning(placedWarning(warning), "PerdureWarning");
      const { code, map } = core.toJavaScript(fileName, file, module);
      return code + inlineMap(map);
    } catch (failure) {
      if (failure instanceof CompileFailure) throw printable(failure);
      throw failure;
    }
  };

  const stripped: Loader["strip"] = (fileName, module) => {
    strip ??= compiler.load().createStripper();
    const { code, map } = strip(readFileSync(fileName, "utf8"), { fileName, module });
    return code + inlineMap(map);
  };

  const durable = (...[url, context, nextLoad]: Parameters<Loader["loadLater"]>): LoadFnOutput | null => {
    if (!url.startsWith("file:")) return null;
    const fileName = fileURLToPath(fileOf(url));
    const format = formatOf(fileName, context.format);
    const source = compile(fileName, format === "module" ? "esm" : "commonjs", () => nextLoad(url, context));
    return source === null ? null : { format, source, shortCircuit: true };
  };

  /** After the next hook or Node itself refused the file: Node 20 knows no TypeScript. */
  const refused = (url: string, context: LoadHookContext, error: unknown): LoadFnOutput => {
    if ((error as NodeJS.ErrnoException).code !== "ERR_UNKNOWN_FILE_EXTENSION") throw error;
    const fileName = fileURLToPath(fileOf(url));
    if (!typescriptFile.test(fileName)) throw error;
    const format = formatOf(fileName, context.format);
    return { format, source: stripped(fileName, format === "module" ? "esm" : "commonjs"), shortCircuit: true };
  };

  const forward = async (...[url, context, nextLoad]: Parameters<Loader["loadLater"]>): Promise<LoadFnOutput> => {
    try {
      return await nextLoad(url, context);
    } catch (error) {
      return refused(url, context, error);
    }
  };

  return {
    compile,
    strip: stripped,
    load(url, context, nextLoad) {
      const output = durable(url, context, nextLoad);
      if (output) return output;
      try {
        return nextLoad(url, context);
      } catch (error) {
        return refused(url, context, error);
      }
    },
    async loadLater(url, context, nextLoad) {
      const output = durable(url, context, nextLoad) ?? (await forward(url, context, nextLoad));
      // With a source, these Nodes run CommonJS in a way of their own, whose `require` cannot load ES modules; without, `require` reads the file.
      // What has a query is no file: tsx's text of one that an ES module imports from a CommonJS package, which brings a `require` of its own.
      const isFile = !url.includes("?");
      return output.format === "commonjs" && isFile ? { format: "commonjs", shortCircuit: true } : output;
    },
  };
}

/** Tools that watch (tsx) learn of a file when they are asked to load it. What they make of it, and what they think of its text, is of no use here. */
async function tell(next: () => unknown): Promise<void> {
  try {
    await next();
  } catch {}
}

/** Uncaught, an error is printed with its stack: this one's is the place in the source. */
function printable({ message, name, diagnostics }: CompileFailure): Error {
  const { fileName, line, column } = diagnostics[0]!;
  const error = new SyntaxError(message);
  error.stack = `${name}: ${message}\n    at ${fileName}:${line}:${column}`;
  return error;
}

/** TypeScript that Node 22 strips by itself; JSX it does not know either. */
const typescriptFile = /\.[cm]?ts$/;

/** Neither `import` nor `export`, and what only CommonJS has. */
const isCommonJs = (text: string): boolean =>
  !/^\s*(?:import|export)\b/m.test(text) && /\bmodule\.exports\b|\bexports[.[]|\brequire\(/.test(text);

/** As Node decides: by the extension, else by the nearest package.json, else by what the text is. */
function formatOf(fileName: string, known: string | null | undefined): "module" | "commonjs" {
  if (known?.startsWith("module")) return "module";
  if (known?.startsWith("commonjs")) return "commonjs";
  if (/\.m[jt]s$/.test(fileName)) return "module";
  if (/\.c[jt]s$/.test(fileName)) return "commonjs";
  return packageType(dirname(fileName)) ?? (isCommonJs(readFileSync(fileName, "utf8")) ? "commonjs" : "module");
}

function packageType(folder: string): "module" | "commonjs" | undefined {
  let text: string;
  try {
    text = readFileSync(join(folder, "package.json"), "utf8");
  } catch {
    return dirname(folder) === folder ? undefined : packageType(dirname(folder));
  }
  const { type } = JSON.parse(text) as { type?: unknown };
  return type === "module" || type === "commonjs" ? type : undefined;
}
