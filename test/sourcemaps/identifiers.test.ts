/** Every user identifier of every fixture maps to itself: out of the transformer, through esbuild, and through Vite. */
import { readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { perdure } from "@perdure/plugins/esbuild";
import { perdure as perdureVite } from "@perdure/plugins/vite";
import { transform } from "@perdure/transformer";
import { build, type Plugin } from "esbuild";
import { type Plugin as VitePlugin, build as viteBuild } from "vite";
import { describe, expect, it } from "vitest";
import { filesUnder, root } from "../repository/sources.ts";
import { generatedFor, valueIdentifiers, wrongSegments } from "./tokens.ts";

const fixtures = [
  "fixtures/programs",
  "fixtures/checkout",
  "fixtures/crash",
  "fixtures/decorated",
  "fixtures/sourcemaps",
]
  .flatMap((folder) => filesUnder(folder, (name) => /(?<!\.d)\.tsx?$/.test(name) && !name.startsWith("output")))
  .map((path) => ({ path, fileName: join(root, path), text: readFileSync(join(root, path), "utf8") }))
  .filter((file) => /["']use durable["']/.test(file.text))
  .map((file) => ({ ...file, result: transform(file.text, { fileName: file.fileName, root }) }))
  .filter((file) => file.result.code !== null);

/** A slot may carry a number (`item$2`), a cell a `$`; a host may number a name that it moved into a scope with another. */
const sameSlot = (generated: string, original: string): boolean =>
  generated.startsWith(original) && /^\$*\d*$/.test(generated.slice(original.length));
const sameButNumbered = (generated: string, original: string): boolean =>
  // esbuild maps a member of a namespace import, `$.Promise`, `$p.Blob`, at the namespace.
  generated === "$" ||
  generated === "$p" ||
  sameSlot(generated, original) ||
  sameSlot(generated.replace(/\d+$/, ""), original);

/** The identifiers of a file that a host's output leads back to under their own name, as `line:column name`. */
function found(fileName: string, text: string, { code, map }: Built): Set<string> {
  const generated = generatedFor(code, map, basename(fileName));
  return new Set(
    valueIdentifiers(fileName, text)
      .filter(({ name, line, column }) =>
        [...(generated.get(`${line}:${column}`) ?? [])].some((word) => sameButNumbered(word, name)),
      )
      .map(({ name, line, column }) => `${line}:${column + 1} ${name}`),
  );
}

interface Built {
  readonly code: string;
  readonly map: unknown;
}

async function throughEsbuild(fileName: string, plugins: Plugin[]): Promise<Built> {
  const { outputFiles } = await build({
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
    plugins,
  });
  const textOf = (end: string): string => outputFiles.find((file) => file.path.endsWith(end))!.text;
  return { code: textOf(".js"), map: JSON.parse(textOf(".map")) };
}

async function throughVite(fileName: string, plugins: VitePlugin[]): Promise<Built> {
  const [built] = (await viteBuild({
    root,
    configFile: false,
    logLevel: "silent",
    plugins,
    build: {
      write: false,
      minify: false,
      sourcemap: true,
      target: "esnext",
      lib: { entry: fileName, formats: ["es"] },
      // Without its own optimizations: it would put the value of a variable that is read once in the variable's place.
      rolldownOptions: {
        external: (id: string) => !id.startsWith(".") && !id.startsWith("/"),
        treeshake: false,
        output: { minify: false },
      },
    },
  })) as { output: (Built & { type: string })[] }[];
  return built!.output.find((output) => output.type === "chunk")!;
}

/**
 * What the host finds of the file without us, it must find with us: hosts fold, drop and rename words of their own accord.
 */
async function losesNothing(fixture: { fileName: string; text: string }, hosts: Promise<Built>[]) {
  const { fileName, text } = fixture;
  const [alone, ours] = await Promise.allSettled(hosts);
  if (ours!.status === "rejected") throw ours!.reason;
  const after = found(fileName, text, ours!.value);
  // Assignments to constants are an error of the host's, in programs that test the TypeError; esbuild knows no `for (await using …;;)`.
  if (alone!.status === "rejected")
    expect(String(alone!.reason)).toMatch(/constant|const variable|"await using" declarations are not allowed here/);
  const before = alone!.status === "fulfilled" ? found(fileName, text, alone!.value) : after;
  expect(before.size).toBeGreaterThan(0);
  expect([...before].filter((identifier) => !after.has(identifier))).toEqual([]);
}

it("has fixtures", () => {
  expect(fixtures.length).toBeGreaterThan(20);
});

describe.each(fixtures)("$path", ({ fileName, text, result }) => {
  it("out of the transformer: every identifier is mapped, to itself", () => {
    expect(wrongSegments(result.code!, result.map, new Map([[basename(fileName), text]]), sameSlot)).toEqual([]);
    const mapped = generatedFor(result.code!, result.map, basename(fileName));
    const missing = valueIdentifiers(fileName, text).filter(({ line, column }) => !mapped.has(`${line}:${column}`));
    const names = missing.map((at) => `${at.line}:${at.column + 1} ${at.name}`);
    expect(names).toEqual([]);
  });

  it("through esbuild", async () => {
    const hosts = [throughEsbuild(fileName, []), throughEsbuild(fileName, [perdure({ types: false })])];
    await losesNothing({ fileName, text }, hosts);
  });

  it("through Vite", async () => {
    const hosts = [throughVite(fileName, []), throughVite(fileName, [perdureVite({ types: false })])];
    await losesNothing({ fileName, text }, hosts);
  });
});
