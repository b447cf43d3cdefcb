/**
 * Builds the programs twice: natively (types stripped, nothing else) and as machines (through the transformer). Each
 * build is a tree of modules with its own services, loaded by Node itself.
 */
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { ts } from "@ts-morph/common";

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

export type Mode = "native" | "machine";

export type Transform = (source: string, fileName: string) => string;

/** From TypeScript to JavaScript, for modules that are generated. */
export type Strip = (text: string) => string;

export interface Tree {
  readonly mode: Mode;
  readonly stage: { world: unknown };
  readonly show: (value: unknown) => string;
  readonly resumeToken: (id: string, value: unknown) => void;
  /** The exports of one module, by its path below fixtures/programs. */
  load(path: string): Promise<Record<string, unknown>>;
  /** Compiles a module that is no file, as if it stood at that path. */
  add(path: string, source: string): Promise<Record<string, unknown>>;
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
  // Below `dist`, so that the test runner leaves the loading to Node.
  const out = join(root, "test/differential/dist", `${mode}-${process.pid}`);
  rmSync(out, { recursive: true, force: true });
  const write = async (path: string, source: string, given?: Strip): Promise<string> => {
    const fileName = join(programs, path);
    const text = transform === null || !durable.test(source) ? source : transform(source, fileName);
    const code = given?.(text) ?? strip(text, fileName);
    const target = join(out, path.replace(/\.tsx?$/, ".mjs"));
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
  const { stage } = await load("stage.ts");
  const { show } = await load("show.ts");
  await load("services.ts");
  const shim = pathToFileURL(join(out, "native-perdure.mjs")).href;
  const { resumeToken } = mode === "native" ? await import(/* @vite-ignore */ shim) : await import("perdure/testing");
  let added = 0;
  return {
    mode,
    stage,
    show,
    resumeToken,
    load,
    add: async (path, source) =>
      import(/* @vite-ignore */ `${await write(path.replace(/(\.tsx?)$/, `-${++added}$1`), source, fast)}`),
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
      target: hasUsing ? ts.ScriptTarget.ESNext : ts.ScriptTarget.ES2025,
      module: ts.ModuleKind.ESNext,
      jsx: ts.JsxEmit.React,
      jsxFactory: "h",
      jsxFragmentFactory: "Fragment",
      useDefineForClassFields: true,
    },
  }).outputText;

/** The directive comes first, after comments. */
const durable = /^\s*(?:\/\*[\s\S]*?\*\/\s*|\/\/.*\n\s*)*["']use durable["']/;
