/** Statements. One that does not suspend keeps its text; the others have a rule each. */
import type { ts } from "@ts-morph/common";
import { startOf } from "../../1-parse/tree.ts";
import { TS } from "../../1-parse/typescript.ts";
import { code } from "../../ir/rope.ts";
import type { Lowering } from "../lowering.ts";
import { labelsOf } from "../targets.ts";
import { lowerDeclarations } from "./declarations.ts";
import { lowerForIn, lowerForOf } from "./iterations.ts";
import { lowerDo, lowerFor, lowerWhile } from "./loops.ts";
import { lowerSwitch } from "./switch.ts";
import { lowerTry } from "./try.ts";

export function lowerStatement(lower: Lowering, node: ts.Statement): void {
  const K = TS.SyntaxKind;
  const { builder } = lower;
  switch (node.kind) {
    case K.VariableStatement:
      return lowerDeclarations(lower, (node as ts.VariableStatement).declarationList);
    case K.ClassDeclaration: {
      const declaration = node as ts.ClassDeclaration;
      if (declaration.name) lower.initialize(declaration.name, lower.classValue(declaration));
      return;
    }
    case K.ReturnStatement: {
      const { expression } = node as ts.ReturnStatement;
      if (!expression) return lower.returns(null);
      const value = lower.expression(expression);
      return lower.returns(lower.generator === "async" ? lower.suspend(expression, value) : value);
    }
    case K.ThrowStatement:
      return builder.end({ type: "throw", value: lower.expression((node as ts.ThrowStatement).expression) });
    case K.BreakStatement:
    case K.ContinueStatement: {
      const found = lower.targets.route(node as ts.BreakOrContinueStatement);
      if (!found) return;
      if (found.route.regions.length === 0) builder.jump(found.route.target!);
      else builder.leave(found.route, null, found.name);
      return;
    }
    case K.ExpressionStatement:
      return lowerExpressionStatement(lower, (node as ts.ExpressionStatement).expression);
    case K.FunctionDeclaration:
      return; // Made where its scope begins.
    case K.EnumDeclaration:
      return lower.module.report("PD1105", node, { construct: TS.SyntaxKind[node.kind]! });
    default:
  }
  if (lower.suspends(node)) lowerSuspending(lower, node);
  else builder.evaluate(lower.writer.text(node));
}

function lowerSuspending(lower: Lowering, node: ts.Statement): void {
  const K = TS.SyntaxKind;
  switch (node.kind) {
    case K.Block:
      return lower.statements((node as ts.Block).statements, node);
    case K.IfStatement:
      return lowerIf(lower, node as ts.IfStatement);
    case K.ForStatement:
      return lowerFor(lower, node as ts.ForStatement);
    case K.WhileStatement:
      return lowerWhile(lower, node as ts.WhileStatement);
    case K.DoStatement:
      return lowerDo(lower, node as ts.DoStatement);
    case K.ForOfStatement:
      return lowerForOf(lower, node as ts.ForOfStatement);
    case K.ForInStatement:
      return lowerForIn(lower, node as ts.ForInStatement);
    case K.SwitchStatement:
      return lowerSwitch(lower, node as ts.SwitchStatement);
    case K.TryStatement:
      return lowerTry(lower, node as ts.TryStatement);
    case K.LabeledStatement:
      return lowerLabeled(lower, node as ts.LabeledStatement);
    default:
      lower.module.report("PD1105", node, { construct: TS.SyntaxKind[node.kind]! });
  }
}

/** `x = v;` defines the slot of `x`, which liveness must see. */
function lowerExpressionStatement(lower: Lowering, node: ts.Expression): void {
  const isAssignment =
    TS.isBinaryExpression(node) && node.operatorToken.kind === TS.SyntaxKind.EqualsToken && TS.isIdentifier(node.left);
  if (isAssignment) {
    const binding = lower.module.scopes.resolve(node.left);
    const slot = binding && lower.writer.around.frame?.slotOf(binding);
    if (slot && !lower.module.inCell(binding) && !["const", "using", "self-name"].includes(binding.kind)) {
      lower.builder.assign(slot, lower.expression(node.right), node.left);
      return;
    }
  }
  if (lower.suspends(node)) lower.effect(node);
  else lower.builder.evaluate(code`${lower.writer.text(node)};`);
}

/**
 *     if (c) A else B   →   branch c → A else B;  A: …, jump E;  B: …;  E:
 *
 * When only the condition suspends, the rest keeps its text.
 */
function lowerIf(lower: Lowering, node: ts.IfStatement): void {
  const { builder } = lower;
  const test = lower.expression(node.expression);
  if (!lower.suspends(node.thenStatement) && !lower.suspends(node.elseStatement)) {
    lower.keptHeads.add(node);
    builder.evaluate(
      lower.writer.textWith(node, [
        { start: startOf(node.expression, lower.module.sourceFile), end: node.expression.end, with: test },
      ]),
    );
    return;
  }
  const whenTrue = builder.block(node.thenStatement);
  const after = builder.block(null);
  const whenFalse = node.elseStatement ? builder.block(node.elseStatement) : after;
  builder.end({ type: "branch", cases: [{ test, to: whenTrue }], otherwise: whenFalse });
  builder.place(whenTrue);
  lower.statement(node.thenStatement);
  if (node.elseStatement) {
    builder.jump(after);
    builder.place(whenFalse);
    lower.statement(node.elseStatement);
  }
  builder.place(after);
}

/** A label on something else than a loop or `switch`, which look at their labels themselves. */
function lowerLabeled(lower: Lowering, node: ts.LabeledStatement): void {
  const inner = node.statement;
  if (TS.isIterationStatement(inner, false) || TS.isSwitchStatement(inner) || TS.isLabeledStatement(inner))
    return lower.statement(inner);
  const after = lower.builder.block(null);
  lower.targets.within({ type: "target", labels: labelsOf(inner), breakTo: after, continueTo: null, bare: false }, () =>
    lower.statement(inner),
  );
  lower.builder.place(after);
}
