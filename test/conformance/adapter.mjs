// For runners of test262 other than ours: `transform(code, fileName, { sourceType, strict })` and `prelude`.
// PERDURE_MODE is `semantics` (default) or `persist`. Persist mode wants the harness compiled too: `harness(code, fileName)`.
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { bundle } from "./bundle.mjs";

const { makeAdapter } = await import(pathToFileURL(join(await bundle("adapter.ts"), "adapter.mjs")).href);
const adapter = makeAdapter(process.env.PERDURE_MODE ?? "semantics");

export const { prelude } = adapter;
/** A runner that compiles its harness calls this with names of files in it. */
export const transform = (code, fileName, options) =>
  /^[\w./-]+\.js$/.test(fileName) && !fileName.includes("test/")
    ? adapter.harness(code, fileName)
    : adapter.transform(code, fileName, options);
