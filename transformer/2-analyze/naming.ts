/** Names of functions: the `name` property (ECMA-262 8.4) and the part of the code path. */
import type { ts } from "@ts-morph/common";
import { isStatic } from "../1-parse/modifiers.ts";
import { TS } from "../1-parse/typescript.ts";

/** Parentheses and type assertions leave nothing between a function and what names it. */
export const skipOuter = (node: ts.Node): ts.Node => {
  let at = node;
  while (
    at.parent &&
    (TS.isParenthesizedExpression(at.parent) ||
      TS.isAsExpression(at.parent) ||
      TS.isSatisfiesExpression(at.parent) ||
      TS.isNonNullExpression(at.parent) ||
      TS.isTypeAssertionExpression(at.parent))
  )
    at = at.parent;
  return at;
};

/** The function or class without a name of its own that an expression is, if it is one: it takes the name of what holds it (8.4.5). */
export function anonymousDefinition(node: ts.Expression): ts.FunctionLikeDeclaration | ts.ClassExpression | undefined {
  let at = node;
  while (
    TS.isParenthesizedExpression(at) ||
    TS.isAsExpression(at) ||
    TS.isSatisfiesExpression(at) ||
    TS.isNonNullExpression(at) ||
    TS.isTypeAssertionExpression(at)
  )
    at = at.expression;
  if (TS.isArrowFunction(at)) return at;
  return (TS.isFunctionExpression(at) || TS.isClassExpression(at)) && !at.name ? at : undefined;
}

const propertyText = (name: ts.Node): string | undefined => {
  if (TS.isIdentifier(name) || TS.isPrivateIdentifier(name)) return name.text;
  if (TS.isStringLiteralLike(name) || TS.isNumericLiteral(name)) return name.text;
  return undefined;
};

const isPrototypeSetter = ({ name }: ts.PropertyAssignment): boolean =>
  (TS.isIdentifier(name) || TS.isStringLiteral(name)) && name.text === "__proto__";

/** The name that the language gives a function or class, when it is known before run time. */
export function inferredName(node: ts.FunctionLikeDeclaration | ts.ClassLikeDeclaration): string | undefined {
  if (node.name) {
    const text = propertyText(node.name);
    if (text !== undefined && TS.isGetAccessor(node)) return `get ${text}`;
    if (text !== undefined && TS.isSetAccessor(node)) return `set ${text}`;
    return text;
  }
  if (TS.isFunctionDeclaration(node) || TS.isClassDeclaration(node)) return "default";
  const outer = skipOuter(node);
  const parent = outer.parent;
  if (TS.isVariableDeclaration(parent) || TS.isBindingElement(parent) || TS.isParameter(parent))
    return parent.initializer === outer && TS.isIdentifier(parent.name) ? parent.name.text : undefined;
  // `__proto__: f` sets the prototype, and names nothing (ECMA-262 13.2.5.5).
  if (TS.isPropertyAssignment(parent) && isPrototypeSetter(parent)) return undefined;
  if (TS.isPropertyAssignment(parent) || TS.isPropertyDeclaration(parent))
    return parent.name && propertyText(parent.name);
  if (TS.isShorthandPropertyAssignment(parent)) return parent.name.text;
  if (TS.isExportAssignment(parent)) return "default";
  if (TS.isBinaryExpression(parent) && parent.right === outer && TS.isIdentifier(parent.left)) {
    const K = TS.SyntaxKind;
    const naming = [K.EqualsToken, K.BarBarEqualsToken, K.AmpersandAmpersandEqualsToken, K.QuestionQuestionEqualsToken];
    if (naming.includes(parent.operatorToken.kind)) return parent.left.text;
  }
  return undefined;
}

const word = (text: string): string =>
  IS_WORD.test(text) ? text : text.replace(/[^\p{ID_Continue}$]+/gu, "_").replace(/^(?=\d)/, "_") || "_";

const IS_WORD = /^[A-Za-z_$][\w$]*$/;

/** The function's part of a code path: its name, or what it is passed to. */
export function pathName(node: ts.FunctionLikeDeclaration | ts.ClassLikeDeclaration): string {
  if (TS.isConstructorDeclaration(node)) return "constructor";
  const name = inferredName(node);
  if (name) {
    return (isStatic(node) ? "static_" : "") + word(name);
  }
  const outer = skipOuter(node);
  const parent = outer.parent;
  if (parent && (TS.isCallExpression(parent) || TS.isNewExpression(parent))) {
    const callee = parent.expression;
    if (callee === outer) return "iife";
    if (TS.isIdentifier(callee)) return word(callee.text);
    if (TS.isPropertyAccessExpression(callee)) return word(callee.name.text);
  }
  if (parent && TS.isBinaryExpression(parent) && TS.isPropertyAccessExpression(parent.left))
    return word(parent.left.name.text);
  if (parent && TS.isReturnStatement(parent)) return "return";
  return TS.isClassLike(node) ? "class" : "fn";
}
