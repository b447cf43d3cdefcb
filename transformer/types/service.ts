/**
 * The types of durable files: one language service for each tsconfig, made when its first durable file is opened, and
 * kept for the whole build, so that a file costs its own checking only. The program has the opened files, their
 * imports, the project's other files with the directive and its own `.d.ts` files.
 */
import { createRequire } from "node:module";
import { dirname, resolve } from "node:path";
import type { ts } from "@ts-morph/common";
import { loadTypeScript, TS } from "../1-parse/typescript.ts";
import type { TypeSource } from "../options.ts";
import { fileTypes } from "./file-types.ts";
import type { FileTypes } from "./questions.ts";

export interface TypeSourceOptions {
  /** `auto`: of the tsconfig.json files from the file's folder upwards, and those that they refer to, the first that covers the file. Or the path of one. */
  readonly tsconfig?: "auto" | (string & {});
  /** Files that are durable without a directive: what they declare is durable, in a `.d.ts` too. Default: none. */
  readonly included?: (fileName: string) => boolean;
}

/** Opens lazily: nothing is loaded before the first durable file. */
export function createTypeSource(options: TypeSourceOptions = {}): TypeSource {
  const configs = new Map<string, Project | null>();
  let shared: Shared | undefined;

  const projectOf = (configPath: string): Project | null => {
    let project = configs.get(configPath);
    if (project === undefined) {
      shared ??= makeShared();
      project = openProject(configPath, shared, options.included ?? (() => false));
      configs.set(configPath, project);
    }
    return project;
  };

  /** The project itself, or the first of those it refers to, that has the file. */
  const covering = (configPath: string, fileName: string, seen = new Set<string>()): Project | undefined => {
    if (seen.has(configPath)) return undefined;
    seen.add(configPath);
    const project = projectOf(configPath);
    if (!project) return undefined;
    if (project.covers(fileName)) return project;
    for (const reference of project.references) {
      const found = covering(reference, fileName, seen);
      if (found) return found;
    }
    return undefined;
  };

  const find = (fileName: string): Project | undefined => {
    loadTypeScript();
    const { tsconfig = "auto" } = options;
    // A config that is named explicitly covers every file that it is asked about.
    if (tsconfig !== "auto") return projectOf(resolve(tsconfig)) ?? undefined;
    for (let folder = dirname(fileName); ; folder = dirname(folder)) {
      const configPath = TS.findConfigFile(folder, TS.sys.fileExists);
      if (configPath === undefined) return undefined;
      const found = covering(configPath, fileName);
      if (found) return found;
      folder = dirname(configPath);
      if (dirname(folder) === folder) return undefined;
    }
  };

  return {
    open(fileName, text): FileTypes | undefined {
      const path = normalized(fileName);
      return find(path)?.open(path, text);
    },
  };
}

/** As a project lists its files: hosts ask of `/app/./src/order.ts`, too. */
const normalized = (fileName: string): string => resolve(fileName).replaceAll("\\", "/");

interface Shared {
  readonly registry: ts.DocumentRegistry;
  /** The language's declaration files, which this copy of TypeScript carries inside. */
  readonly library: ReadonlyMap<string, string>;
  readonly libraryFolder: string;
}

function makeShared(): Shared {
  const common = createRequire(import.meta.url)("@ts-morph/common") as {
    getLibFiles(): { fileName: string; text: string }[];
    libFolderInMemoryPath: string;
  };
  const folder = common.libFolderInMemoryPath;
  const library = new Map(common.getLibFiles().map(({ fileName, text }) => [`${folder}/${fileName}`, text]));
  return { registry: TS.createDocumentRegistry(), library, libraryFolder: folder };
}

interface Project {
  readonly references: readonly string[];
  covers(fileName: string): boolean;
  open(fileName: string, text: string): FileTypes;
}

function openProject(
  configPath: string,
  { registry, library, libraryFolder }: Shared,
  included: (fileName: string) => boolean,
): Project | null {
  const { sys } = TS;
  const read = () =>
    TS.getParsedCommandLineOfConfigFile(configPath, {}, { ...sys, onUnRecoverableConfigFileDiagnostic: () => {} });
  const parsed = read();
  if (!parsed) return null;
  let covered = new Set(parsed.fileNames);
  const outside = new Set<string>();
  const covers = (fileName: string): boolean => {
    if (covered.has(fileName)) return true;
    if (outside.has(fileName)) return false;
    // It may be newer than the list.
    covered = new Set(read()?.fileNames);
    if (!covered.has(fileName)) outside.add(fileName);
    return covered.has(fileName);
  };
  const ambient = parsed.fileNames.filter((name) => /\.d\.[cm]?ts$/.test(name));
  const options: ts.CompilerOptions = {
    ...parsed.options,
    allowImportingTsExtensions: true,
    noEmit: true,
    composite: false,
    incremental: false,
    tsBuildInfoFile: undefined,
    skipLibCheck: true,
    // Which files are durable is decided by their text, so a JavaScript file may be asked about as well.
    allowJs: true,
  };
  const opened = new Map<string, { text: string; version: number }>();
  // A new root makes a new program with a checker of its own, so those that will be opened are roots from the start.
  for (const fileName of parsed.fileNames) {
    if (ambient.includes(fileName)) continue;
    const text = sys.readFile(fileName);
    if (text?.includes("use durable")) opened.set(fileName, { text, version: 0 });
  }

  const readFile = (path: string): string | undefined =>
    opened.get(path)?.text ?? library.get(path) ?? sys.readFile(path);
  const host: ts.LanguageServiceHost = {
    getCompilationSettings: () => options,
    getScriptFileNames: () => [...ambient, ...opened.keys()],
    getScriptVersion: (path) => {
      const own = opened.get(path);
      if (own) return `open ${own.version}`;
      // Packages and the library do not change under a build; the user's own modules do, in watch mode.
      if (library.has(path) || path.includes("/node_modules/")) return "1";
      return String(sys.getModifiedTime?.(path)?.getTime() ?? 0);
    },
    getScriptSnapshot: (path) => {
      const text = readFile(path);
      return text === undefined ? undefined : TS.ScriptSnapshot.fromString(text);
    },
    getCurrentDirectory: () => dirname(configPath),
    getDefaultLibFileName: (settings) => `${libraryFolder}/${TS.getDefaultLibFileName(settings)}`,
    fileExists: (path) => opened.has(path) || library.has(path) || sys.fileExists(path),
    readFile,
    directoryExists: (path) => path === libraryFolder || sys.directoryExists(path),
    getDirectories: sys.getDirectories,
    readDirectory: sys.readDirectory,
    ...(sys.realpath ? { realpath: sys.realpath } : {}),
    useCaseSensitiveFileNames: () => sys.useCaseSensitiveFileNames,
  };
  const service = TS.createLanguageService(host, registry);

  return {
    references: (parsed.projectReferences ?? []).map((reference) => TS.resolveProjectReferencePath(reference)),
    covers,
    open: (fileName, text) => {
      const known = opened.get(fileName);
      let program = known?.text === text || !known ? service.getProgram()! : undefined;
      // A file that others import may be there already, as it stands on the disk.
      if (program?.getSourceFile(fileName)?.text !== text) {
        opened.set(fileName, { text, version: (known?.version ?? 0) + 1 });
        program = service.getProgram()!;
      }
      return fileTypes(program!, program!.getSourceFile(fileName)!, included);
    },
  };
}
