/** Every identifier that tsc's own map leads to the source, ours leads there too, exactly: with all fixtures, and each form of map. */

import { execFile } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { basename, join, relative } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { filesUnder, root } from "../repository/sources.ts";
import { generatedFor, valueIdentifiers, wrongSegments } from "../sourcemaps/tokens.ts";

const fixtures = ["fixtures/programs", "fixtures/checkout", "fixtures/crash", "fixtures/sourcemaps", "fixtures/command"]
  .flatMap((folder) => filesUnder(folder, (name) => /(?<!\.d)\.tsx?$/.test(name) && !name.startsWith("output")))
  .filter((path) => /["']use durable["']/.test(readFileSync(join(root, path), "utf8")));

mkdirSync(join(root, "tmp"), { recursive: true });
const folder = mkdtempSync(join(root, "tmp", "command-maps-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const run = (script: string, ...args: string[]): Promise<string> =>
  new Promise((resolve, reject) => {
    execFile(
      process.execPath,
      [join(root, script), ...args],
      { cwd: root, maxBuffer: 1e8 },
      (failure, stdout, stderr) =>
        failure && failure.code !== 2 ? reject(new Error(stdout + stderr)) : resolve(stdout),
    );
  });

/** Compiles the fixtures as they are; their types are not the question. Reads code and map of a file from the outputs. */
async function compiled(script: string, name: string, files: readonly string[], options: object) {
  const outDir = join(folder, name);
  const config = join(folder, `${name}.json`);
  const compilerOptions = {
    target: "esnext",
    module: "esnext",
    moduleResolution: "bundler",
    jsx: "preserve",
    noCheck: true,
    noLib: true,
    types: [],
    rootDir: root,
    outDir,
    ...options,
  };
  writeFileSync(config, JSON.stringify({ compilerOptions, files: files.map((path) => join(root, path)) }));
  await run(script, ...(script.endsWith("perdure.js") ? ["tsc"] : []), "-p", config);
  return (path: string): { code: string; map: any } => {
    const output = join(outDir, relative(root, join(root, path)))
      .replace(/\.tsx$/, ".jsx")
      .replace(/\.ts$/, ".js");
    const code = readFileSync(output, "utf8");
    const inline = /\/\/# sourceMappingURL=data:application\/json;base64,(\S+)/.exec(code);
    const map = inline ? Buffer.from(inline[1]!, "base64").toString() : readFileSync(`${output}.map`, "utf8");
    return { code, map: JSON.parse(map) };
  };
}

const TSC = "fixtures/typescript/6/node_modules/typescript/bin/tsc";
const PERDURE = "plugins/bin/perdure.js";

/** A slot may carry a number, a cell a `$`; a durable form stands behind the runtime's name; `_a` is what tsc makes of a class's
 * name in old JavaScript, and a constructor that it adds stands at the class. */
const same = (generated: string, original: string): boolean =>
  /^(\$|_[a-z]|constructor)$/.test(generated) ||
  (generated.startsWith(original) && /^\$*\d*$/.test(generated.slice(original.length)));

describe.each([
  ["modern JavaScript, maps beside it", { sourceMap: true }],
  ["old JavaScript, maps with the text inside", { target: "es2015", inlineSourceMap: true, inlineSources: true }],
])("%s", (_what, options) => {
  const name = (tool: string): string => `${tool}-${(options as { target?: string }).target ?? "modern"}`;
  const both = Promise.all([
    compiled(TSC, name("tsc"), fixtures, options),
    compiled(PERDURE, name("perdure"), fixtures, { ...options }),
  ]);
  both.catch(() => {});

  it.each(fixtures)("%s", async (path) => {
    const [plain, ours] = await both;
    const text = readFileSync(join(root, path), "utf8");
    const { code, map } = ours(path);
    expect(map.sources).toEqual(plain(path).map.sources);
    expect(map.sourcesContent).toEqual("inlineSources" in options ? [text] : undefined);
    const found = (built: { code: string; map: unknown }): Set<string> => {
      const generated = generatedFor(built.code, built.map, basename(path));
      return new Set(
        valueIdentifiers(path, text)
          .filter((at) => [...(generated.get(`${at.line}:${at.column}`) ?? [])].some((word) => same(word, at.name)))
          .map((at) => `${at.line}:${at.column + 1} ${at.name}`),
      );
    };
    const before = found(plain(path));
    const after = found(ours(path));
    expect(before.size).toBeGreaterThan(0);
    // What is assigned to a constant is a TypeError, and no variable any more.
    const lost = [...before].filter((one) => !after.has(one));
    expect(lost.filter((one) => !code.includes(`.constant("${one.split(" ")[1]}")`))).toEqual([]);
    const wrong = (built: { code: string; map: unknown }): string[] =>
      wrongSegments(built.code, built.map, new Map([[basename(path), text]]), same);
    const known = new Set(wrong(plain(path)));
    expect(wrong(ours(path)).filter((one) => !known.has(one))).toEqual([]);
  });
});
