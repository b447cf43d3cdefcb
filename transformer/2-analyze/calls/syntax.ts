/** Questions about one node and its parents, for the call table. */
import type { ts } from "@ts-morph/common";
import { hasModifier } from "../../1-parse/modifiers.ts";
import { TS } from "../../1-parse/typescript.ts";
import { hasEffects } from "./effects.ts";

/** Parentheses and the like: they stand around an expression and change nothing. Asked most of all, so by kind. */
const isWrapper = (node: ts.Node): node is ts.ParenthesizedExpression => {
  const K = TS.SyntaxKind;
  switch (node.kind) {
    case K.ParenthesizedExpression:
    case K.AsExpression:
    case K.NonNullExpression:
    case K.SatisfiesExpression:
    case K.TypeAssertionExpression:
      return true;
    default:
      return false;
  }
};

/** The expression inside parentheses, type assertions, `satisfies` and `!`. */
export function inner(node: ts.Expression): ts.Expression {
  while (isWrapper(node)) node = node.expression;
  return node;
}

/** The other way: the outermost of the parentheses and assertions around an expression. */
export function outer(node: ts.Expression): ts.Expression {
  while (isWrapper(node.parent)) node = node.parent;
  return node;
}

/** What calls a function, in whatever syntax. */
export type CallNode = ts.CallExpression | ts.NewExpression | ts.TaggedTemplateExpression;

export const isCallNode = (node: ts.Node): node is CallNode =>
  TS.isCallExpression(node) || TS.isNewExpression(node) || TS.isTaggedTemplateExpression(node);

export const calleeOf = (node: CallNode): ts.Expression =>
  TS.isTaggedTemplateExpression(node) ? node.tag : node.expression;

export type InlineFunction = ts.ArrowFunction | ts.FunctionExpression;

export const isInlineFunction = (node: ts.Node): node is InlineFunction =>
  TS.isArrowFunction(node) || TS.isFunctionExpression(node);

/** Nodes that make an activation of their own; `await` and `return` inside belong to them. */
export const isFunctionBoundary = (node: ts.Node): boolean =>
  TS.isFunctionLike(node) || TS.isClassStaticBlockDeclaration(node) || TS.isPropertyDeclaration(node);

/** The function whose activation evaluates this node. */
export function enclosingFunction(node: ts.Node): ts.Node {
  let at = node.parent;
  while (at.parent && !isFunctionBoundary(at)) at = at.parent;
  return at;
}

/** Is it one of these nodes, or inside one? */
export function isWithin(node: ts.Node, nodes: ReadonlySet<ts.Node>): boolean {
  for (let at: ts.Node | undefined = node; at; at = at.parent) if (nodes.has(at)) return true;
  return false;
}

export const isAsync = (node: ts.Node): boolean => hasModifier(node, TS.SyntaxKind.AsyncKeyword);

/** A generator's `return` is not adopted as an async function's is. */
export const isGenerator = (node: ts.Node): boolean =>
  (TS.isFunctionDeclaration(node) || TS.isFunctionExpression(node) || TS.isMethodDeclaration(node)) &&
  node.asteriskToken !== undefined;

/** The call whose callee is this member expression (through parentheses). */
export function callOf(callee: ts.Expression): ts.CallExpression | undefined {
  const whole = outer(callee);
  const { parent } = whole;
  return TS.isCallExpression(parent) && parent.expression === whole ? parent : undefined;
}

/** Is it what a call or a tagged template calls, with the object that it is a member of? */
export function isCalled(callee: ts.Expression): boolean {
  const whole = outer(callee);
  const { parent } = whole;
  return (
    (TS.isCallExpression(parent) && parent.expression === whole) ||
    (TS.isTaggedTemplateExpression(parent) && parent.tag === whole)
  );
}

/** `receiver.name(…)`: the receiver and the name of a method call; undefined for other callees. */
export function methodCall(node: ts.Node): { receiver: ts.Expression; name: string } | undefined {
  if (!TS.isCallExpression(node)) return undefined;
  const callee = inner(node.expression);
  if (TS.isPropertyAccessExpression(callee) && TS.isIdentifier(callee.name))
    return { receiver: callee.expression, name: callee.name.text };
  if (TS.isElementAccessExpression(callee) && TS.isStringLiteralLike(callee.argumentExpression))
    return { receiver: callee.expression, name: callee.argumentExpression.text };
  return undefined;
}

/** `client` of `client.close()`: is a method of one of these names called on it? */
export function isMethodCalled(receiver: ts.Identifier, names: readonly string[]): boolean {
  const called = methodCall(outer(outer(receiver).parent as ts.Expression).parent);
  return called !== undefined && names.includes(called.name) && inner(called.receiver) === receiver;
}

/** `query = <value>;`: what is assigned to this name, where nothing uses the value of the assignment. */
export function assignedTo(
  target: ts.Identifier,
  isDropped: (assignment: ts.Expression) => boolean = ({ parent }) => TS.isExpressionStatement(parent),
): ts.Expression | undefined {
  const { parent } = target;
  const isPlain =
    TS.isBinaryExpression(parent) &&
    parent.operatorToken.kind === TS.SyntaxKind.EqualsToken &&
    parent.left === target &&
    isDropped(parent);
  return isPlain ? parent.right : undefined;
}

const VIEWS: ReadonlySet<string> = new Set(["entries", "keys", "values"]);

/** What `o.entries()`, `o.keys()`, `o.values()`, `o[Symbol.iterator]()` and `o.matchAll(pattern)` call: where `o` is a collection, or a text, they give an iterator of it. */
export function viewOrIterator(
  node: ts.Node,
  sourceFile: ts.SourceFile,
): ts.PropertyAccessExpression | ts.ElementAccessExpression | undefined {
  if (!TS.isCallExpression(node) || node.arguments.length > 1 || isOptionalChain(node)) return undefined;
  const callee = inner(node.expression);
  const [pattern] = node.arguments;
  // Its function is read before the pattern is evaluated: nobody can tell.
  if (pattern)
    return TS.isPropertyAccessExpression(callee) && callee.name.text === "matchAll" && !hasEffects(pattern)
      ? callee
      : undefined;
  const isView = TS.isPropertyAccessExpression(callee) && VIEWS.has(callee.name.text);
  const isIterator =
    TS.isElementAccessExpression(callee) && callee.argumentExpression.getText(sourceFile) === "Symbol.iterator";
  return (isView || isIterator) && callee.expression.kind !== TS.SyntaxKind.SuperKeyword ? callee : undefined;
}

/** The arguments of a call or `new`; none for a tagged template. */
export const argumentsOf = (node: ts.Node): readonly ts.Expression[] =>
  TS.isCallExpression(node) || TS.isNewExpression(node) ? (node.arguments ?? []) : [];

/** A callback that is the last argument is given no `this`. */
export const isLastArgument = (node: ts.Node): boolean =>
  TS.isCallExpression(node.parent) && node.parent.arguments.at(-1) === node;

export const isOptionalChain = (node: ts.Node): boolean => (node.flags & TS.NodeFlags.OptionalChain) !== 0;

/** What an optional chain begins with, where its first `?.` asks for it and to read it twice makes no difference: a name, or `this`. */
export function optionalRoot(node: ts.Expression): ts.Expression | undefined {
  let at = node;
  let root: ts.Expression | undefined;
  for (;;) {
    if (TS.isNonNullExpression(at)) at = at.expression;
    else if (TS.isPropertyAccessExpression(at) || TS.isElementAccessExpression(at) || TS.isCallExpression(at)) {
      if (!isOptionalChain(at)) break;
      if (at.questionDotToken) root = at.expression;
      at = at.expression;
    } else break;
  }
  return root && (TS.isIdentifier(root) || root.kind === TS.SyntaxKind.ThisKeyword) ? root : undefined;
}

/** Text on one line, shortened, for messages. */
export function shortText(node: ts.Node, limit = 60): string {
  const text = node.getText().replace(/\s+/g, " ");
  return text.length <= limit ? text : `${text.slice(0, limit - 1)}…`;
}
