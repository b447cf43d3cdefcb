/**
 * Prints the documentation that is kept as tables in the code: `npm run generate`, after `npm run build`. With
 * `--check` nothing is written, and the exit code says whether something is out of date.
 */
import { existsSync, mkdirSync, readdirSync, readFileSync, unlinkSync, writeFileSync } from "node:fs";
import { basename, dirname, join, relative } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { build } from "esbuild";
import { printApi } from "./api.mjs";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const built = (path) => import(pathToFileURL(join(root, path)).href);

/** A module of the tests, which are not built. */
async function bundled(path) {
  const outfile = join(root, "test/dist", `${basename(path, ".ts")}.mjs`);
  const options = { bundle: true, platform: "node", format: "esm", packages: "external", logLevel: "warning" };
  await build({ entryPoints: [join(root, path)], outfile, ...options });
  return import(pathToFileURL(outfile).href);
}

/** Every built `messages.js` of the packages, or file of another name: its exports that are tables of codes count. */
export function messageFiles(fileName = "messages.js") {
  const found = [];
  const walk = (folder) => {
    for (const entry of readdirSync(folder, { withFileTypes: true })) {
      const path = join(folder, entry.name);
      if (entry.isDirectory()) walk(path);
      // A table whose source is gone is left over from an earlier build.
      else if (entry.name === fileName && existsSync(path.replace("/dist/", "/").replace(/\.js$/, ".ts")))
        found.push(relative(root, path));
    }
  };
  for (const name of ["transformer", "runtime", "plugins"])
    if (existsSync(join(root, name, "dist"))) walk(join(root, name, "dist"));
  return found.sort();
}

const isTable = (value) => {
  const codes = Object.keys(Object(value));
  return codes.length > 0 && codes.every((code) => /^PD\d+$/.test(code));
};

/** Every generated file: path from the repository's root, and its text. */
export async function generate() {
  const { mergeTables, printIndex, printPage } = await built("transformer/dist/diagnostics/pages.js");
  const { printCallTable } = await built("transformer/dist/2-analyze/calls/print.js");
  const { printLanguage } = await built("transformer/dist/2-analyze/support.js");
  const { loadTypeScript } = await built("transformer/dist/1-parse/typescript.js");
  loadTypeScript();
  const tablesIn = async (fileName) => {
    const modules = await Promise.all(messageFiles(fileName).map(built));
    return modules.flatMap((module) => Object.values(module).filter(isTable));
  };
  const tables = await tablesIn("messages.js");
  const pages = Object.assign({}, ...(await tablesIn("pages.js")));
  const files = new Map();
  const messages = mergeTables(tables);
  for (const code of Object.keys(pages)) if (!(code in messages)) throw new Error(`no message has the code ${code}`);
  for (const [code, entry] of Object.entries(messages))
    files.set(`docs/errors/${code}.md`, printPage(code, entry, pages));
  files.set("docs/errors/README.md", printIndex(tables));
  files.set("docs/api.md", printApi(root));
  files.set("docs/calls.md", printCallTable());
  files.set("docs/language.md", printLanguage());
  files.set("docs/real-code.md", (await bundled("test/real/print.ts")).printRealCode());
  return files;
}

/** Pages of codes that no table has any more. */
const stale = (files) => {
  const folder = join(root, "docs/errors");
  return existsSync(folder)
    ? readdirSync(folder)
        .map((name) => `docs/errors/${name}`)
        .filter((path) => !files.has(path))
    : [];
};

/** Paths that differ from what the tables print. */
export async function outdated() {
  const files = await generate();
  const differs = [...files].filter(
    ([path, text]) => !existsSync(join(root, path)) || readFileSync(join(root, path), "utf8") !== text,
  );
  return [...differs.map(([path]) => path), ...stale(files)];
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const paths = await outdated();
  if (process.argv.includes("--check")) {
    if (paths.length > 0) console.error(`out of date, run npm run generate:\n  ${paths.join("\n  ")}`);
    process.exitCode = paths.length > 0 ? 1 : 0;
  } else {
    const files = await generate();
    for (const path of paths) {
      mkdirSync(dirname(join(root, path)), { recursive: true });
      if (files.has(path)) writeFileSync(join(root, path), files.get(path));
      else unlinkSync(join(root, path));
      console.log(path);
    }
  }
}
