/**
 * Jest transformer. Jest asks one transformer for each file, so this one does the durable files and hands all of them on: to the transformer that the
 * project had (`then`), or, without one, to the compiler's own TypeScript, which strips types.
 */
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { AsyncTransformer, TransformedSource, TransformOptions } from "@jest/transform";
import { type CompiledFile, CompileFailure, type Compiler, createCore, type PluginCore } from "./core/core.ts";
import { placedWarning } from "./core/messages.ts";
import type { PluginOptions } from "./core/options.ts";
import { composeMaps, mapOf } from "./core/source-map.ts";

/** Options of the Jest transformer. */
export interface JestOptions extends PluginOptions {
  /** The transformer that the project has without Perdure, with its options if it has some: `"ts-jest"`, `["@swc/jest", { … }]`. Default: types are stripped. */
  readonly then?: string | readonly [name: string, options: unknown];
}

type Inner = Pick<AsyncTransformer, "processAsync"> & {
  process?(text: string, fileName: string, options: TransformOptions<unknown>): TransformedSource;
  getCacheKey?(text: string, fileName: string, options: TransformOptions<unknown>): string;
};
type Options = TransformOptions<JestOptions>;

/**
 * @example
 * ```ts
 * // jest.config.js; `then` only if another transformer strips types in this project
 * export default { transform: { "\\.[cm]?[jt]sx?$": ["@perdure/plugins/jest", { then: "@swc/jest" }] } };
 * ```
 */
export function createTransformer(options: JestOptions = {}) {
  const { then, ...settings } = options;
  const require = createRequire(import.meta.url);
  const compiler = (): Compiler => require("@perdure/transformer") as Compiler;
  const version = versions(require);
  /** What became of the file whose cache key was asked for last: Jest transforms it next. */
  let last: { readonly fileName: string; readonly text: string; readonly file: CompiledFile | null } | undefined;
  let core: PluginCore | undefined;
  let strip: ReturnType<Compiler["createStripper"]> | undefined;
  let inner: Inner | undefined;

  const next = ({ config }: Options): Inner | undefined =>
    then === undefined ? undefined : (inner ??= innerTransformer(then, config.rootDir));

  /** A durable file after the compiler, types still in it; null for any other. */
  const compile = (text: string, fileName: string, { config }: Options): CompiledFile | null => {
    if (last?.fileName === fileName && last.text === text) return last.file;
    core ??= createCore(settings, config.rootDir);
    const file = core.concerns(fileName, text) ? core.compileNow(fileName, text, compiler) : null;
    for (const warning of file?.warnings ?? []) process.stderr.write(`${placedWarning(warning)}\n`);
    last = { fileName, text, file };
    return file;
  };

  const stripped = (text: string, fileName: string, esm: boolean): TransformedSource => {
    if (!esm && hoisted.test(text)) throw new Error(hoisting(fileName));
    strip ??= compiler().createStripper();
    const { code, map } = strip(text, { fileName, module: esm ? "esm" : "commonjs" });
    return { code, map: map as never };
  };

  /** One map of two, where the compiler made one. */
  const finished = (result: TransformedSource, file: CompiledFile | null): TransformedSource => {
    if (file === null) return result;
    const { code, map } = mapOf(result.code, result.map);
    return { code, map: (map === undefined ? file.map : composeMaps(map, file.map)) as never };
  };

  return {
    process(text: string, fileName: string, options: Options): TransformedSource {
      const file = compile(text, fileName, options);
      const source = file?.code ?? text;
      const transformer = next(options);
      if (!transformer) return finished(stripped(source, fileName, options.supportsStaticESM), file);
      if (!transformer.process)
        throw new Error(`${nameOf(then!)} transforms asynchronously only; Jest asks at once here`);
      return finished(transformer.process(source, fileName, withOptions(options, then)), file);
    },

    async processAsync(text: string, fileName: string, options: Options): Promise<TransformedSource> {
      const transformer = next(options);
      if (!transformer?.processAsync) return this.process(text, fileName, options);
      const file = compile(text, fileName, options);
      const source = file?.code ?? text;
      return finished(await transformer.processAsync(source, fileName, withOptions(options, then)), file);
    },

    // Types come from other files, so what a durable file becomes is not known from its text: it is compiled to tell.
    getCacheKey(text: string, fileName: string, options: Options): string {
      let source = text;
      try {
        source = compile(text, fileName, options)?.code ?? text;
      } catch (failure) {
        // It is thrown again, as the file's failure, when the file is transformed; only nothing must be found in the cache.
        if (!(failure instanceof CompileFailure)) throw failure;
        source = `${failure.message} ${process.pid} ${process.hrtime.bigint()}`;
      }
      const { configString, instrument, supportsStaticESM } = options;
      const theirs = next(options)?.getCacheKey?.(source, fileName, withOptions(options, then)) ?? "";
      return createHash("sha256")
        .update(JSON.stringify([version, fileName, text, source, configString, instrument, supportsStaticESM, theirs]))
        .digest("hex")
        .slice(0, 32);
    },
  };
}

export default { createTransformer };

/** Calls that Jest wants before the imports; only its own transformers move them there. */
const hoisted = /\bjest\s*\.\s*(?:mock|unmock|enableAutomock|disableAutomock|deepUnmock)\s*\(/;
const hoisting = (fileName: string): string =>
  `${fileName} calls jest.mock or the like, which must come before its imports, and stripping types does not move it there: name the transformer that does, \`["@perdure/plugins/jest", { then: "babel-jest" }]\`, "ts-jest" or "@swc/jest"`;

const nameOf = (then: NonNullable<JestOptions["then"]>): string => (typeof then === "string" ? then : then[0]);

/** Transformers read their own options from where Jest puts ours. */
const withOptions = (options: Options, then: JestOptions["then"]): TransformOptions<unknown> => ({
  ...options,
  transformerConfig: (typeof then === "object" ? then[1] : undefined) ?? {},
});

type TransformerModule = Inner & {
  default?: TransformerModule;
  createTransformer?(options: unknown): Inner | Promise<Inner>;
};

/** From the project's folder, where it is installed. */
function innerTransformer(then: NonNullable<JestOptions["then"]>, rootDir: string): Inner {
  const found = createRequire(join(rootDir, "package.json"))(nameOf(then)) as TransformerModule;
  const { default: exported = found } = found;
  const maker = exported.createTransformer ? exported : found;
  const made = maker.createTransformer
    ? maker.createTransformer(typeof then === "object" ? then[1] : undefined)
    : exported;
  if (made instanceof Promise) throw new Error(`${nameOf(then)} is made asynchronously, which cannot be awaited here`);
  return made;
}

/** What the cache of other files depends on besides their text. */
function versions(require: NodeJS.Require): string {
  const own = readFileSync(fileURLToPath(new URL("../package.json", import.meta.url)), "utf8");
  const compiler = require("@perdure/transformer/package.json") as { version: string };
  return `${(JSON.parse(own) as { version: string }).version} ${compiler.version}`;
}
