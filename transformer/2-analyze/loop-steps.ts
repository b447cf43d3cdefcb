/**
 * `for await` over an iterator of ordinary code, whose body waits for nothing. Its position cannot be saved, but nothing has to be saved while it runs: the whole
 * loop is one step, as if `step` had been written around it (`loop-step-text.ts` writes it). What it changes of the run comes back with the step's result, and an
 * attempt that is lost begins again with what the variables held before the loop.
 *
 * It is one only where that means the same: where nobody else can see a variable that it changes or change one that it reads, and where it calls nothing that
 * makes a promise, which the run would have to keep.
 */
import type { ts } from "@ts-morph/common";
import { namesOf } from "../1-parse/binding-names.ts";
import { contains, everyNode, type Tree } from "../1-parse/tree.ts";
import { TS } from "../1-parse/typescript.ts";
import type { FileTypes } from "../types/questions.ts";
import type { Scopes } from "./bindings.ts";
import type { CallTable } from "./calls/classes.ts";
import { stepCalls } from "./calls/step-calls.ts";
import { enclosingFunction, inner, isAsync, isGenerator } from "./calls/syntax.ts";
import { type LoopFacts, makersOf } from "./loop-sources.ts";
import { isModuleLevel } from "./scopes.ts";

export interface LoopStep {
  /** The loop, with its labels. */
  readonly statement: ts.Statement;
  /** Declarations before it that make what it iterates over, and that nothing else uses. In source order. */
  readonly made: readonly ts.VariableStatement[];
  /** Statements of the loop that leave the function. */
  readonly returns: readonly ts.ReturnStatement[];
}

/** In source order; they do not overlap. */
export function loopSteps(tree: Tree, scopes: Scopes, calls: CallTable, types: FileTypes): LoopStep[] {
  if (!TS.isExternalModule(tree.sourceFile)) return [];
  const { ForOfStatement } = TS.SyntaxKind;
  const found: LoopStep[] = [];
  for (let at = 0; at < tree.kinds.length; at++) {
    if (tree.kinds[at] !== ForOfStatement) continue;
    const loop = tree.nodes[at] as ts.ForOfStatement;
    if (!loop.awaitModifier || !calls.names.inDurableCode(loop)) continue;
    const step = loopStep(loop, { tree, scopes, calls, types });
    if (step) found.push(step);
  }
  return found;
}

function loopStep(loop: ts.ForOfStatement, facts: LoopFacts): LoopStep | undefined {
  const { tree, scopes, calls } = facts;
  const around = enclosingFunction(loop);
  if (!TS.isFunctionLike(around) || isInside(loop, calls.volatile)) return undefined;
  let statement: ts.Statement = loop;
  while (TS.isLabeledStatement(statement.parent)) statement = statement.parent;
  const made = makersOf(loop, statement, facts);
  if (!made) return undefined;

  const whole = [...made, statement];
  const isIn = (node: ts.Node): boolean => whole.some((one) => contains(one, node));
  /** What is evaluated before the first item: it may wait for ordinary code. */
  const isBefore = (node: ts.Node): boolean =>
    contains(loop.expression, node) || made.some((one) => contains(one, node));
  const callsOf = stepCalls(tree, calls, facts.types);
  const returns: ts.ReturnStatement[] = [];

  const isAllowed = (node: ts.Node): boolean => {
    const K = TS.SyntaxKind;
    switch (node.kind) {
      case K.AwaitExpression:
        return isBefore(node) && callsOf.makesOrdinary(inner((node as ts.AwaitExpression).expression));
      case K.YieldExpression:
      case K.ClassDeclaration:
      case K.ClassExpression:
      case K.MetaProperty:
        return false;
      case K.ForOfStatement:
        return node === loop || !(node as ts.ForOfStatement).awaitModifier;
      case K.VariableDeclarationList:
        return (node.flags & TS.NodeFlags.AwaitUsing) !== TS.NodeFlags.AwaitUsing && isVarWithin(node);
      case K.ArrowFunction:
      case K.FunctionExpression:
      case K.FunctionDeclaration:
      case K.MethodDeclaration:
        return !isAsync(node) && !isGenerator(node);
      case K.ReturnStatement:
        if (enclosingFunction(node) === around) returns.push(node as ts.ReturnStatement);
        return true;
      case K.BreakStatement:
      case K.ContinueStatement:
        return isJumpWithin(node as ts.BreakOrContinueStatement);
      case K.CallExpression:
      case K.NewExpression:
      case K.TaggedTemplateExpression:
        return callsOf.isOrdinary(node as ts.CallExpression, isBefore(node));
      case K.Identifier:
        return isSeenByNobodyElse(node as ts.Identifier);
      default:
        return true;
    }
  };
  /** A `var` belongs to the function, and would be the step's own. */
  const isVarWithin = (list: ts.Node): boolean =>
    (list.flags & TS.NodeFlags.BlockScoped) !== 0 ||
    (list as ts.VariableDeclarationList).declarations.every(({ name }) =>
      namesOf(name).every((one) => {
        const binding = scopes.resolve(one);
        return binding?.declarations.every(isIn) && binding.references.every((reference) => isIn(reference.node));
      }),
    );
  const isJumpWithin = ({ label, parent }: ts.BreakOrContinueStatement): boolean => {
    if (!label) return true;
    for (let at: ts.Node = parent; isIn(at); at = at.parent)
      if (TS.isLabeledStatement(at) && at.label.text === label.text) return true;
    return false;
  };
  const isSeenByNobodyElse = (name: ts.Identifier): boolean => {
    const reference = scopes.reference(name);
    const binding = reference?.binding;
    if (!binding || isModuleLevel(binding) || binding.declarations.every(isIn) || !binding.captured) return true;
    return reference.access === "read" && binding.references.every(({ access }) => access === "read");
  };

  if (!whole.every((one) => everyNode(tree, one, isAllowed))) return undefined;
  // A generator hands out what it returns in a way of its own.
  if (returns.length > 0 && (isGenerator(around) || !isAsync(around))) return undefined;
  return { statement, made, returns };
}

const isInside = (node: ts.Node, list: ReadonlySet<ts.Node>): boolean => {
  for (let at: ts.Node | undefined = node; at; at = at.parent) if (list.has(at)) return true;
  return false;
};
