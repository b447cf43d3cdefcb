/** What is read without doing anything: names, paths below them, literals. */
import type { ts } from "@ts-morph/common";
import { TS } from "../../1-parse/typescript.ts";
import { inner, isInlineFunction } from "./syntax.ts";

type Member = ts.PropertyAccessExpression | ts.ElementAccessExpression;
export const isMember = (node: ts.Node): node is Member =>
  TS.isPropertyAccessExpression(node) || TS.isElementAccessExpression(node);

/** A variable, or what is found below one: it can be read without doing anything. */
export const isPlainPath = (node: ts.Expression): boolean => {
  const at = inner(node);
  if (!isMember(at)) return TS.isIdentifier(at) || at.kind === TS.SyntaxKind.ThisKeyword;
  const isKnown = TS.isElementAccessExpression(at)
    ? TS.isIdentifier(at.argumentExpression) || isConstantText(at.argumentExpression)
    : !TS.isPrivateIdentifier(at.name);
  return isKnown && isPlainPath(at.expression);
};

/** Text without variables: literals, `undefined`, signs before numbers. */
export const isConstantText = (node: ts.Expression): boolean =>
  TS.isLiteralExpression(node) ||
  TS.isOmittedExpression(node) ||
  node.kind === TS.SyntaxKind.TrueKeyword ||
  node.kind === TS.SyntaxKind.FalseKeyword ||
  node.kind === TS.SyntaxKind.NullKeyword ||
  (TS.isPrefixUnaryExpression(node) && TS.isNumericLiteral(node.operand));

export const hasNoEffect = (node: ts.Expression): boolean =>
  TS.isIdentifier(node) || node.kind === TS.SyntaxKind.ThisKeyword || isInlineFunction(node);
