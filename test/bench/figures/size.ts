/**
 * What an application bundles of the runtime. The core is all that `perdure` exports and generated code imports: machines, the durable promise, operations,
 * the heap's codec, the engine, with their messages. Stores, triggers, patterns and the platform's bodies have entry points of their own and come extra.
 */
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { build } from "esbuild";
import type { Figure } from "../figure.ts";

const root = dirname(fileURLToPath(import.meta.resolve("perdure/package.json")));

export const size: Figure = {
  name: "size",
  reach: { at: "most", ratio: 25 },
  async measure() {
    const whole = await bundled(`export * from "perdure"; export * as emitted from "perdure/emitted";`);
    const emitted = await bundled(`export * from "perdure/emitted";`);
    const caller = await bundled(
      `export { sleep, start, step, token } from "perdure"; export * as emitted from "perdure/emitted";`,
    );
    const program = await bundled(
      `export { createEngine, sleep, start, step, token } from "perdure"; export * as emitted from "perdure/emitted";`,
    );
    const sqlite = await bundled(`export { createEngine } from "perdure"; export { sqlite } from "perdure/sqlite";`);
    const texts = Object.entries(whole.inputs).filter(([file]) => file.endsWith("messages.js"));
    const beside: { [part: string]: number } = {
      "minified KB": whole.bytes.length / 1024,
      "gzipped KB of what generated code imports": gzipped(emitted.bytes),
      "gzipped KB of generated code and operations, without an engine": gzipped(caller.bytes),
      "gzipped KB of engine, operations and generated code": gzipped(program.bytes),
      "gzipped KB of the engine and the store on SQLite": gzipped(sqlite.bytes),
      "minified KB of messages": texts.reduce((sum, [, { bytesInOutput }]) => sum + bytesInOutput, 0) / 1024,
    };
    for (const [file, { bytesInOutput }] of Object.entries(whole.inputs)) {
      const part = `${/dist\/([^/]+)\//.exec(file)?.[1] ?? "other"} KB`;
      beside[part] = (beside[part] ?? 0) + bytesInOutput / 1024;
    }
    const kilobytes = gzipped(whole.bytes);
    return {
      ratio: kilobytes,
      value: kilobytes,
      unit: "KB minified and gzipped",
      against: "1 KB: compiler, stores and driver not included",
      beside,
    };
  },
};

const gzipped = (bytes: Uint8Array): number => gzipSync(bytes, { level: 9 }).length / 1024;

async function bundled(contents: string) {
  const { outputFiles, metafile } = await build({
    stdin: { contents, resolveDir: root },
    bundle: true,
    minify: true,
    format: "esm",
    platform: "node",
    write: false,
    metafile: true,
  });
  return { bytes: outputFiles[0]!.contents, inputs: Object.values(metafile.outputs)[0]!.inputs };
}
