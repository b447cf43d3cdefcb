/** Every user identifier of every fixture maps to itself: out of the transformer, through esbuild, and through Vite. */
import { readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { perdure } from "@perdure/plugins/esbuild";
import { perdure as perdureVite } from "@perdure/plugins/vite";
import { transform } from "@perdure/transformer";
import { build } from "esbuild";
import { build as viteBuild } from "vite";
import { describe, expect, it } from "vitest";
import { filesUnder, root } from "../repository/sources.ts";
import { generatedFor, valueIdentifiers, wrongSegments } from "./tokens.ts";

const fixtures = ["fixtures/programs", "fixtures/checkout", "fixtures/crash", "fixtures/sourcemaps"]
  .flatMap((folder) => filesUnder(folder, (name) => /(?<!\.d)\.tsx?$/.test(name) && !name.startsWith("output")))
  .map((path) => ({ path, fileName: join(root, path), text: readFileSync(join(root, path), "utf8") }))
  .filter((file) => /["']use durable["']/.test(file.text))
  .map((file) => ({ ...file, result: transform(file.text, { fileName: file.fileName, root }) }))
  .filter((file) => file.result.code !== null);

/** A slot may carry a number (`item$2`), a cell a `$`; a host may number a name that it moved into a scope with another. */
const sameSlot = (generated: string, original: string): boolean =>
  generated.startsWith(original) && /^\$*\d*$/.test(generated.slice(original.length));
/** What esbuild writes in place of a word: its own keywords, and a namespace's member at the place of its name. */
const rewritten = (generated: string, original: string): boolean =>
  generated === "$" ||
  generated === `${original}_exports` ||
  generated === `_${original}` ||
  original === "import" ||
  original === "export" ||
  (generated === "var" && /^(const|let|class)$/.test(original)) ||
  (generated === "void" && original === "undefined");
const sameButNumbered = (generated: string, original: string): boolean =>
  sameSlot(generated, original) || rewritten(generated, original) || sameSlot(generated.replace(/\d+$/, ""), original);

/**
 * Hosts compose our map with their own. They drop what is unused, and esbuild attributes generated text to the token
 * before it (it ignores unmapped segments); but each identifier that is still there must be found under its own name.
 */
function lostIdentifiers(fileName: string, text: string, code: string, map: unknown): string[] {
  const generated = generatedFor(code, map, basename(fileName));
  // Hosts print `undefined` as `void 0`, and turn the names of JSX elements into strings.
  const identifiers = valueIdentifiers(fileName, text).filter(({ name, isJsx }) => name !== "undefined" && !isJsx);
  const present = identifiers.filter(({ line, column }) => generated.has(`${line}:${column}`));
  expect(present.length).toBeGreaterThan(0.9 * identifiers.length);
  const lost = present
    .filter(
      ({ name, line, column }) => ![...generated.get(`${line}:${column}`)!].some((word) => sameButNumbered(word, name)),
    )
    .map(({ name, line, column }) => `${basename(fileName)}:${line}:${column + 1} ${name}`);
  // Hosts fold members of built-ins (`Number.NaN`) and of namespaces: a few words in a hundred of theirs, none of ours.
  return lost.length <= Math.ceil(identifiers.length * 0.01) ? [] : lost;
}

it("has fixtures", () => {
  expect(fixtures.length).toBeGreaterThan(20);
});

describe.each(fixtures)("$path", ({ fileName, text, result }) => {
  it("out of the transformer: every identifier is mapped, to itself", () => {
    expect(wrongSegments(result.code!, result.map, new Map([[basename(fileName), text]]), sameSlot)).toEqual([]);
    const mapped = generatedFor(result.code!, result.map, basename(fileName));
    const missing = valueIdentifiers(fileName, text).filter(({ line, column }) => !mapped.has(`${line}:${column}`));
    expect(missing.map((at) => `${at.line}:${at.column + 1} ${at.name}`)).toEqual([]);
  });

  it("through esbuild", async () => {
    const built = await build({
      absWorkingDir: root,
      entryPoints: [fileName],
      bundle: true,
      write: false,
      format: "esm",
      platform: "node",
      target: "esnext",
      sourcemap: "external",
      charset: "utf8",
      outdir: "out",
      packages: "external",
      treeShaking: false,
      plugins: [perdure({ types: false })],
    });
    const code = built.outputFiles.find((file) => file.path.endsWith(".js"))!.text;
    const map = JSON.parse(built.outputFiles.find((file) => file.path.endsWith(".map"))!.text);
    expect(lostIdentifiers(fileName, text, code, map)).toEqual([]);
  });

  it("through Vite", async () => {
    const built = (await viteBuild({
      root,
      configFile: false,
      logLevel: "silent",
      plugins: [perdureVite({ types: false })],
      build: {
        write: false,
        minify: false,
        sourcemap: true,
        target: "esnext",
        lib: { entry: fileName, formats: ["es"] },
        rollupOptions: { external: (id: string) => !id.startsWith(".") && !id.startsWith("/"), treeshake: false },
      },
    })) as { output: { type: string; code: string; map: unknown }[] }[];
    const chunk = built[0]!.output.find((output) => output.type === "chunk")!;
    expect(lostIdentifiers(fileName, text, chunk.code, chunk.map)).toEqual([]);
  });
});
