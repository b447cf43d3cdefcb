/** `?:`, `&&`, `||`, `??` with an await in a part: the other parts are not evaluated (ECMA-262 13.13, 13.14). */
import type { ts } from "@ts-morph/common";
import { TS } from "../../1-parse/typescript.ts";
import { code, type Rope } from "../../ir/rope.ts";
import type { Lowering } from "../lowering.ts";

/**
 *     c ? a : b   →   branch c → A else B;  A: t = a, jump E;  B: t = b;  E: t
 */
export function lowerConditional(lower: Lowering, node: ts.ConditionalExpression): Rope {
  const { builder } = lower;
  const condition = lower.expression(node.condition);
  if (!lower.suspends(node.whenTrue) && !lower.suspends(node.whenFalse))
    return code`(${condition} ? ${lower.writer.argument(node.whenTrue)} : ${lower.writer.argument(node.whenFalse)})`;
  const result = lower.temporary();
  const whenTrue = builder.block(node.whenTrue);
  const whenFalse = builder.block(node.whenFalse);
  const after = builder.block(node);
  builder.end({ type: "branch", cases: [{ test: condition, to: whenTrue }], otherwise: whenFalse });
  builder.place(whenTrue);
  builder.assign(result, lower.expression(node.whenTrue));
  builder.jump(after);
  builder.place(whenFalse);
  builder.assign(result, lower.expression(node.whenFalse));
  builder.place(after);
  return { type: "slot", slot: result, access: "read" };
}

/** The test under which the right side of a logical operator is evaluated. */
export const goesOn = (operator: string, value: Rope): Rope => {
  if (operator.startsWith("&&")) return value;
  return operator.startsWith("||") ? code`!${value}` : code`${value} == null`;
};

/**
 *     a && b   →   t = a;  branch t → R else E;  R: t = b;  E: t
 */
export function lowerLogical(lower: Lowering, node: ts.BinaryExpression): Rope {
  const { builder } = lower;
  const left = lower.expression(node.left);
  const operator = node.operatorToken.getText();
  if (!lower.suspends(node.right)) return code`(${left} ${operator} ${lower.writer.text(node.right)})`;
  const result = lower.temporary();
  const value: Rope = { type: "slot", slot: result, access: "read" };
  builder.assign(result, left);
  const right = builder.block(node.right);
  const after = builder.block(node);
  builder.end({ type: "branch", cases: [{ test: goesOn(operator, value), to: right }], otherwise: after });
  builder.place(right);
  builder.assign(result, lower.expression(node.right));
  builder.place(after);
  return value;
}

/** Is this token one of `&&=`, `||=`, `??=`? */
export const isLogicalAssignment = (kind: ts.SyntaxKind): boolean =>
  kind === TS.SyntaxKind.AmpersandAmpersandEqualsToken ||
  kind === TS.SyntaxKind.BarBarEqualsToken ||
  kind === TS.SyntaxKind.QuestionQuestionEqualsToken;
