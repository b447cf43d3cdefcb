/** Where a value goes as it is, and nothing asks what it is. */
import type { ts } from "@ts-morph/common";
import { TS } from "../../1-parse/typescript.ts";
import { outer, viewOrIterator } from "./syntax.ts";

/**
 * Where a promise would be kept as any value is, or dropped: `const p = f()`, `{ p: f() }`, `list.push(f())`, `f();`. Elsewhere, as in `f().x` or `f() + 1`, it
 * would make no sense.
 */
export function isKept(node: ts.Expression): boolean {
  // An iterator that may have to keep its position over saves has a form of its own.
  if (viewOrIterator(node, node.getSourceFile())) return false;
  const whole = outer(node);
  const { parent } = whole;
  const K = TS.SyntaxKind;
  switch (parent.kind) {
    case K.ArrayLiteralExpression:
    case K.ArrowFunction:
    case K.ExpressionStatement:
    case K.PropertyAssignment:
    case K.PropertyDeclaration:
    case K.ReturnStatement:
    case K.VoidExpression:
    case K.YieldExpression:
      return true;
    case K.CallExpression:
    case K.NewExpression:
      return (parent as ts.CallExpression | ts.NewExpression).expression !== whole;
    case K.VariableDeclaration:
      return TS.isIdentifier((parent as ts.VariableDeclaration).name);
    case K.ConditionalExpression:
      return (parent as ts.ConditionalExpression).condition !== whole && isKept(parent as ts.Expression);
    case K.BinaryExpression: {
      const { left, operatorToken } = parent as ts.BinaryExpression;
      if (left === whole) return false;
      if (keepsRight(operatorToken)) return !TS.isObjectLiteralExpression(left) && !TS.isArrayLiteralExpression(left);
      return passesRight(operatorToken) && isKept(parent as ts.Expression);
    }
    default:
      return false;
  }
}

/** `p = f()`. */
function keepsRight({ kind }: ts.BinaryOperatorToken): boolean {
  const K = TS.SyntaxKind;
  return kind === K.EqualsToken || kind === K.BarBarEqualsToken || kind === K.QuestionQuestionEqualsToken;
}

/** `a ?? f()`: the value of the whole may be that of its right operand. */
export function passesRight({ kind }: ts.BinaryOperatorToken): boolean {
  const K = TS.SyntaxKind;
  return (
    kind === K.BarBarToken ||
    kind === K.AmpersandAmpersandToken ||
    kind === K.QuestionQuestionToken ||
    kind === K.CommaToken
  );
}
