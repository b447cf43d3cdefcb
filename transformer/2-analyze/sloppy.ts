/**
 * Constructs that exist, or mean something else, only in sloppy mode (ECMA-262 Annex B and C), and that the parser
 * lets pass. It refuses octal literals and escapes itself.
 */
import type { ts } from "@ts-morph/common";
import { TS } from "../1-parse/typescript.ts";

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
  const K = TS.SyntaxKind;
  if (TS.isDeleteExpression(node) && TS.isIdentifier(node.expression))
    return { construct: `delete ${node.expression.text}`, mend: "assign undefined to the variable", place: node };
  if (TS.isBinaryExpression(node)) {
    const { kind } = node.operatorToken;
    if (kind < K.FirstAssignment || kind > K.LastAssignment || !isUnwritable(node.left)) return undefined;
    return { construct: `an assignment to ${node.left.text}`, mend: "use a variable of another name", place: node };
  }
  if ((TS.isPrefixUnaryExpression(node) || TS.isPostfixUnaryExpression(node)) && isUnwritable(node.operand)) {
    if (node.operator !== K.PlusPlusToken && node.operator !== K.MinusMinusToken) return undefined;
    return { construct: `an assignment to ${node.operand.text}`, mend: "use a variable of another name", place: node };
  }
  if (TS.isFunctionDeclaration(node) && (TS.isIfStatement(node.parent) || TS.isLabeledStatement(node.parent)))
    return { construct: "a function declaration without a block around it", mend: "put braces around it", place: node };
  if (TS.isParameter(node) || TS.isVariableDeclaration(node) || TS.isBindingElement(node)) {
    if (!TS.isIdentifier(node.name)) return undefined;
    const { text } = node.name;
    if (RESERVED.has(text) || isUnwritable(node.name))
      return { construct: `a variable named ${text}`, mend: "give it another name", place: node.name };
    if (TS.isParameter(node) && isSecond(node, text))
      return { construct: `a second parameter named ${text}`, mend: "give it another name", place: node.name };
  }
  return undefined;
}

/** Has another parameter before this one the same name? */
function isSecond(node: ts.ParameterDeclaration, text: string): boolean {
  const first = node.parent.parameters.find((p) => TS.isIdentifier(p.name) && p.name.text === text);
  return first !== undefined && first.pos < node.pos;
}
