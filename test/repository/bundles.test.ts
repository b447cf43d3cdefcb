/** What a bundle takes of the runtime: code that only calls durable functions carries nothing that makes, saves or drives runs. */
import { join } from "node:path";
import { build } from "esbuild";
import { expect, it } from "vitest";
import { root } from "./sources.ts";

/** Modules of the runtime of which something is left in a bundle of this text. */
async function bundled(contents: string): Promise<string[]> {
  const { metafile } = await build({
    stdin: { contents, resolveDir: join(root, "runtime") },
    bundle: true,
    minify: true,
    format: "esm",
    platform: "node",
    write: false,
    metafile: true,
  });
  const [output] = Object.values(metafile.outputs);
  return Object.entries(output!.inputs)
    .filter(([, { bytesInOutput }]) => bytesInOutput > 0)
    .map(([file]) => file.replace(/^.*\bdist\//, ""));
}

/** The engine, the forms in which values are saved, and what a run does with its steps. */
const OF_RUNS =
  /^(?:engine|store|codec\/kinds|codec\/classes|machine\/kinds)\/|^codec\/heap|^machine\/(?:vat|operations\/(?:step|attempt|settlement))\.js$/;

it.each([
  ["what generated code imports", `export * from "perdure/emitted";`],
  [
    "generated code with operations",
    `export { sleep, start, step, token } from "perdure"; export * as emitted from "perdure/emitted";`,
  ],
])("%s", async (_, contents) => {
  const modules = await bundled(contents);
  expect(modules).toContain("machine/driver.js");
  expect(modules.filter((file) => OF_RUNS.test(file))).toEqual([]);
});

it("an engine has them", async () => {
  const modules = await bundled(`export { createEngine } from "perdure";`);
  for (const file of ["engine/worker.js", "codec/heap.js", "machine/operations/step.js"])
    expect(modules).toContain(file);
});
