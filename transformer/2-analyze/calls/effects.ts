/**
 * May evaluating an argument exchange the method that is about to be called, or fail? A member call reads its function before its arguments are
 * evaluated (ECMA-262 13.3.6.1); only for arguments that name values, literals and functions can nobody tell.
 */
import type { ts } from "@ts-morph/common";
import { TS } from "../../1-parse/typescript.ts";

/** A property may be a getter, an operand of an operator an object with a `valueOf`. */
export function hasEffects(node: ts.Node): boolean {
  if (TS.isTypeNode(node)) return false;
  const K = TS.SyntaxKind;
  switch (node.kind) {
    case K.ArrowFunction:
    case K.FunctionExpression:
      return false;
    // The rest is evaluated when it is called.
    case K.MethodDeclaration:
    case K.GetAccessor:
    case K.SetAccessor:
      return hasEffects((node as ts.MethodDeclaration).name);
    case K.PropertyAccessExpression:
    case K.ElementAccessExpression:
    case K.CallExpression:
    case K.NewExpression:
    case K.TaggedTemplateExpression:
    case K.TemplateExpression:
    case K.SpreadElement:
    case K.SpreadAssignment:
    case K.AwaitExpression:
    case K.YieldExpression:
    case K.ClassExpression:
    case K.JsxElement:
    case K.JsxSelfClosingElement:
    case K.JsxFragment:
      return true;
    case K.ComputedPropertyName:
      return !TS.isStringLiteralLike((node as ts.ComputedPropertyName).expression);
    case K.PrefixUnaryExpression:
      if (isConverting(node as ts.PrefixUnaryExpression)) return true;
      break;
    case K.BinaryExpression:
      if (!isPlain((node as ts.BinaryExpression).operatorToken.kind)) return true;
  }
  return isAssigning(node) || TS.forEachChild(node, hasEffects) === true;
}

/** Does it suspend the function that it stands in? */
export const suspends = (node: ts.Node): boolean =>
  TS.isAwaitExpression(node) ||
  TS.isYieldExpression(node) ||
  (!TS.isFunctionLike(node) && TS.forEachChild(node, suspends) === true);

/** Is something assigned, updated or deleted in the text itself? */
export const assigns = (node: ts.Node): boolean =>
  !TS.isFunctionLike(node) && (isAssigning(node) || TS.forEachChild(node, assigns) === true);

/** `-x`, `+x` and `~x` ask an object for its value; of a literal they are one. */
const isConverting = ({ operator, operand }: ts.PrefixUnaryExpression): boolean =>
  operator !== TS.SyntaxKind.ExclamationToken && !TS.isNumericLiteral(operand) && !TS.isBigIntLiteral(operand);

/** Operators that ask no operand for anything. */
function isPlain(operator: ts.SyntaxKind): boolean {
  const K = TS.SyntaxKind;
  switch (operator) {
    case K.EqualsEqualsEqualsToken:
    case K.ExclamationEqualsEqualsToken:
    case K.AmpersandAmpersandToken:
    case K.BarBarToken:
    case K.QuestionQuestionToken:
    case K.CommaToken:
      return true;
  }
  return false;
}

function isAssigning(node: ts.Node): boolean {
  const K = TS.SyntaxKind;
  if (TS.isDeleteExpression(node) || TS.isPostfixUnaryExpression(node)) return true;
  if (TS.isPrefixUnaryExpression(node)) return node.operator === K.PlusPlusToken || node.operator === K.MinusMinusToken;
  if (!TS.isBinaryExpression(node)) return false;
  const { kind } = node.operatorToken;
  return kind >= K.FirstAssignment && kind <= K.LastAssignment;
}
