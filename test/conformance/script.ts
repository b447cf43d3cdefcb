/** Parsing of tests: scripts in strict mode, read by the parser that the transformer uses. */
import { ts } from "@ts-morph/common";

export function parseScript(source: string): ts.SourceFile {
  return ts.createSourceFile("test.js", source, ts.ScriptTarget.ESNext, true, ts.ScriptKind.JS);
}

/** Text to put into a source, at an offset. At the same offset, in the order given. */
export interface Insertion {
  readonly at: number;
  readonly text: string;
}

export function insert(source: string, insertions: readonly Insertion[]): string {
  let text = "";
  let from = 0;
  for (const { at, text: added } of [...insertions].sort((a, b) => a.at - b.at)) {
    text += source.slice(from, at) + added;
    from = at;
  }
  return text + source.slice(from);
}

/** Does what is inside have a `this` of its own? */
export const bindsThis = (node: ts.Node): boolean =>
  ts.isFunctionDeclaration(node) ||
  ts.isFunctionExpression(node) ||
  ts.isMethodDeclaration(node) ||
  ts.isAccessor(node) ||
  ts.isConstructorDeclaration(node) ||
  ts.isClassStaticBlockDeclaration(node) ||
  ts.isPropertyDeclaration(node);

/** A directive stands first, and is nothing but a string (ECMA-262 11.2.1). */
export const directives = (statements: readonly ts.Statement[]): number => {
  const first = statements.findIndex((it) => !(ts.isExpressionStatement(it) && ts.isStringLiteral(it.expression)));
  return first === -1 ? statements.length : first;
};
