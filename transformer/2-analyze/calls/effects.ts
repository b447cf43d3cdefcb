/**
 * May evaluating an argument exchange the method that is about to be called, or fail? A member call reads its function before its arguments are
 * evaluated (ECMA-262 13.3.6.1); for arguments that only name values, nobody can tell.
 */
import type { ts } from "@ts-morph/common";
import { TS } from "../../1-parse/typescript.ts";

/** Property reads count as none: a getter that exchanges the method that it is an argument of is nobody's program. */
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
    case K.CallExpression:
    case K.NewExpression:
    case K.TaggedTemplateExpression:
    case K.SpreadElement:
    case K.SpreadAssignment:
    case K.AwaitExpression:
    case K.YieldExpression:
    case K.ClassExpression:
    case K.JsxElement:
    case K.JsxSelfClosingElement:
    case K.JsxFragment:
      return true;
  }
  return isAssigning(node) || TS.forEachChild(node, hasEffects) === true;
}

/** Is something assigned, updated or deleted in the text itself? */
export const assigns = (node: ts.Node): boolean =>
  !TS.isFunctionLike(node) && (isAssigning(node) || TS.forEachChild(node, assigns) === true);

function isAssigning(node: ts.Node): boolean {
  const K = TS.SyntaxKind;
  if (TS.isDeleteExpression(node) || TS.isPostfixUnaryExpression(node)) return true;
  if (TS.isPrefixUnaryExpression(node)) return node.operator === K.PlusPlusToken || node.operator === K.MinusMinusToken;
  if (!TS.isBinaryExpression(node)) return false;
  const { kind } = node.operatorToken;
  return kind >= K.FirstAssignment && kind <= K.LastAssignment;
}
