/** `super` in text that no longer stands in its method: looked up from the home object (ECMA-262 13.3.7). */
import type { ts } from "@ts-morph/common";
import { TS } from "../1-parse/typescript.ts";
import { superHomeOf } from "../2-analyze/functions.ts";
import { skipOuter } from "../2-analyze/naming.ts";
import { code, join, type Rope } from "../ir/rope.ts";
import type { TextWriter } from "./context.ts";
import { keyOf } from "./identifiers.ts";

type SuperMember = ts.PropertyAccessExpression | ts.ElementAccessExpression;

export const superMember = (node: ts.Node): SuperMember | undefined =>
  (TS.isPropertyAccessExpression(node) || TS.isElementAccessExpression(node)) &&
  node.expression.kind === TS.SyntaxKind.SuperKeyword
    ? node
    : undefined;

/** `super.x` as something that can be read and assigned, its key evaluated once. */
export const superReference = (text: TextWriter, key: Rope): Rope =>
  code`${text.module.names.runtime}.superRef(${text.around.home ?? "null"}, ${key}, ${text.around.self}).v`;

/** Reads, calls, assignments and updates of `super.x`. */
export function superText(text: TextWriter, node: ts.Node): Rope | undefined {
  const { home, self } = text.around;
  if (home === null) return undefined;
  const { runtime } = text.module.names;
  const get = (member: SuperMember): Rope => code`${runtime}.superGet(${home}, ${keyOf(text, member)}, ${self})`;
  if (TS.isCallExpression(node)) {
    // `super(…)` in an arrow function of a constructor cannot leave the constructor.
    if (node.expression.kind === TS.SyntaxKind.SuperKeyword) text.module.report("PD1101", node, {});
    const member = superMember(skipInner(node.expression));
    if (!member || isKept(text, member)) return undefined;
    const optional = node.questionDotToken ? "?." : ".";
    return code`${get(member)}${optional}call(${join([self, ...node.arguments.map((one) => text.argument(one))], ", ")})`;
  }
  if (TS.isBinaryExpression(node) && node.operatorToken.kind === TS.SyntaxKind.EqualsToken && !inPattern(node)) {
    const member = superMember(skipInner(node.left));
    if (!member || isKept(text, member)) return undefined;
    return code`${runtime}.superSet(${home}, ${keyOf(text, member)}, ${text.argument(node.right)}, ${self})`;
  }
  if (TS.isDeleteExpression(node)) {
    const member = superMember(skipInner(node.expression));
    return member && !isKept(text, member) ? code`${runtime}.superDelete(${keyOf(text, member)})` : undefined;
  }
  const member = superMember(node);
  if (!member || isKept(text, member)) return undefined;
  return isTarget(member) ? superReference(text, keyOf(text, member)) : get(member);
}

/** Does it belong to a method that stands inside this text with its own `super`? */
function isKept(text: TextWriter, member: SuperMember): boolean {
  if (!text.around.volatile) return false;
  const home = superHomeOf(member);
  for (let at: ts.Node = member; home && at !== home.node; at = at.parent)
    if (text.module.calls.volatile.has(at)) return false;
  return true;
}

const skipInner = (node: ts.Expression): ts.Expression =>
  TS.isParenthesizedExpression(node) || TS.isNonNullExpression(node) || TS.isAsExpression(node)
    ? skipInner(node.expression)
    : node;

/** Is it assigned, updated, or bound by a pattern or a loop? */
function isTarget(member: SuperMember): boolean {
  const outer = skipOuter(member);
  const { parent } = outer;
  const K = TS.SyntaxKind;
  if (TS.isBinaryExpression(parent)) {
    const { kind } = parent.operatorToken;
    return parent.left === outer && kind >= K.FirstAssignment && kind <= K.LastAssignment;
  }
  if (TS.isPrefixUnaryExpression(parent) || TS.isPostfixUnaryExpression(parent))
    return parent.operator === K.PlusPlusToken || parent.operator === K.MinusMinusToken;
  if (TS.isForInStatement(parent) || TS.isForOfStatement(parent)) return parent.initializer === outer;
  return inPattern(outer);
}

/** Is this an element of an assignment pattern? There, `x = v` is a target with its default. */
export function inPattern(node: ts.Node): boolean {
  const { parent } = node;
  const holds =
    TS.isArrayLiteralExpression(parent) ||
    TS.isSpreadElement(parent) ||
    TS.isSpreadAssignment(parent) ||
    TS.isObjectLiteralExpression(parent) ||
    (TS.isPropertyAssignment(parent) && parent.initializer === node);
  if (holds) return isAssigned(parent) || inPattern(parent);
  // A default: `[super.x = 1] = list`.
  return TS.isBinaryExpression(parent) && parent.left === node && inPattern(parent);
}

const isAssigned = (node: ts.Node): boolean => {
  const { parent } = node;
  if (TS.isBinaryExpression(parent))
    return parent.left === node && parent.operatorToken.kind === TS.SyntaxKind.EqualsToken;
  return (TS.isForInStatement(parent) || TS.isForOfStatement(parent)) && parent.initializer === node;
};
