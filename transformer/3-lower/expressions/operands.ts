/** Operands in the language's order: what stands before a suspension is evaluated, and kept, before it. */
import type { ts } from "@ts-morph/common";
import { startOf } from "../../1-parse/tree.ts";
import { TS } from "../../1-parse/typescript.ts";
import { inner } from "../../2-analyze/calls/syntax.ts";
import { code, type Edit, type Rope } from "../../ir/rope.ts";
import type { Lowering } from "../lowering.ts";

/** As `lower.operands`; a spread before a suspension is iterated at its turn, into an array. */
export function spreadingOperands(lower: Lowering, nodes: readonly ts.Expression[]): Rope[] {
  const last = nodes.findLastIndex((node) => lower.suspends(node));
  return nodes.map((node, i) => {
    if (i > last) return lower.writer.argument(node);
    if (!TS.isSpreadElement(node)) {
      const value = lower.expression(node);
      return i < last ? lower.keep(value, node) : atom(node, value);
    }
    const value = lower.expression(node.expression);
    return i < last ? code`...${lower.keep(code`[...${value}]`)}` : code`...${value}`;
  });
}

/** The node's text with its operands replaced by their values, evaluated in order. */
export function withOperands(lower: Lowering, node: ts.Expression, operands: readonly ts.Expression[]): Rope {
  const values = spreadingOperands(lower, operands);
  const edits: Edit[] = operands.map((operand, i) => ({
    start: startOf(operand, lower.module.sourceFile),
    end: operand.end,
    with: values[i]!,
  }));
  return lower.writer.textWith(node, edits);
}

/** A value in the place of an operand: parenthesized unless it is a plain name, call or literal of its own. */
function atom(node: ts.Expression, value: Rope): Rope {
  if (typeof value === "string" || (typeof value === "object" && "type" in value)) return value;
  const bare = inner(node);
  const isSafe =
    TS.isCallExpression(bare) ||
    TS.isPropertyAccessExpression(bare) ||
    TS.isAwaitExpression(bare) ||
    TS.isArrayLiteralExpression(bare);
  return isSafe ? value : code`(${value})`;
}
