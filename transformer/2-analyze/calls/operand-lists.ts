/**
 * Lists of lazy thenables that are operands of steps:
 *
 *     await prisma.$transaction(users.map((user) => prisma.user.create({ data: user })));
 *
 *     const writes = [];
 *     for (const user of users) writes.push(prisma.user.create({ data: user }));
 *     await prisma.$transaction(writes);
 *
 * The turn makes the list. Its elements are records of how each thenable is made, over operands that have been evaluated there, so that every attempt makes the
 * same ones. Durable code never sees the records: a variable is such a list only where all of its uses are known.
 */
import type { ts } from "@ts-morph/common";
import { numberOf } from "../../1-parse/tree.ts";
import { TS } from "../../1-parse/typescript.ts";
import type { FileTypes } from "../../types/questions.ts";
import type { Binding } from "../bindings.ts";
import type { BuiltIns } from "./built-ins.ts";
import type { Names } from "./names.ts";
import { COLLECTING, MAPPING } from "./platform.ts";
import type { Positions } from "./positions.ts";
import {
  assignedTo,
  callOf,
  enclosingFunction,
  type InlineFunction,
  inner,
  isAsync,
  isFunctionBoundary,
  isGenerator,
  isInlineFunction,
  isLastArgument,
  isOptionalChain,
  methodCall,
  outer,
} from "./syntax.ts";

export interface OperandLists {
  /** Is this operand, or what is spread into it, such a list? */
  isList(node: ts.Expression): boolean;
  /** Is this call an element of one, or this name the function that makes its elements (`users.map(insert)`)? */
  isElement(node: ts.Node): boolean;
  /** The elements of such a list. */
  elementsOf(list: ts.Expression): Iterable<ts.Node>;
}

export interface OperandListFacts {
  readonly names: Names;
  readonly builtIns: BuiltIns;
  readonly positions: Positions;
  readonly types: FileTypes;
  /** Certainly evaluated in the turn. */
  inTurn(callee: ts.Expression): boolean;
  /** Of a call that makes a lazy thenable of ordinary code, whether it can be kept as its expression; undefined: it makes none. */
  canKeep(node: ts.Expression): boolean | undefined;
  /** A durable function of the file that can be told what its thenable is for. */
  isToldFunction(node: ts.Expression): boolean;
}

/** Methods that give some of the list's elements, in a list of their own. */
const TAKING: ReadonlySet<string> = new Set(["concat", "reverse", "slice", "splice", "toReversed", "toSpliced"]);

export const NO_LISTS: OperandLists = { isList: () => false, isElement: () => false, elementsOf: () => [] };

/** @param regions what is durable */
export function analyzeOperandLists(regions: readonly ts.Node[], facts: OperandListFacts): OperandLists {
  const { names, builtIns, positions, types } = facts;
  const { tree } = names;
  const lists = new Map<ts.Node, ReadonlySet<ts.Node>>();
  const elements = new Set<ts.Node>();

  /** Collects the thenables of a list; false: it is no list, or something else might see them. */
  const collect = (node: ts.Expression, found: Set<ts.Node>): boolean => {
    const at = inner(node);
    if (TS.isConditionalExpression(at)) return collect(at.whenTrue, found) && collect(at.whenFalse, found);
    if (TS.isArrayLiteralExpression(at)) return at.elements.every((one) => collectElement(one, found));
    if (TS.isIdentifier(at)) {
      const binding = names.scopes.resolve(at);
      return binding !== undefined && isListVariable(binding) && collectWritten(binding, found);
    }
    if (!TS.isCallExpression(at) || isOptionalChain(at)) return false;
    const callback = mappedBy(at);
    if (callback && TS.isIdentifier(callback)) {
      if (facts.isToldFunction(callback)) found.add(callback);
      return facts.isToldFunction(callback);
    }
    if (callback) {
      const flattens = methodCall(at)?.name === "flatMap";
      return returnsOf(callback).every((one) => collectMapped(one, flattens, found));
    }
    const method = methodCall(at);
    if (!method || !builtIns.callee(at.expression)) return false;
    if (method.name === "filter" && names.global(at.arguments[0]!)?.join() !== "Boolean") return false;
    if (method.name !== "filter" && !TAKING.has(method.name)) return false;
    const isJoined = method.name === "concat";
    return collect(method.receiver, found) && (!isJoined || at.arguments.every((one) => collect(one, found)));
  };

  const collectElement = (node: ts.Expression, found: Set<ts.Node>): boolean => {
    const at = inner(node);
    if (TS.isSpreadElement(at)) return collect(at.expression, found);
    if (TS.isConditionalExpression(at))
      return collectElement(at.whenTrue, found) && collectElement(at.whenFalse, found);
    if (TS.isBinaryExpression(at) && at.operatorToken.kind === TS.SyntaxKind.AmpersandAmpersandToken)
      return collectElement(at.right, found);
    const isKept = facts.canKeep(at);
    if (isKept) found.add(at);
    return isKept !== false;
  };

  const collectMapped = (node: ts.Expression, flattens: boolean, found: Set<ts.Node>): boolean => {
    return flattens && facts.canKeep(inner(node)) === undefined ? collect(node, found) : collectElement(node, found);
  };

  /** The callback whose results are the elements of what this call gives: inline, or a name. */
  const mappedBy = (call: ts.CallExpression): InlineFunction | ts.Identifier | undefined => {
    const method = methodCall(call);
    const isFrom = names.global(call.expression)?.join(".") === "Array.from";
    const isMapping = method !== undefined && MAPPING.has(method.name) && builtIns.callee(call.expression);
    const callback = isFrom ? call.arguments[1] : isMapping ? call.arguments[0] : undefined;
    const fn = callback && inner(callback);
    if (fn && TS.isIdentifier(fn)) return isLastArgument(fn) ? fn : undefined;
    return fn && isInlineFunction(fn) && !isAsync(fn) && !isGenerator(fn) ? fn : undefined;
  };

  const collectWritten = (binding: Binding, found: Set<ts.Node>): boolean => {
    if (collecting.has(binding)) return true;
    collecting.add(binding);
    const { initializer } = binding.declarations[0]!.parent as ts.VariableDeclaration;
    const isList =
      (initializer === undefined || collect(initializer, found)) &&
      binding.references.every(({ node }) => {
        const value = assignedTo(node);
        if (value) return collect(value, found);
        const call = collectingCall(node);
        return call === undefined || call.arguments.every((one) => collectElement(one, found));
      });
    collecting.delete(binding);
    return isList;
  };
  const collecting = new Set<Binding>();

  /** What is taken for a list until something tells that it is none; that may change the answer for those that depend on it. */
  const supposed = new Set<Binding>();
  const refuted = new Set<Binding>();
  /** A variable of a function whose every use builds the list, measures it, or is an operand of a step. */
  const isListVariable = (binding: Binding): boolean => {
    if (!refuted.has(binding) && !supposed.has(binding)) {
      supposed.add(binding);
      const [name, another] = binding.declarations;
      const isList =
        another === undefined &&
        binding.scope.parent !== null &&
        TS.isVariableDeclaration(name!.parent) &&
        name!.parent.name === name &&
        !TS.isForInStatement(name!.parent.parent.parent) &&
        !TS.isForOfStatement(name!.parent.parent.parent) &&
        binding.references.every(
          ({ node, access }) =>
            isCalledBackFrom(node, name!) && (access === "write" ? assignedTo(node) !== undefined : isListUse(node)),
        );
      if (!isList) {
        refuted.add(binding);
        supposed.clear();
      }
    }
    return !refuted.has(binding);
  };

  /** Between a use and the declaration stand callbacks of built-ins alone, `orders.forEach((order) => { writes.push(…); })`: inside a step, no record would be made. */
  const isCalledBackFrom = (use: ts.Node, declared: ts.Node): boolean => {
    const home = enclosingFunction(declared);
    for (let fn = enclosingFunction(use); fn !== home; fn = enclosingFunction(fn)) {
      const call = isInlineFunction(fn) && !isAsync(fn) ? outer(fn).parent : undefined;
      if (!call || !TS.isCallExpression(call) || !builtIns.callee(call.expression)) return false;
    }
    return true;
  };

  /** Does the list go nowhere but into steps from here? */
  const isListUse = (node: ts.Expression): boolean => {
    const whole = outer(node);
    const { parent } = whole;
    if (TS.isConditionalExpression(parent)) return parent.condition === whole || isListUse(parent);
    if (TS.isPropertyAccessExpression(parent) && parent.expression === whole) {
      const { text } = parent.name;
      if (text === "length") return true;
      const call = callOf(parent);
      if (!call || isOptionalChain(call)) return false;
      return (
        (COLLECTING.has(text) && TS.isExpressionStatement(call.parent)) ||
        ((TAKING.has(text) || text === "filter") && isListUse(call))
      );
    }
    if (TS.isSpreadElement(parent)) {
      const literal = parent.parent;
      if (TS.isArrayLiteralExpression(literal))
        return isArgument(outer(literal)) ? isOperand(outer(literal), whole) : isListUse(literal);
      const pushed = TS.isCallExpression(parent.parent) ? collectedInto(parent.parent) : undefined;
      return pushed !== undefined && isListVariable(pushed);
    }
    if (isArgument(whole)) {
      const call = parent as ts.CallExpression;
      const isJoined = methodCall(call)?.name === "concat" && builtIns.callee(call.expression);
      return isJoined ? isListUse(call) : isOperand(whole, whole);
    }
    if (TS.isVariableDeclaration(parent) && TS.isIdentifier(parent.name)) {
      const binding = names.scopes.resolve(parent.name);
      return binding !== undefined && isListVariable(binding);
    }
    // A statement that takes from it: `writes.splice(0);`.
    return TS.isExpressionStatement(parent) && TS.isCallExpression(whole);
  };

  const isArgument = (node: ts.Expression): boolean =>
    TS.isCallExpression(node.parent) && node.parent.arguments.includes(node);

  /** Is this argument an operand of a step, and the list that it is, or that is spread in it, understood as a whole? */
  const isOperand = (argument: ts.Expression, list: ts.Expression): boolean =>
    isStep(argument.parent as ts.CallExpression) && collect(list, new Set());

  /** `writes` of `writes.push(…)`. */
  const collectedInto = (call: ts.CallExpression): Binding | undefined => {
    const method = methodCall(call);
    const receiver = method && COLLECTING.has(method.name) ? inner(method.receiver) : undefined;
    return receiver && TS.isIdentifier(receiver) ? names.scopes.resolve(receiver) : undefined;
  };

  /** A call of ordinary code that certainly becomes a step, with its arguments as operands. */
  const isStep = (call: ts.CallExpression): boolean => {
    if (isOptionalChain(call) || call.expression.kind === TS.SyntaxKind.ImportKeyword) return false;
    if (facts.inTurn(call.expression) || types.declaredDurable(inner(call.expression))) return false;
    const type = types.awaitType(call);
    if (type === "promise") return true;
    const position = type === "thenable" ? positions.promise(call) : undefined;
    return position !== undefined && position !== "constant";
  };

  const look = (node: ts.Expression): void => {
    const at = inner(node);
    if (TS.isArrayLiteralExpression(at)) {
      for (const one of at.elements) if (TS.isSpreadElement(one)) look(one.expression);
      return;
    }
    const found = new Set<ts.Node>();
    if (!isListForm(at) || !collect(at, found) || found.size === 0) return;
    lists.set(at, found);
    for (const one of found) elements.add(one);
  };

  for (const region of regions) {
    const from = numberOf(region);
    for (let i = from; i < tree.ends[from]!; i++) {
      const node = tree.nodes[i]!;
      if (TS.isCallExpression(node) && node.arguments.some(mayHoldList) && isStep(node)) node.arguments.forEach(look);
    }
  }
  if (lists.size === 0) return NO_LISTS;
  return {
    isList: (node) => lists.has(inner(node)),
    isElement: (node) => elements.has(node),
    elementsOf: (list) => lists.get(inner(list)) ?? [],
  };
}

/** By its syntax alone: most arguments are none. */
const isListForm = (node: ts.Expression): boolean =>
  TS.isIdentifier(node) || TS.isCallExpression(node) || TS.isConditionalExpression(node);

const mayHoldList = (argument: ts.Expression): boolean => {
  const at = inner(argument);
  return TS.isArrayLiteralExpression(at) ? at.elements.some(TS.isSpreadElement) : isListForm(at);
};

/** `writes.push(…)` of this use of `writes`. */
function collectingCall(use: ts.Identifier): ts.CallExpression | undefined {
  const member = outer(use).parent;
  const isCollecting =
    TS.isPropertyAccessExpression(member) && member.expression === outer(use) && COLLECTING.has(member.name.text);
  return isCollecting ? callOf(member) : undefined;
}

/** What a function returns, wherever in it. */
function returnsOf(fn: InlineFunction): readonly ts.Expression[] {
  if (!TS.isBlock(fn.body)) return [fn.body];
  const found: ts.Expression[] = [];
  const visit = (node: ts.Node): void => {
    if (isFunctionBoundary(node)) return;
    if (TS.isReturnStatement(node) && node.expression) found.push(node.expression);
    TS.forEachChild(node, visit);
  };
  visit(fn.body);
  return found;
}
