/** Expressions that suspend. Each kind has its rule; most evaluate their operands in order and keep the rest of the text. */
import type { ts } from "@ts-morph/common";
import { TS } from "../../1-parse/typescript.ts";
import { inner } from "../../2-analyze/calls/syntax.ts";
import { code, type Rope } from "../../ir/rope.ts";
import type { Lowering } from "../lowering.ts";
import { superReference } from "../super.ts";
import { lowerAssignment } from "./assignment.ts";
import { lowerCall, lowerNew, lowerRecord } from "./call.ts";
import { lowerClass } from "./class.ts";
import { lowerConditional, lowerLogical } from "./conditional.ts";
import { lowerObject } from "./object.ts";
import { withOperands } from "./operands.ts";
import { lowerOptionalChain } from "./optional.ts";
import { lowerTagged, lowerTemplate } from "./template.ts";

/** Evaluates `node`; the rope is its value. */
export function lowerExpression(lower: Lowering, node: ts.Expression): Rope {
  if (!lower.suspends(node)) return lower.writer.argument(node);
  const K = TS.SyntaxKind;
  const cls = lower.module.calls.classOf(node);
  // Classified as a whole: its operands are evaluated here and nothing else.
  if (cls && "operands" in cls) return lowerRecord(lower, node, cls);
  if (TS.isOptionalChain(node)) return lowerOptionalChain(lower, node);
  switch (node.kind) {
    case K.AwaitExpression:
      return lower.suspend(node, lowerExpression(lower, (node as ts.AwaitExpression).expression));
    case K.YieldExpression: {
      const { expression } = node as ts.YieldExpression;
      return lower.yields(node as ts.YieldExpression, expression ? lowerExpression(lower, expression) : "undefined");
    }
    case K.ParenthesizedExpression:
    case K.AsExpression:
    case K.SatisfiesExpression:
    case K.NonNullExpression:
    case K.TypeAssertionExpression:
      return lowerExpression(lower, (node as ts.ParenthesizedExpression).expression);
    case K.ConditionalExpression:
      return lowerConditional(lower, node as ts.ConditionalExpression);
    case K.BinaryExpression:
      return lowerBinary(lower, node as ts.BinaryExpression);
    case K.CallExpression:
      return lowerCall(lower, node as ts.CallExpression, cls);
    case K.NewExpression:
      return lowerNew(lower, node as ts.NewExpression, cls);
    case K.TemplateExpression:
      return lowerTemplate(lower, node as ts.TemplateExpression);
    case K.TaggedTemplateExpression:
      return lowerTagged(lower, node as ts.TaggedTemplateExpression, cls);
    case K.ObjectLiteralExpression:
      return lowerObject(lower, node as ts.ObjectLiteralExpression);
    case K.ClassExpression:
      return lowerClass(lower, node as ts.ClassExpression);
    case K.PrefixUnaryExpression:
    case K.PostfixUnaryExpression:
      return lowerUpdate(lower, node as ts.PrefixUnaryExpression);
    case K.ArrayLiteralExpression:
      return withOperands(
        lower,
        node,
        (node as ts.ArrayLiteralExpression).elements.filter((one) => !TS.isOmittedExpression(one)),
      );
    case K.PropertyAccessExpression:
    case K.TypeOfExpression:
    case K.VoidExpression:
      return withOperands(lower, node, [(node as ts.PropertyAccessExpression).expression]);
    case K.DeleteExpression:
      return lowerDelete(lower, node as ts.DeleteExpression);
    case K.ElementAccessExpression: {
      const { expression, argumentExpression } = node as ts.ElementAccessExpression;
      if (expression.kind !== K.SuperKeyword) return withOperands(lower, node, [expression, argumentExpression]);
      const { runtime } = lower.module.names;
      return code`${runtime}.superGet(${lower.writer.around.home ?? "null"}, ${lower.expression(argumentExpression)}, ${lower.writer.self()})`;
    }
    case K.JsxElement:
    case K.JsxSelfClosingElement:
    case K.JsxFragment:
      return withOperands(lower, node, jsxOperands(node));
    default:
      return refuse(lower, node);
  }
}

/** Evaluates for effect only: no value needs a temporary. */
export function lowerEffect(lower: Lowering, node: ts.Expression): void {
  if (lower.suspends(node)) {
    if (TS.isParenthesizedExpression(node) || TS.isVoidExpression(node))
      return void lowerEffect(lower, node.expression);
    if (TS.isBinaryExpression(node) && node.operatorToken.kind === TS.SyntaxKind.CommaToken) {
      lowerEffect(lower, node.left);
      return void lowerEffect(lower, node.right);
    }
  }
  const value = lowerExpression(lower, node);
  // What was sent, or kept in a slot, is there already.
  const isPlain =
    value === lower.module.names.sent || (typeof value === "object" && "type" in value && value.type === "slot");
  if (isPlain) return;
  // A statement may not begin with a brace or with one of these words (ECMA-262 14.5).
  const needsParentheses =
    TS.isObjectLiteralExpression(node) || TS.isFunctionExpression(node) || TS.isClassExpression(node);
  lower.builder.evaluate(needsParentheses ? code`(${value});` : code`${value};`);
}

function refuse(lower: Lowering, node: ts.Expression): Rope {
  lower.module.report("PD1105", node, { construct: TS.SyntaxKind[node.kind]! });
  return "undefined";
}

function lowerBinary(lower: Lowering, node: ts.BinaryExpression): Rope {
  const K = TS.SyntaxKind;
  const { kind } = node.operatorToken;
  if (kind >= K.FirstAssignment && kind <= K.LastAssignment) return lowerAssignment(lower, node);
  if (kind === K.AmpersandAmpersandToken || kind === K.BarBarToken || kind === K.QuestionQuestionToken)
    return lowerLogical(lower, node);
  if (kind === K.CommaToken) {
    lowerEffect(lower, node.left);
    return lowerExpression(lower, node.right);
  }
  return code`(${withOperands(lower, node, TS.isPrivateIdentifier(node.left) ? [node.right] : [node.left, node.right])})`;
}

/** `o[await k]++` and `-(await x)`: an update reads and writes one reference. */
function lowerUpdate(lower: Lowering, node: ts.PrefixUnaryExpression): Rope {
  const { operator, operand } = node;
  if (operator !== TS.SyntaxKind.PlusPlusToken && operator !== TS.SyntaxKind.MinusMinusToken)
    return code`(${withOperands(lower, node, [operand])})`;
  const target = inner(operand) as ts.Expression;
  if (TS.isPropertyAccessExpression(target)) return withOperands(lower, node, [target.expression]);
  if (TS.isElementAccessExpression(target)) {
    if (target.expression.kind !== TS.SyntaxKind.SuperKeyword)
      return withOperands(lower, node, [target.expression, target.argumentExpression]);
    const reference = superReference(lower.writer, lower.expression(target.argumentExpression));
    const sign = TS.tokenToString(operator)!;
    return TS.isPrefixUnaryExpression(node) ? code`(${sign}${reference})` : code`(${reference}${sign})`;
  }
  return refuse(lower, node);
}

function lowerDelete(lower: Lowering, node: ts.DeleteExpression): Rope {
  const target = inner(node.expression) as ts.Expression;
  if (TS.isOptionalChain(target)) return lowerOptionalChain(lower, target, true);
  if (TS.isPropertyAccessExpression(target)) return withOperands(lower, node, [target.expression]);
  if (TS.isElementAccessExpression(target) && target.expression.kind === TS.SyntaxKind.SuperKeyword) {
    lowerEffect(lower, target.argumentExpression);
    return `${lower.module.names.runtime}.superDelete()`;
  }
  if (TS.isElementAccessExpression(target))
    return withOperands(lower, node, [target.expression, target.argumentExpression]);
  lowerEffect(lower, node.expression);
  return "true";
}

/** Attribute values, spreads and children, in the order in which they are evaluated. */
function jsxOperands(node: ts.Node): ts.Expression[] {
  const out: ts.Expression[] = [];
  const visit = (child: ts.Node): void => {
    if (TS.isJsxExpression(child)) {
      if (child.expression) out.push(child.expression);
    } else if (TS.isJsxSpreadAttribute(child)) out.push(child.expression);
    else TS.forEachChild(child, visit);
  };
  TS.forEachChild(node, visit);
  return out;
}
