/**
 * Compiles `perdure/patterns` with our own transformer, after `tsc -b`, which only type-checks it and writes its declarations: what is published is JavaScript
 * that is durable already. The modules' names in code ids are those of the package, wherever it was built. Does nothing when it is up to date.
 */
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const sources = join(root, "runtime/patterns");
const out = join(root, "runtime/dist/patterns");
const stamp = join(out, ".compiled");

const sourceNames = () => readdirSync(sources).filter((name) => name.endsWith(".ts"));

/** Changes with the sources, and whenever the transformer was built anew. */
function digest() {
  const hash = createHash("sha256").update(readFileSync(fileURLToPath(import.meta.url)));
  for (const name of sourceNames()) hash.update(name).update(readFileSync(join(sources, name)));
  const walk = (folder) => {
    for (const entry of readdirSync(folder, { withFileTypes: true })) {
      const path = join(folder, entry.name);
      if (entry.isDirectory()) walk(path);
      else if (entry.name.endsWith(".js")) hash.update(`${path} ${statSync(path).mtimeMs}`);
    }
  };
  walk(join(root, "transformer/dist"));
  return hash.digest("hex");
}

export async function compilePatterns() {
  const wanted = digest();
  if (existsSync(stamp) && readFileSync(stamp, "utf8") === wanted) return;
  const { createTypeSource, formatDiagnostic, transform } = await import(
    pathToFileURL(join(root, "transformer/dist/index.js")).href
  );
  const { withoutDirective } = await import(pathToFileURL(join(root, "plugins/dist/core/files.js")).href);
  const esbuild = await import("esbuild");
  const types = createTypeSource({ tsconfig: join(sources, "tsconfig.json") });
  const inline = (map) =>
    `\n//# sourceMappingURL=data:application/json;base64,${Buffer.from(JSON.stringify(map)).toString("base64")}`;
  mkdirSync(out, { recursive: true });
  for (const name of sourceNames()) {
    const fileName = join(sources, name);
    const text = readFileSync(fileName, "utf8");
    const result = transform(text, { fileName, root, module: `perdure/patterns/${name}`, types });
    if (result.diagnostics.length > 0)
      throw new Error(result.diagnostics.map((one) => formatDiagnostic(one, text, { root })).join("\n\n"));
    const { code, map } = await esbuild.transform(
      result.code === null ? text : withoutDirective(result.code) + inline(result.map),
      {
        loader: "ts",
        format: "esm",
        target: "es2023",
        sourcefile: name,
        sourcemap: "external",
        sourcesContent: true,
        tsconfigRaw: { compilerOptions: { verbatimModuleSyntax: true } },
      },
    );
    const target = name.replace(/\.ts$/, ".js");
    const linked = code.replace(/(from |import )"(\.[^"]*)\.ts"/g, '$1"$2.js"');
    writeFileSync(join(out, target), `${linked}//# sourceMappingURL=${target}.map\n`);
    writeFileSync(join(out, `${target}.map`), map);
  }
  writeFileSync(stamp, wanted);
}

/** Vitest's global setup: the tests find the patterns compiled, also when only `tsc -b` was run. */
export const setup = compilePatterns;

if (process.argv[1] === fileURLToPath(import.meta.url)) await compilePatterns();
