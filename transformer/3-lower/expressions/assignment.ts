/** Assignments with an await in the target or the value (ECMA-262 13.15): the reference is evaluated first, once. */
import type { ts } from "@ts-morph/common";
import { TS } from "../../1-parse/typescript.ts";
import { inner } from "../../2-analyze/calls/syntax.ts";
import { isModuleLevel } from "../../2-analyze/scopes.ts";
import { code, type Rope, slice } from "../../ir/rope.ts";
import { constantOf } from "../declarations.ts";
import { keyOf } from "../identifiers.ts";
import type { Lowering } from "../lowering.ts";
import { superReference } from "../super.ts";
import { goesOn, isLogicalAssignment } from "./conditional.ts";

/** A reference that can be read and written, once its parts are evaluated. */
export interface Place {
  readonly read: Rope;
  write(value: Rope): Rope;
  /** What throws, when it is a variable that cannot be assigned. */
  readonly constant: Rope | null;
}

const CONSTANT = ["const", "using", "self-name"];

/** Evaluates the parts of an assignment target. With `keeps`, they must outlive a suspension. */
export function lowerPlace(lower: Lowering, node: ts.Expression, keeps: boolean): Place {
  const target = inner(node) as ts.Expression;
  const hold = (value: Rope, from: ts.Expression): Rope => (keeps ? lower.keep(value, from) : value);
  if (TS.isIdentifier(target)) return variablePlace(lower, target);
  const isSuper = "expression" in target && (target.expression as ts.Node).kind === TS.SyntaxKind.SuperKeyword;
  if (isSuper && (TS.isPropertyAccessExpression(target) || TS.isElementAccessExpression(target)))
    return superPlace(lower, target, hold);
  if (TS.isPropertyAccessExpression(target)) {
    const object = hold(lower.expression(target.expression), target.expression);
    return memberPlace(code`${object}.${slice(target.name.getStart(), target.name.end)}`);
  }
  if (TS.isElementAccessExpression(target)) {
    const parts = [target.expression, target.argumentExpression];
    const [object, key] = keeps ? parts.map((part) => lower.keep(lower.expression(part), part)) : lower.operands(parts);
    return memberPlace(code`${object!}[${key!}]`);
  }
  lower.module.report("PD1105", node, { construct: TS.SyntaxKind[target.kind]! });
  return memberPlace("undefined");
}

const memberPlace = (member: Rope): Place => ({
  read: member,
  write: (value) => code`${member} = ${value}`,
  constant: null,
});

function superPlace(
  lower: Lowering,
  target: ts.PropertyAccessExpression | ts.ElementAccessExpression,
  hold: (value: Rope, from: ts.Expression) => Rope,
): Place {
  const key = TS.isPropertyAccessExpression(target)
    ? keyOf(lower.writer, target)
    : hold(lower.expression(target.argumentExpression), target.argumentExpression);
  return memberPlace(superReference(lower.writer, key));
}

function variablePlace(lower: Lowering, identifier: ts.Identifier): Place {
  const binding = lower.module.scopes.resolve(identifier);
  const origin = slice(identifier.getStart(), identifier.end);
  const isConstant = binding && !isModuleLevel(binding) && CONSTANT.includes(binding.kind);
  const constant = isConstant
    ? code`${lower.module.names.runtime}.constant(${constantOf(lower.writer, identifier, binding)})`
    : null;
  const read = binding ? lower.writer.variable(identifier, binding, "read") : undefined;
  const written = binding ? lower.writer.variable(identifier, binding, "write") : undefined;
  return { read: read ?? origin, write: (value) => code`${written ?? origin} = ${value}`, constant };
}

export function lowerAssignment(lower: Lowering, node: ts.BinaryExpression): Rope {
  const { builder } = lower;
  const operator = node.operatorToken.getText();
  const target = inner(node.left) as ts.Expression;

  if (operator === "=") {
    if (TS.isArrayLiteralExpression(target) || TS.isObjectLiteralExpression(target)) {
      const value = lower.keep(lower.expression(node.right));
      lower.bind(target, value, false);
      return value;
    }
    const place = lowerPlace(lower, node.left, lower.suspends(node.right));
    const value = lower.expression(node.right);
    if (place.constant) return code`(${value}, ${place.constant})`;
    return code`(${place.write(value)})`;
  }

  const isLogical = isLogicalAssignment(node.operatorToken.kind);
  const place = lowerPlace(lower, node.left, lower.suspends(node.right) || isLogical);
  if (isLogical) {
    // t = place;  branch → R else E;  R: t = (place = value);  E: t
    const result = lower.temporary();
    const value: Rope = { type: "slot", slot: result, access: "read" };
    builder.assign(result, place.read);
    const right = builder.block(node.right);
    const after = builder.block(node);
    builder.end({ type: "branch", cases: [{ test: goesOn(operator, value), to: right }], otherwise: after });
    builder.place(right);
    const given = lower.expression(node.right);
    builder.assign(result, place.constant ? code`(${given}, ${place.constant})` : place.write(given));
    builder.place(after);
    return value;
  }
  if (!lower.suspends(node.right)) return code`(${place.read} ${operator} ${lower.writer.argument(node.right)})`;
  const old = lower.keep(place.read);
  const right = lower.expression(node.right);
  if (place.constant) return code`(${right}, ${place.constant})`;
  return code`(${place.write(code`${old} ${operator.slice(0, -1)} ${right}`)})`;
}
