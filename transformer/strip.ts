/** From TypeScript text to JavaScript, for hosts that do not strip types themselves (Node 20, Jest, Rollup): one file at a time, nothing is checked. */
import { dirname } from "node:path";
import type { ts } from "@ts-morph/common";
import { loadTypeScript, TS } from "./1-parse/typescript.ts";

export interface StripRequest {
  /** Absolute path; its extension tells TypeScript from JavaScript, and JSX from both. */
  readonly fileName: string;
  /** `esm` keeps imports and exports; `commonjs` makes `require` of them. */
  readonly module: "esm" | "commonjs";
}

export interface Stripped {
  readonly code: string;
  /** Source map of `code`, version 3; its only source is the file's base name. */
  readonly map: unknown;
}

/**
 * Strips types as `tsc` with `isolatedModules` does, enums and parameter properties included; of the file's tsconfig it heeds what changes
 * the meaning of the output (decorators, class fields, JSX, which imports stay). Syntax is that of ECMAScript 2025: decorators, `accessor` and `using` are lowered, which
 * no Node, or none before 24, can parse.
 *
 * @example
 * const strip = createStripper();
 * strip("export const n: number = 1;", { fileName: "/app/n.ts", module: "esm" }).code; // "export const n = 1;\n"
 */
export function createStripper(): (text: string, request: StripRequest) => Stripped {
  const settings = new Map<string, ts.CompilerOptions>();
  return (text, { fileName, module }) => {
    loadTypeScript();
    const folder = dirname(fileName);
    let own = settings.get(folder);
    if (own === undefined) {
      own = meaningOf(folder);
      settings.set(folder, own);
    }
    const { outputText, sourceMapText } = TS.transpileModule(text, {
      fileName,
      ...(module === "commonjs" && text.includes("import.meta") ? { transformers: { before: [metaOfCommonJs] } } : {}),
      compilerOptions: {
        ...own,
        module: module === "esm" ? TS.ModuleKind.ESNext : TS.ModuleKind.CommonJS,
        // What stays an import in a module cannot stay one in CommonJS.
        ...(module === "commonjs" ? { verbatimModuleSyntax: false } : {}),
        target: TS.ScriptTarget.ES2025,
        sourceMap: true,
        allowJs: true,
        esModuleInterop: true,
        isolatedModules: true,
        removeComments: false,
      },
    });
    return { code: outputText.replace(/\n?\/\/# sourceMappingURL=\S*\s*$/, "\n"), map: JSON.parse(sourceMapText!) };
  };
}

/** `import.meta` does not parse in CommonJS; what Node has in it is known there too. */
const metaOfCommonJs: ts.TransformerFactory<ts.SourceFile> = (context) => (file) => {
  const { factory } = context;
  const filename = () => factory.createIdentifier("__filename");
  const required = factory.createCallExpression(factory.createIdentifier("require"), undefined, [
    factory.createStringLiteral("node:url"),
  ]);
  const toUrl = factory.createPropertyAccessExpression(required, "pathToFileURL");
  const url = factory.createPropertyAccessExpression(
    factory.createCallExpression(toUrl, undefined, [filename()]),
    "href",
  );
  const meta = factory.createObjectLiteralExpression([
    factory.createPropertyAssignment("url", url),
    factory.createPropertyAssignment("filename", filename()),
    factory.createPropertyAssignment("dirname", factory.createIdentifier("__dirname")),
  ]);
  const visit = (node: ts.Node): ts.Node =>
    TS.isMetaProperty(node) && node.keywordToken === TS.SyntaxKind.ImportKeyword
      ? factory.createParenthesizedExpression(meta)
      : TS.visitEachChild(node, visit, context);
  return TS.visitEachChild(file, visit, context);
};

/** The options of the nearest tsconfig that change what a stripped file does. */
function meaningOf(folder: string): ts.CompilerOptions {
  const path = TS.findConfigFile(folder, TS.sys.fileExists);
  if (path === undefined) return {};
  const { config } = TS.readConfigFile(path, TS.sys.readFile);
  // Which files it covers does not matter here, and listing them is what costs.
  const host = { ...TS.sys, readDirectory: () => [] };
  const { options } = TS.parseJsonConfigFileContent(config ?? {}, host, dirname(path));
  const { experimentalDecorators, emitDecoratorMetadata, useDefineForClassFields, verbatimModuleSyntax } = options;
  const { jsx, jsxFactory, jsxFragmentFactory, jsxImportSource } = options;
  const chosen = { experimentalDecorators, emitDecoratorMetadata, useDefineForClassFields, verbatimModuleSyntax };
  return { ...chosen, jsx, jsxFactory, jsxFragmentFactory, jsxImportSource };
}
