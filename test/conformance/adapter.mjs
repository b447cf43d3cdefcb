// For runners of test262 other than ours: `transform(code, fileName, { sourceType, strict })` and `prelude`.
// PERDURE_MODE is `semantics` (default) or `persist`. In persist mode the harness is part of the run: a runner that transforms its
// harness calls `transform` with names of files in it; for one that does not, a test brings its own, compiled.
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { bundle } from "./bundle.mjs";

const { makeAdapter, withHarness } = await import(pathToFileURL(join(await bundle("adapter.ts"), "adapter.mjs")).href);
const adapter = makeAdapter(process.env.PERDURE_MODE ?? "semantics");

export const { prelude } = adapter;
export const transform = (code, fileName, options) =>
  /^[\w./-]+\.js$/.test(fileName) && !fileName.includes("test/")
    ? adapter.harness(code, fileName)
    : withHarness(adapter, code, fileName, options);
