/**
 * Statements that the compiler makes one step, because what they make and use up cannot be kept: `step` is written around them (`text.ts`). What they change of the
 * run comes back with the step's result, and an attempt that is lost begins again with what the variables held before.
 *
 * They are one step only where that means the same: where nobody else can see a variable that they change or change one that they read, and where they start
 * nothing that the run would have to keep.
 */
import type { ts } from "@ts-morph/common";
import { namesOf } from "../../1-parse/binding-names.ts";
import { contains, everyNode, type Tree } from "../../1-parse/tree.ts";
import { TS } from "../../1-parse/typescript.ts";
import type { FileTypes } from "../../types/questions.ts";
import type { Binding, Scopes } from "../bindings.ts";
import type { CallTable } from "../calls/classes.ts";
import { enclosingFunction, inner, isAsync, isGenerator, outer } from "../calls/syntax.ts";
import { isModuleLevel } from "../scopes.ts";
import { isWrittenInto, outerPath } from "../shared-state.ts";
import type { StepCalls } from "./calls.ts";

export interface StepFacts {
  readonly tree: Tree;
  readonly scopes: Scopes;
  readonly calls: CallTable;
  readonly types: FileTypes;
  readonly stepCalls: StepCalls;
}

export interface WholeStep {
  /** What the step is called: in labels, stacks and code paths. */
  readonly name: "loop" | "use";
  /** In source order. What stands between them declares constants, and goes before. */
  readonly statements: readonly ts.Statement[];
  /** Those inside that leave the function. */
  readonly returns: readonly ts.ReturnStatement[];
  /** Constants that they declare and others use. */
  readonly given: readonly string[];
}

/**
 * These statements as one step, if that makes no difference.
 *
 * @param name what the step is to be called
 * @param mayWait may it wait here? Asked of each `await` in them, of calls that yield promises, and of each `for await`
 */
export function wholeStep(
  name: WholeStep["name"],
  statements: readonly ts.Statement[],
  mayWait: (node: ts.Node) => boolean,
  { tree, scopes, types, stepCalls }: StepFacts,
): WholeStep | undefined {
  const around = enclosingFunction(statements[0]!);
  const isIn = (node: ts.Node): boolean => statements.some((one) => contains(one, node));
  const returns: ts.ReturnStatement[] = [];
  const given = new Set<string>();

  const isAllowed = (node: ts.Node): boolean => {
    const K = TS.SyntaxKind;
    switch (node.kind) {
      case K.AwaitExpression:
        return mayWait(node) && isOfStep(inner((node as ts.AwaitExpression).expression));
      case K.YieldExpression:
      case K.ClassDeclaration:
      case K.ClassExpression:
      case K.MetaProperty:
        return false;
      case K.ForOfStatement:
        return !(node as ts.ForOfStatement).awaitModifier || mayWait(node);
      case K.VariableDeclarationList:
        return (
          (node.flags & TS.NodeFlags.AwaitUsing) !== TS.NodeFlags.AwaitUsing &&
          (node as ts.VariableDeclarationList).declarations.every(({ name }) => namesOf(name).every(isGiven))
        );
      case K.FunctionDeclaration:
      case K.MethodDeclaration:
        return false;
      case K.ArrowFunction:
      case K.FunctionExpression:
        return !isAsync(node) && !isGenerator(node) && isArgument(node as ts.ArrowFunction);
      case K.ReturnStatement:
        if (enclosingFunction(node) === around) returns.push(node as ts.ReturnStatement);
        return true;
      case K.BreakStatement:
      case K.ContinueStatement:
        return isJumpWithin(node as ts.BreakOrContinueStatement);
      case K.CallExpression:
      case K.NewExpression:
      case K.TaggedTemplateExpression:
        return stepCalls.isOrdinary(node as ts.CallExpression, mayWait(node), isIn);
      case K.Identifier:
        return isSeenByNobodyElse(node as ts.Identifier);
      default:
        return true;
    }
  };
  /** A call of ordinary code; or a promise in a property of what the statements make. */
  const isOfStep = (awaited: ts.Expression): boolean => {
    let at = awaited;
    while (TS.isPropertyAccessExpression(at)) at = inner(at.expression);
    const isMade = at !== awaited && TS.isIdentifier(at) && scopes.resolve(at)?.declarations.every(isIn);
    return isMade || stepCalls.makesOrdinary(awaited);
  };
  /** What is declared here is used here only, or is a constant of the statements themselves that they can give. */
  const isGiven = (name: ts.Identifier): boolean => {
    const binding = scopes.resolve(name);
    if (!binding?.declarations.every(isIn)) return false;
    if (binding.references.every(({ node }) => isIn(node))) return true;
    const isOwn = binding.kind === "const" && binding.scope === scopes.scopeOf(statements[0]!);
    if (isOwn) given.add(name.text);
    return isOwn;
  };
  const isJumpWithin = ({ label, parent, kind }: ts.BreakOrContinueStatement): boolean => {
    for (let at: ts.Node = parent; isIn(at); at = at.parent) {
      if (label ? TS.isLabeledStatement(at) && at.label.text === label.text : TS.isIterationStatement(at, false))
        return true;
      if (!label && TS.isSwitchStatement(at) && kind === TS.SyntaxKind.BreakStatement) return true;
    }
    return false;
  };
  const isSeenByNobodyElse = (name: ts.Identifier): boolean => {
    const reference = scopes.reference(name);
    const binding = reference?.binding;
    if (!binding || isModuleLevel(binding) || binding.declarations.every(isIn) || !binding.captured) return true;
    const isConstant = binding.references.every(({ access }) => access === "read");
    return isConstant && !isWrittenInto(name) && !isCollectionChanged(name);
  };
  /** `all.push(item)`: two such steps at once would each have a copy of their own, and the run would be stopped. */
  const isCollectionChanged = (name: ts.Identifier): boolean => {
    const path = outerPath(name);
    return (
      TS.isPropertyAccessExpression(path) &&
      CHANGING.has(path.name.text) &&
      types.builtIn(path.expression) !== undefined
    );
  };

  if (!statements.every((one) => everyNode(tree, one, isAllowed))) return undefined;
  // A generator hands out what it returns in a way of its own.
  if (returns.length > 0 && (isGenerator(around) || !isAsync(around))) return undefined;
  return { name, statements, returns, given: [...given] };
}

/** Methods of built-in collections that change them. */
const CHANGING = new Set("add clear copyWithin delete fill pop push reverse set shift sort splice unshift".split(" "));

/** What is kept elsewhere would be a function of the step. */
const isArgument = (node: ts.Expression): boolean => {
  const { parent } = outer(node);
  return TS.isCallExpression(parent) || TS.isNewExpression(parent);
};

/** The statement that declares a constant, and nothing beside it but what its pattern names. */
export function makerOf(binding: Binding): ts.VariableStatement | undefined {
  if (binding.kind !== "const" || binding.declarations.length !== 1) return undefined;
  let at: ts.Node = binding.declarations[0]!;
  while (!TS.isVariableDeclaration(at)) at = at.parent;
  const list = at.parent;
  const isOne = TS.isVariableDeclarationList(list) && list.declarations.length === 1 && at.initializer !== undefined;
  return isOne && TS.isVariableStatement(list.parent) ? list.parent : undefined;
}

export const initializerOf = (maker: ts.VariableStatement): ts.Expression =>
  maker.declarationList.declarations[0]!.initializer!;

/** It may as well be evaluated earlier or later. */
export const declaresConstants = (statement: ts.Statement): boolean =>
  TS.isVariableStatement(statement) &&
  statement.declarationList.declarations.every(
    ({ name, initializer }) => TS.isIdentifier(name) && (!initializer || isConstant(inner(initializer))),
  );

/** A literal, or an empty list, object or collection. */
const isConstant = (value: ts.Expression): boolean => {
  const K = TS.SyntaxKind;
  if (TS.isArrayLiteralExpression(value)) return value.elements.length === 0;
  if (TS.isObjectLiteralExpression(value)) return value.properties.length === 0;
  if (TS.isNewExpression(value))
    return TS.isIdentifier(value.expression) && /^(?:Map|Set)$/.test(value.expression.text) && !value.arguments?.length;
  return (
    TS.isStringLiteralLike(value) ||
    TS.isNumericLiteral(value) ||
    value.kind === K.TrueKeyword ||
    value.kind === K.FalseKeyword ||
    value.kind === K.NullKeyword
  );
};
