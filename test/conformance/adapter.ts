/** The two modes, as a runner of test262 needs them: what is done to a test's text, and what its realm has before it begins. */
import { join } from "node:path";
import { buildSync } from "esbuild";
import { compile, compileHarness, compileRun, Refused } from "./compile.ts";
import { root } from "./places.ts";

/**
 * `semantics`: compiled, nothing saved. `run`: the test is one run that stays in memory, where `Promise` is the durable one. `persist`: the
 * same, saved and restored between any two jobs.
 */
export type Mode = "semantics" | "run" | "persist";

export interface Adapter {
  /** Throws a SyntaxError, or {@link Refused}, for a test that is not compiled. */
  transform(code: string, fileName: string, options: { readonly sourceType: "script" | "module" }): string;
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
    saves: mode === "persist",
    transform: (code, fileName, { sourceType }) =>
      (asRun && sourceType === "script" ? compileRun : compile)(code, pathOf(fileName)),
    harness: (code, fileName) => (asRun ? compiledOrNot(code, `harness/${fileName}`) : code),
    prelude: bundleRuntime(),
  };
}

/** Relative to the checkout, wherever that is. */
const pathOf = (fileName: string): string => /(?:^|\/)(test\/.*)$/.exec(fileName)?.[1] ?? fileName.replace(/^\/+/, "");

function compiledOrNot(code: string, path: string): string {
  try {
    return compileHarness(code, path);
  } catch (error) {
    if (error instanceof Refused) return code;
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
