/**
 * The loader of the webpack adapter, by itself for hosts that take loaders only (Turbopack). It runs before all others, on the text that the user wrote;
 * the next one strips the types.
 */
import { readFile } from "node:fs/promises";
import type { LoaderContext } from "webpack";
import { CompileFailure, createCore, type PluginCore } from "./core/core.ts";
import { notCompiled, placedWarning } from "./core/messages.ts";
import type { PluginOptions } from "./core/options.ts";

export type { Explanation, PluginOptions } from "./core/options.ts";

/** One core for each compiler, so that its files share one service for types. */
const cores = new WeakMap<object, PluginCore>();
/** Stands for the compiler where a loader runs apart from it (thread-loader). */
const elsewhere = {};

function coreOf(context: LoaderContext<PluginOptions>): PluginCore {
  const compiler = context._compiler ?? elsewhere;
  let core = cores.get(compiler);
  if (core === undefined) {
    // Hot replacement evaluates changed modules in the same process. A host without a compiler (Turbopack) says by its mode whether it does that.
    core = createCore(context.getOptions(), context.rootContext, {
      watch: context._compiler?.watchMode ?? context.mode === "development",
    });
    cores.set(compiler, core);
  }
  return core;
}

export default function perdureLoader(this: LoaderContext<PluginOptions>, text: string): void {
  const done = this.async();
  transformed(this, text).then(
    (result) => (result ? done(null, result.code, result.map as never) : done(null, text)),
    (error: unknown) => done(error as Error),
  );
}

async function transformed(context: LoaderContext<PluginOptions>, text: string) {
  const core = coreOf(context);
  const fileName = context.resourcePath;
  if (!core.concerns(fileName, text)) {
    const first = context.loaderIndex === context.loaders.length - 1;
    if (!first && core.isDurable(fileName, await readFile(fileName, "utf8").catch(() => "")))
      throw told(
        notCompiled(fileName, 'a loader before it took the directive out; take `enforce: "pre"` from that one'),
      );
    return null;
  }
  try {
    const file = await core.compile(fileName, text);
    if (file === null) return null;
    for (const warning of file.warnings) context.emitWarning(told(placedWarning(warning)));
    // The map's source is a path: webpack makes its own names of those.
    return { code: file.code, map: { ...(file.map as object), sources: [fileName] } };
  } catch (failure) {
    throw failure instanceof CompileFailure ? told(failure.message) : failure;
  }
}

/** An error whose message says all: webpack prints no stack of it. */
function told(message: string): Error {
  const error = new Error(message);
  return Object.assign(error, { hideStack: true, stack: message });
}
