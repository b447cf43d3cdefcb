/** Identifier tokens of a text, and the check of a map against them. */
import { type EncodedSourceMap, eachMapping, TraceMap } from "@jridgewell/trace-mapping";
import { ts } from "@ts-morph/common";

const word = /[\p{ID_Start}$_#][\p{ID_Continue}$\u200c\u200d]*/uy;

/** The identifier that starts at a 1-based line and 0-based column, or undefined. */
export function identifierAt(lines: readonly string[], line: number, column: number): string | undefined {
  word.lastIndex = column;
  return word.exec(lines[line - 1] ?? "")?.[0];
}

export interface UserIdentifier {
  readonly name: string;
  /** 1-based. */
  readonly line: number;
  /** 0-based. */
  readonly column: number;
  /** Names a JSX element or attribute. */
  readonly isJsx: boolean;
}

/** Identifiers in value positions of a TypeScript file: what a debugger may stop at or name. */
export function valueIdentifiers(fileName: string, text: string): UserIdentifier[] {
  const file = ts.createSourceFile(fileName, text, ts.ScriptTarget.Latest, true);
  const found: UserIdentifier[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isTypeNode(node) || ts.isInterfaceDeclaration(node) || ts.isTypeAliasDeclaration(node)) return;
    if (ts.isTypeParameterDeclaration(node)) return;
    if (ts.isFunctionDeclaration(node) && !node.body) return; // An overload.
    if (ts.isImportDeclaration(node)) return; // The host decides what is left of imports.
    if (ts.isParameter(node) && node.name.getText() === "this") return; // A type.
    if (ts.isMetaProperty(node)) return; // `new.target`: words of the language.
    if (ts.isBreakOrContinueStatement(node)) return; // Labels name no value, and a jump needs none.
    if (ts.isLabeledStatement(node)) return visit(node.statement);
    if (ts.isVariableDeclaration(node) && !node.initializer && ts.isVariableStatement(node.parent.parent)) return;
    if (/noUnreachable/.test(text.slice(node.pos, node.getStart()))) return; // What cannot be reached is left out.
    // The first becomes a slot of another name; the others go with the platform name after them: `globalThis.setTimeout`, `process.nextTick`.
    if (ts.isIdentifier(node) && (node.text === "arguments" || node.text === "globalThis")) return;
    if (ts.isPropertyAccessExpression(node) && node.getText() === "process.nextTick") return visit(node.name);
    if (ts.canHaveModifiers(node) && ts.getModifiers(node)?.some((m) => m.kind === ts.SyntaxKind.DeclareKeyword))
      return;
    if (ts.isIdentifier(node)) {
      const { line, character } = file.getLineAndCharacterOfPosition(node.getStart());
      const isJsx =
        ts.isJsxOpeningLikeElement(node.parent) ||
        ts.isJsxClosingElement(node.parent) ||
        ts.isJsxAttribute(node.parent);
      found.push({ name: node.text, line: line + 1, column: character, isJsx });
    }
    ts.forEachChild(node, visit);
  };
  visit(file);
  return found;
}

/** Segments whose generated identifier is not the one at the source position they name. `same` may allow a host's renames. */
export function wrongSegments(
  code: string,
  map: unknown,
  sources: ReadonlyMap<string, string>,
  same: (generated: string, original: string) => boolean,
): string[] {
  const generatedLines = code.split("\n");
  const sourceLines = new Map([...sources].map(([name, text]) => [name, text.split("\n")]));
  const wrong: string[] = [];
  eachMapping(new TraceMap(map as EncodedSourceMap), (mapping) => {
    if (mapping.source === null) return;
    const { source } = mapping;
    const lines = [...sourceLines].find(([name]) => source.endsWith(name))?.[1];
    if (!lines) return;
    const generated = identifierAt(generatedLines, mapping.generatedLine, mapping.generatedColumn);
    const original = identifierAt(lines, mapping.originalLine, mapping.originalColumn);
    if (generated === undefined || original === undefined || same(generated, original)) return;
    wrong.push(`${mapping.source}:${mapping.originalLine}:${mapping.originalColumn + 1} ${original} ← ${generated}`);
  });
  return wrong;
}

/** For each original position that a map names (`line:column`), the identifiers of the generated text that lead there. */
export function generatedFor(code: string, map: unknown, sourceName: string): Map<string, Set<string>> {
  const generatedLines = code.split("\n");
  const found = new Map<string, Set<string>>();
  eachMapping(new TraceMap(map as EncodedSourceMap), (mapping) => {
    if (!mapping.source?.endsWith(sourceName)) return;
    const at = `${mapping.originalLine}:${mapping.originalColumn}`;
    const names = found.get(at) ?? new Set();
    found.set(at, names);
    // Hosts map a statement at its indentation, and `.name` at the dot or the name; a method's name may become a key.
    const rest = generatedLines[mapping.generatedLine - 1]?.slice(mapping.generatedColumn) ?? "";
    const skipped = /^[\s.([!+\-"'`]*/.exec(rest)![0].length;
    names.add(identifierAt(generatedLines, mapping.generatedLine, mapping.generatedColumn + skipped) ?? "");
  });
  return found;
}
