/** `switch` (ECMA-262 14.12): cases are tested in order, as far as needed; one scope for all clauses. */
import type { ts } from "@ts-morph/common";
import { TS } from "../../1-parse/typescript.ts";
import type { Block } from "../../ir/ir.ts";
import { code, type Rope } from "../../ir/rope.ts";
import { switchStatement } from "../declarations.ts";
import type { Lowering } from "../lowering.ts";
import { labelsOf, labelText } from "../targets.ts";

/**
 *     t = v;  branch [t === a → A] [t === b → B] else D or E;  A: …;  B: …;  E:
 */
export function lowerSwitch(lower: Lowering, node: ts.SwitchStatement): void {
  const { builder } = lower;
  const { expression, caseBlock } = node;
  if (!lower.suspends(caseBlock)) {
    const value = lower.expression(expression);
    lower.keptHeads.add(node);
    const edits = [{ start: expression.getStart(), end: expression.end, with: value }];
    builder.evaluate([labelText(node), switchStatement(lower.writer, node, edits)!]);
    return;
  }
  const value = lower.keep(lower.expression(expression));
  lower.openScope(caseBlock);
  lower.hoistFunctions(caseBlock.clauses.flatMap((clause) => [...clause.statements]));
  const after = builder.block(null);
  const blocks = caseBlock.clauses.map((clause) => builder.block(clause));
  let otherwise = after;
  let cases: { test: Rope; to: Block }[] = [];
  caseBlock.clauses.forEach((clause, i) => {
    if (TS.isDefaultClause(clause)) {
      otherwise = blocks[i]!;
      return;
    }
    if (lower.suspends(clause.expression) && cases.length > 0) {
      const on = builder.block(clause);
      builder.end({ type: "branch", cases, otherwise: on });
      builder.place(on);
      cases = [];
    }
    cases.push({ test: code`${value} === ${operand(lower, clause.expression)}`, to: blocks[i]! });
  });
  builder.end({ type: "branch", cases, otherwise });
  lower.targets.within({ type: "target", labels: labelsOf(node), breakTo: after, continueTo: null, bare: true }, () => {
    caseBlock.clauses.forEach((clause, i) => {
      builder.place(blocks[i]!);
      for (const statement of clause.statements) lower.statement(statement);
    });
  });
  builder.place(after);
}

const operand = (lower: Lowering, node: ts.Expression): Rope => {
  const value = lower.expression(node);
  return TS.isIdentifier(node) || TS.isLiteralExpression(node) || TS.isPropertyAccessExpression(node)
    ? value
    : code`(${value})`;
};
