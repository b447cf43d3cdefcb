/** What is assigned to: by assignments, by `++` and `--`, and by the heads of loops. */
import type { ts } from "@ts-morph/common";
import { TS } from "../1-parse/typescript.ts";
import { inner } from "./calls/syntax.ts";
import type { EarlyError } from "./early-error.ts";

/** The targets of this node itself, patterns taken apart (ECMA-262 13.15.5); none where it assigns to nothing, or declares. */
export function* targetsOf(node: ts.Node): Generator<ts.Node> {
  const K = TS.SyntaxKind;
  if (TS.isBinaryExpression(node)) {
    const { kind } = node.operatorToken;
    if (kind === K.EqualsToken) yield* partsOf(node.left);
    else if (kind >= K.FirstAssignment && kind <= K.LastAssignment) yield node.left;
  } else if (TS.isPrefixUnaryExpression(node) || TS.isPostfixUnaryExpression(node)) {
    if (node.operator === K.PlusPlusToken || node.operator === K.MinusMinusToken) yield node.operand;
  } else if (TS.isForInStatement(node) || TS.isForOfStatement(node)) {
    if (!TS.isVariableDeclarationList(node.initializer)) yield* partsOf(node.initializer);
  }
}

function* partsOf(node: ts.Node): Generator<ts.Node> {
  if (TS.isArrayLiteralExpression(node)) {
    for (const element of node.elements)
      if (TS.isSpreadElement(element))
        if (element === node.elements.at(-1) && !node.elements.hasTrailingComma) yield* partsOf(element.expression);
        else yield element;
      else if (!TS.isOmittedExpression(element)) yield* partsOf(withoutDefault(element));
  } else if (TS.isObjectLiteralExpression(node)) {
    for (const property of node.properties)
      if (TS.isShorthandPropertyAssignment(property)) yield property.name;
      else if (TS.isPropertyAssignment(property)) yield* partsOf(withoutDefault(property.initializer));
      else
        yield TS.isSpreadAssignment(property) && property === node.properties.at(-1) ? property.expression : property;
  } else yield node;
}

const withoutDefault = (node: ts.Expression): ts.Expression =>
  TS.isBinaryExpression(node) && node.operatorToken.kind === TS.SyntaxKind.EqualsToken ? node.left : node;

/** ECMA-262 8.6.4 AssignmentTargetType: a variable, or a property that no optional chain leads to. */
function isTarget(node: ts.Node): boolean {
  const at = inner(node as ts.Expression);
  if (TS.isIdentifier(at)) return true;
  return (TS.isPropertyAccessExpression(at) || TS.isElementAccessExpression(at)) && !TS.isOptionalChain(at);
}

export function invalidTarget(node: ts.Node): EarlyError | undefined {
  for (const place of targetsOf(node))
    if (!isTarget(place))
      return {
        place,
        problem: "something is assigned to what is no variable or property",
        mend: "assign to a variable or a property",
      };
  return undefined;
}

/** Is this literal a pattern of an assignment, or of the head of a loop? */
export function isPattern(literal: ts.ObjectLiteralExpression | ts.ArrayLiteralExpression): boolean {
  const { parent } = literal;
  if (TS.isForInStatement(parent) || TS.isForOfStatement(parent)) return parent.initializer === literal;
  if (TS.isBinaryExpression(parent) && parent.operatorToken.kind === TS.SyntaxKind.EqualsToken)
    return parent.left === literal;
  if (TS.isArrayLiteralExpression(parent)) return isPattern(parent);
  if (TS.isSpreadElement(parent)) return TS.isArrayLiteralExpression(parent.parent) && isPattern(parent.parent);
  return TS.isPropertyAssignment(parent) && isPattern(parent.parent);
}
