/**
 * Makes a test of suspension out of a synchronous one: its script becomes the body of an async function, with `await 0` before every
 * statement and inside every leaf expression that the body itself evaluates. What the test observes must not change. Functions nested in
 * it stay as they are.
 */
import { ts } from "@ts-morph/common";
import { directives, type Insertion, insert, parseScript } from "./script.ts";

/** Names that mean something else in parentheses, or that are no variables. */
const UNTOUCHED = new Set(["eval", "arguments", "undefined", "await", "yield", "async", "let", "$DONE"]);

export function injectAwait(source: string): string {
  const file = parseScript(source);
  const opening: Insertion[] = [];
  const closing: Insertion[] = [];
  const pause = (statement: ts.Statement): void => {
    if (ts.isFunctionDeclaration(statement) || ts.isEmptyStatement(statement)) return;
    opening.push({ at: statement.getStart(file), text: "await 0; " });
  };
  const suspend = (leaf: ts.Expression): void => {
    // The `this` of a script, which these leaves alone have, is the global object: by its name, the compiler can warn of what is written to it.
    const [start, end] = leaf.kind === ts.SyntaxKind.ThisKeyword ? ["globalThis/*", "*/"] : ["", ""];
    opening.push({ at: leaf.getStart(file), text: `(await 0, ${start}` });
    closing.push({ at: leaf.end, text: `${end})` });
  };

  const visit = (node: ts.Node): void => {
    if (ts.isFunctionLike(node)) return visitName(node.name);
    if (ts.isClassLike(node)) {
      for (const clause of node.heritageClauses ?? []) visit(clause);
      for (const member of node.members) visitName(member.name);
      return;
    }
    if (ts.isSourceFile(node)) node.statements.slice(directives(node.statements)).forEach(pause);
    else if (ts.isBlock(node) || ts.isCaseOrDefaultClause(node)) node.statements.forEach(pause);
    if (isLeaf(node)) return suspend(node);
    ts.forEachChild(node, visit);
  };
  /** Of a name only what it computes is evaluated. */
  const visitName = (name: ts.Node | undefined): void => {
    if (name !== undefined && ts.isComputedPropertyName(name)) visit(name);
  };
  visit(file);
  // Where a leaf ends, another may begin.
  const body = insert(source, [...closing, ...opening]);
  return `(async function () {${body}\n}).call(this).then(function () { $DONE(); }, $DONE);\n`;
}

/** A literal, `this`, or a variable that is read for its value. */
function isLeaf(node: ts.Node): node is ts.Expression {
  const { parent } = node;
  if (parent === undefined) return false;
  if (isLiteral(node)) return !isName(node) && !ts.isLiteralTypeNode(parent) && !isDirective(node);
  if (!ts.isIdentifier(node) || UNTOUCHED.has(node.text) || isName(node)) return false;
  return !isReference(node);
}

const isLiteral = (node: ts.Node): boolean =>
  ts.isNumericLiteral(node) ||
  ts.isStringLiteral(node) ||
  ts.isBigIntLiteral(node) ||
  ts.isRegularExpressionLiteral(node) ||
  [
    ts.SyntaxKind.TrueKeyword,
    ts.SyntaxKind.FalseKeyword,
    ts.SyntaxKind.NullKeyword,
    ts.SyntaxKind.ThisKeyword,
  ].includes(node.kind);

const isDirective = (node: ts.Node): boolean =>
  ts.isStringLiteral(node) && ts.isExpressionStatement(node.parent) && ts.isSourceFile(node.parent.parent);

/** A name of something: a property, a binding, a label. */
function isName(node: ts.Node): boolean {
  const { parent } = node;
  if (ts.isBindingElement(parent)) return parent.name === node || parent.propertyName === node;
  if (ts.isShorthandPropertyAssignment(parent)) return parent.name === node;
  if (ts.isPropertyAccessExpression(parent) || ts.isMetaProperty(parent)) return parent.name === node;
  if (ts.isLabeledStatement(parent) || ts.isBreakOrContinueStatement(parent)) return true;
  return (
    (ts.isVariableDeclaration(parent) || ts.isPropertyAssignment(parent) || ts.isClassElement(parent)) &&
    parent.name === node
  );
}

/** Its place takes a reference and not a value: an assignment's target, the operand of `typeof`, `delete`, `++`. */
function isReference(node: ts.Node): boolean {
  let at = node;
  while (ts.isParenthesizedExpression(at.parent)) at = at.parent;
  const { parent } = at;
  if (ts.isTypeOfExpression(parent) || ts.isDeleteExpression(parent) || ts.isPostfixUnaryExpression(parent))
    return true;
  if (ts.isPrefixUnaryExpression(parent))
    return [ts.SyntaxKind.PlusPlusToken, ts.SyntaxKind.MinusMinusToken].includes(parent.operator);
  if (ts.isBinaryExpression(parent)) return parent.left === at && isAssignment(parent.operatorToken.kind);
  if (ts.isForInStatement(parent) || ts.isForOfStatement(parent)) return parent.initializer === at;
  // Part of a literal that is a pattern (ECMA-262 13.15.5).
  if (ts.isPropertyAssignment(parent)) return parent.initializer === at && isReference(parent.parent);
  if (ts.isSpreadAssignment(parent)) return isReference(parent.parent);
  return (ts.isSpreadElement(parent) || ts.isArrayLiteralExpression(parent)) && isReference(parent);
}

const isAssignment = (kind: ts.SyntaxKind): boolean =>
  kind >= ts.SyntaxKind.FirstAssignment && kind <= ts.SyntaxKind.LastAssignment;
