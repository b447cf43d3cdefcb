/**
 * Constructs that exist, or mean something else, only in sloppy mode (ECMA-262 Annex B and C), and that the parser
 * lets pass. It refuses octal literals and escapes itself.
 */
import type { ts } from "@ts-morph/common";
import { TS } from "../1-parse/typescript.ts";
import { targetsOf } from "./assignment-targets.ts";
import { inner } from "./calls/syntax.ts";

export interface SloppyConstruct {
  readonly construct: string;
  readonly mend: string;
  readonly place: ts.Node;
}

const RESERVED = new Set([
  "implements",
  "interface",
  "let",
  "package",
  "private",
  "protected",
  "public",
  "static",
  "yield",
]);

const isUnwritable = (node: ts.Node): node is ts.Identifier =>
  TS.isIdentifier(node) && (node.text === "eval" || node.text === "arguments");

/** What is sloppy about this node, its children apart. */
export function sloppyConstruct(node: ts.Node): SloppyConstruct | undefined {
  if (TS.isDeleteExpression(node) && TS.isIdentifier(node.expression))
    return { construct: `delete ${node.expression.text}`, mend: "assign undefined to the variable", place: node };
  for (const target of targetsOf(node)) {
    const at = inner(target as ts.Expression);
    if (isUnwritable(at))
      return { construct: `an assignment to ${at.text}`, mend: "use a variable of another name", place: at };
  }
  if (TS.isFunctionDeclaration(node) && (TS.isIfStatement(node.parent) || TS.isLabeledStatement(node.parent)))
    return { construct: "a function declaration without a block around it", mend: "put braces around it", place: node };
  const name = whatItNames(node) && (node as ts.NamedDeclaration).name;
  if (name && TS.isIdentifier(name) && (RESERVED.has(name.text) || isUnwritable(name)))
    return { construct: `${whatItNames(node)} named ${name.text}`, mend: "give it another name", place: name };
  return undefined;
}

function whatItNames(node: ts.Node): string | undefined {
  if (TS.isParameter(node) || TS.isVariableDeclaration(node) || TS.isBindingElement(node)) return "a variable";
  if (TS.isFunctionDeclaration(node) || TS.isFunctionExpression(node)) return "a function";
  return TS.isClassLike(node) ? "a class" : undefined;
}
