/**
 * Builds the programs twice: natively (types stripped, nothing else) and as machines (through the transformer). Each
 * build is a tree of modules with its own services, loaded by Node itself.
 */
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { ts } from "@ts-morph/common";
import { type Mode, type OpenTree, openTree } from "./tree.ts";

export const root = findRoot(dirname(fileURLToPath(import.meta.url)));
export const programs = join(root, "fixtures/programs");

function findRoot(directory: string): string {
  try {
    readFileSync(join(directory, "biome.json"));
    return directory;
  } catch {
    return findRoot(dirname(directory));
  }
}

export type Transform = (source: string, fileName: string) => string;

/** How many names added modules have, for the compiler and in runs: types are read again for a new name, and a name stands for one text in a process. */
const NAMES = 16;

/** From TypeScript to JavaScript, for modules that are generated. */
export type Strip = (text: string) => string;

export interface Tree extends OpenTree {
  readonly folder: string;
  /** The exports of one module, by its path below fixtures/programs. */
  load(path: string): Promise<Record<string, unknown>>;
  /** Compiles a module that is no file, as if it stood at that path. No process may load more than {@link NAMES}. */
  add(path: string, source: string): Promise<Record<string, unknown>>;
  /** The same, but leaves the loading to whoever has the address. */
  write(path: string, source: string): Promise<string>;
  remove(): void;
}

/** Paths of all modules of the programs, relative to fixtures/programs. */
export function modules(directory = programs): string[] {
  return readdirSync(directory, { withFileTypes: true })
    .flatMap((entry) => {
      const path = join(directory, entry.name);
      return entry.isDirectory() ? modules(path) : /\.tsx?$/.test(entry.name) ? [relative(programs, path)] : [];
    })
    .sort();
}

export async function makeTree(mode: Mode, transform: Transform | null, fast?: Strip): Promise<Tree> {
  // Below `dist`, so that the test runner leaves the loading to Node; a folder for each tree, since Node loads a path once.
  const dist = join(root, "test/differential/dist");
  mkdirSync(dist, { recursive: true });
  const out = mkdtempSync(join(dist, `${mode}-`));
  const write = async (path: string, source: string, given?: Strip, place = path): Promise<string> => {
    const fileName = join(programs, path);
    const text = transform === null || !durable.test(source) ? source : transform(source, fileName);
    const code = given?.(text) ?? strip(text, fileName);
    const target = join(out, place.replace(/\.tsx?$/, ".mjs"));
    const shim = relative(dirname(target), join(out, "native-perdure.mjs"));
    mkdirSync(dirname(target), { recursive: true });
    writeFileSync(
      target,
      code
        .replace(/(from |import |import\()"(\.[^"]*)\.ts"/g, '$1"$2.mjs"')
        .replace(
          /(from |import )"perdure"/g,
          mode === "native" ? `$1"${shim.startsWith(".") ? shim : `./${shim}`}"` : '$1"perdure"',
        )
        .replace(/from "perdure\/patterns"/g, mode === "native" ? `from "${patterns(target)}"` : "$&"),
    );
    return pathToFileURL(target).href;
  };
  /** Natively, the pattern library is its source. */
  const patterns = (target: string): string => {
    const path = relative(dirname(target), join(out, "perdure-patterns/index.mjs"));
    return path.startsWith(".") ? path : `./${path}`;
  };
  const written = new Map<string, Promise<string>>();
  /** Writes a module of the programs and those it imports, once. */
  const build = (path: string): Promise<string> => {
    const known = written.get(path);
    if (known !== undefined) return known;
    const source = readFileSync(join(programs, path), "utf8");
    const imported = [...source.matchAll(/from "(\.[^"]*)"/g)].map(([, specifier]) => join(dirname(path), specifier!));
    const building = (async () => {
      for (const it of imported) await build(it);
      return write(path, source);
    })();
    written.set(path, building);
    return building;
  };
  const load = async (path: string): Promise<any> => import(/* @vite-ignore */ await build(path));

  if (mode === "native")
    for (const name of readdirSync(join(root, "runtime/patterns")).filter((it) => it.endsWith(".ts")))
      await write(`perdure-patterns/${name}`, readFileSync(join(root, "runtime/patterns", name), "utf8"));
  const shimText = readFileSync(join(root, "test/differential/native-perdure.ts"), "utf8");
  await write("native-perdure.ts", shimText);
  for (const path of ["stage.ts", "show.ts", "services.ts"]) await build(path);
  let added = 0;
  const numbered = (path: string, number: number): string => path.replace(/(\.tsx?)$/, `-${number}$1`);
  const writeAdded = (path: string, source: string): Promise<string> => {
    const name = numbered(path, ++added % NAMES);
    return write(name, source, fast, numbered(path, added));
  };
  return {
    ...(await openTree(mode, out)),
    folder: out,
    load,
    write: writeAdded,
    add: async (path, source) => import(/* @vite-ignore */ await writeAdded(path, source)),
    remove: () => rmSync(out, { recursive: true, force: true }),
  };
}

/** Does this Node parse `using`? If not, TypeScript lowers it natively (with more ticks than the language has). */
export const hasUsing = ((): boolean => {
  try {
    new Function("{ using _ = null; }");
    return true;
  } catch {
    return false;
  }
})();

/** Takes the types away, and nothing else: a bundler would rename shadowing functions, which programs can see. */
const strip = (text: string, fileName: string): string =>
  ts.transpileModule(text, {
    fileName,
    compilerOptions: {
      // What no Node parses yet (`accessor`) is lowered where nothing of a later edition is to stay.
      target: hasUsing && /\busing\b/.test(text) ? ts.ScriptTarget.ESNext : ts.ScriptTarget.ES2025,
      module: ts.ModuleKind.ESNext,
      jsx: ts.JsxEmit.React,
      jsxFactory: "h",
      jsxFragmentFactory: "Fragment",
      useDefineForClassFields: true,
    },
  }).outputText;

/** The directive comes first, after comments. */
const durable = /^\s*(?:\/\*[\s\S]*?\*\/\s*|\/\/.*\n\s*)*["']use durable["']/;
