/** The pages: blocks of code that parse, imports of names that are exported, commands that are there. `scripts/quick-start.mjs` follows the quick start itself. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { ts } from "@ts-morph/common";
import { expect, test } from "vitest";
import { root } from "./sources.ts";

const pages = [
  "README.md",
  "fixtures/examples/README.md",
  "plugins/README.md",
  "runtime/README.md",
  "transformer/README.md",
  ...["docs", "docs/errors"].flatMap((folder) => readdirSync(join(root, folder)).map((name) => `${folder}/${name}`)),
].filter((page) => page.endsWith(".md"));

const json = (path: string) => JSON.parse(readFileSync(join(root, path), "utf8"));

interface Block {
  readonly page: string;
  readonly line: number;
  readonly language: string;
  readonly text: string;
}

const blocks: readonly Block[] = pages.flatMap((page) => {
  const document = readFileSync(join(root, page), "utf8");
  return [...document.matchAll(/^```(\w+)\n([\s\S]*?)\n```$/gm)].map(({ 1: language, 2: text, index }) => ({
    page,
    line: document.slice(0, index).split("\n").length,
    language: language!,
    text: text!,
  }));
});

/** What is no statement: the columns of a contract, a property of a configuration. An ellipsis stands for what the reader has. */
const fragments = /→|^\s*transform: \{/m;
const code = blocks.filter(({ language, text }) => /^[jt]sx?$/.test(language) && !fragments.test(text));
const parsed = code.map((block) => {
  const text = block.text.replace(/(?<=[{,[(] ?)…,? ?(?=[\s}\])])/g, " ").replaceAll("…", "etc");
  return { block, file: ts.createSourceFile("block.tsx", text, ts.ScriptTarget.ESNext, true, ts.ScriptKind.TS) };
});

test("blocks of code parse", () => {
  expect(parsed.length).toBeGreaterThan(80);
  const failures = parsed.flatMap(({ block, file }) => {
    const { parseDiagnostics } = file as unknown as { parseDiagnostics: readonly ts.DiagnosticWithLocation[] };
    return parseDiagnostics.slice(0, 1).map((found) => {
      const { line } = file.getLineAndCharacterOfPosition(found.start);
      return `${block.page}:${block.line + 1 + line} ${ts.flattenDiagnosticMessageText(found.messageText, " ")}`;
    });
  });
  expect(failures).toEqual([]);
});

const packages = new Map(
  ["runtime", "plugins", "transformer"].map((folder) => {
    const manifest = json(`${folder}/package.json`);
    return [manifest.name as string, { folder, exports: manifest.exports as Record<string, { types: string }> }];
  }),
);

/** The declarations behind a specifier of this project; undefined: it is none. Null: there is no such entry. */
function declarationsOf(specifier: string): string | null | undefined {
  for (const [name, { folder, exports }] of packages) {
    if (specifier !== name && !specifier.startsWith(`${name}/`)) continue;
    const entry = exports[`.${specifier.slice(name.length)}`];
    return entry === undefined ? null : join(root, folder, entry.types);
  }
  return undefined;
}

test("what blocks import of this project is exported", () => {
  const wanted: { readonly where: string; readonly specifier: string; readonly names: readonly string[] }[] = [];
  for (const { block, file } of parsed)
    for (const statement of file.statements) {
      if (!ts.isImportDeclaration(statement) || !ts.isStringLiteral(statement.moduleSpecifier)) continue;
      const bindings = statement.importClause?.namedBindings;
      const named = bindings && ts.isNamedImports(bindings) ? bindings.elements : [];
      wanted.push({
        where: `${block.page}:${block.line}`,
        specifier: statement.moduleSpecifier.text,
        names: named.map((one) => (one.propertyName ?? one.name).getText(file)),
      });
    }
  const files = wanted.flatMap(({ specifier }) => declarationsOf(specifier) ?? []);
  expect(files.length).toBeGreaterThan(30);
  const program = ts.createProgram([...new Set(files)], {
    module: ts.ModuleKind.NodeNext,
    moduleResolution: ts.ModuleResolutionKind.NodeNext,
    noLib: true,
    skipLibCheck: true,
    types: [],
  });
  const checker = program.getTypeChecker();
  const missing = wanted.flatMap(({ where, specifier, names }) => {
    const declarations = declarationsOf(specifier);
    if (declarations === undefined) return [];
    if (declarations === null) return [`${where}: ${specifier} is no entry`];
    const symbol = checker.getSymbolAtLocation(program.getSourceFile(declarations)!);
    const exported = new Set(symbol ? checker.getExportsOfModule(symbol).map(({ name }) => name) : []);
    return names.filter((name) => !exported.has(name)).map((name) => `${where}: ${specifier} exports no ${name}`);
  });
  expect(missing).toEqual([]);
}, 120_000);

test("commands that pages name are there", () => {
  const { scripts } = json("package.json");
  const bins = Object.keys(json("plugins/package.json").bin);
  const failures: string[] = [];
  let commands = 0;
  // The quick start makes a project of its own.
  for (const page of pages.filter((name) => name !== "docs/quick-start.md")) {
    const document = readFileSync(join(root, page), "utf8");
    for (const [, name] of document.matchAll(/\bnpm run (?:--silent )?([\w:-]+)/g)) {
      commands++;
      if (!(name! in scripts)) failures.push(`${page}: npm run ${name}`);
    }
    for (const [, name] of document.matchAll(/\bnpx ([\w-]+)(?= (?:tsc|check|explain|archive))/g)) {
      commands++;
      if (!bins.includes(name!)) failures.push(`${page}: npx ${name}`);
    }
  }
  expect(commands).toBeGreaterThan(15);
  expect(failures).toEqual([]);
});
