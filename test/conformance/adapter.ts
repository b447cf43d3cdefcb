/** The two modes, as a runner of test262 needs them: what is done to a test's text, and what its realm has before it begins. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { buildSync } from "esbuild";
import { compile, compileHarness, compileRun, GLOBAL, Refused, type Warned } from "./compile.ts";
import { metadataOf } from "./metadata.ts";
import { root } from "./places.ts";

/**
 * `semantics`: compiled, nothing saved. `run`: the test is one run that stays in memory, where `Promise` is the durable one. `persist`: the
 * same, saved and restored between any two jobs.
 */
export type Mode = "semantics" | "run" | "persist";

interface TransformOptions {
  readonly sourceType: "script" | "module";
  readonly warned?: Warned;
}

export interface Adapter {
  /** Throws a SyntaxError, or {@link Refused}, for a test that is not compiled. */
  transform(code: string, fileName: string, options: TransformOptions): string;
  /** Is a test one run, and the harness part of it? */
  readonly asRun: boolean;
  /** Files of the harness, which take callbacks: part of the run. */
  harness(code: string, fileName: string): string;
  /** Are runs saved between any two jobs? */
  readonly saves: boolean;
  /** Evaluated in every realm first. */
  readonly prelude: string;
}

export function makeAdapter(mode: Mode): Adapter {
  const asRun = mode !== "semantics";
  return {
    asRun,
    saves: mode === "persist",
    transform: (code, fileName, { sourceType, warned }) =>
      (asRun && sourceType === "script" ? compileRun : compile)(code, pathOf(fileName), warned),
    harness: (code, fileName) =>
      asRun ? `${compiledOrNot(code, `harness/${fileName}`) ?? code}\n${mark(fileName)}` : code,
    prelude: bundleRuntime(),
  };
}

const compiled = (fileName: string): string => `${GLOBAL}.harness[${JSON.stringify(fileName)}]`;
const mark = (fileName: string): string => `${compiled(fileName)} = true;`;

const brought = new Map<string, string>();

/**
 * A test's text with, before it, the compiled files of the harness that it includes, unless its realm has them: evaluated indirectly,
 * so that the directives of the test are not theirs (ECMA-262 19.2.1.1).
 */
export function withHarness(
  { asRun, transform }: Adapter,
  code: string,
  fileName: string,
  options: TransformOptions,
): string {
  const text = transform(code, fileName, options);
  const { flags, includes } = metadataOf(code);
  if (!asRun || options.sourceType === "module" || flags.has("raw")) return text;
  const directory = join(/^(.*?)(?:^|\/)test\//.exec(fileName)?.[1] || ".", "harness");
  const harness = ["assert.js", "sta.js", "doneprintHandle.js", ...includes].map((name) => bring(directory, name));
  return `${/^\s*(["'])use strict\1/.exec(text)?.[0] ?? ""};${harness.join("")}${text}`;
}

function bring(directory: string, name: string): string {
  const file = join(directory, name);
  const known = brought.get(file);
  if (known !== undefined) return known;
  const own = existsSync(file) ? compiledOrNot(readFileSync(file, "utf8"), `harness/${name}`) : undefined;
  const text = own === undefined ? "" : `${compiled(name)} || (0, eval)(${JSON.stringify(`${own}\n${mark(name)}`)});`;
  brought.set(file, text);
  return text;
}

/** Relative to the checkout, wherever that is. */
const pathOf = (fileName: string): string => /(?:^|\/)(test\/.*)$/.exec(fileName)?.[1] ?? fileName.replace(/^\/+/, "");

/** Undefined for what the compiler refuses: it stays ordinary. */
function compiledOrNot(code: string, path: string): string | undefined {
  try {
    return compileHarness(code, path);
  } catch (error) {
    if (error instanceof Refused) return undefined;
    throw error;
  }
}

/** The runtime as a classic script: a bare realm has no modules, and nothing of Node. */
function bundleRuntime(): string {
  const { outputFiles } = buildSync({
    entryPoints: [join(root, "test/conformance/realm/index.ts")],
    bundle: true,
    write: false,
    format: "iife",
    platform: "neutral",
    logLevel: "warning",
  });
  return outputFiles[0]!.text;
}
