/**
 * Promise position: where the value of an expression is certainly consumed as a promise, so that a call of unknown
 * type there can be a step (a step that yields no promise after all is awaited all the same). *Iterable position* is
 * the same for arrays of promises. Both follow constants, arrays and callbacks that are used for nothing else.
 *
 * The left operands of `||`, `??` and `&&` are no promise positions: a promise there would change the test.
 */
import type { ts } from "@ts-morph/common";
import { NodeTable } from "../../1-parse/tree.ts";
import { TS } from "../../1-parse/typescript.ts";
import type { Binding } from "../bindings.ts";
import { passesRight } from "./kept.ts";
import type { Names } from "./names.ts";
import { ownMethod } from "./own-classes.ts";
import {
  COLLECTING,
  COMBINATORS,
  ELEMENT_PRESERVING,
  FINDING,
  MAPPING,
  PERDURE,
  PROMISE_METHODS,
  PROMISE_TAKING,
  STORING,
} from "./platform.ts";
import {
  callOf,
  enclosingFunction,
  inner,
  isAsync,
  isCallNode,
  isGenerator,
  isInlineFunction,
  methodCall,
  outer,
} from "./syntax.ts";

/** The positions, in words: printed in `docs/calls.md` and by `--explain`. */
export const POSITIONS = {
  awaited: "awaited",
  returned: "returned from an async function or async generator",
  yielded: "yielded by an async generator",
  adopted:
    "returned from a callback whose result a promise adopts (`then`, `catch`, `finally`, `Promise.try`, `Array.fromAsync`, a callback of `perdure`)",
  element: "element of an array in iterable position",
  argument: "argument of `Promise.resolve`, of the `resolve` of an inline executor, or of perdure's `timeout`",
  receiver: "receiver of `.then`, `.catch` or `.finally`",
  constant:
    "value of a variable that is read only in promise position, or of an element of an array that is used only in iterable position; of a constant on which `.then`, `.catch` or `.finally` is called, and which is only stored, looked for or returned elsewhere",
  pushed: "pushed to an array that is used only in iterable position",
  mapped: "returned by the callback of a `map`, `flatMap` or `Array.from` that is in iterable position",
  function: "returned by a function of this file whose every call is in promise position",
  parameter:
    "argument of a function of this file that reads the parameter in promise position only, or as such a constant",
} as const;
export type Position = keyof typeof POSITIONS;

export interface Positions {
  /** The promise position an expression stands in. */
  promise(node: ts.Expression): Position | undefined;
  /** Whether the elements of this array, or other iterable, are in promise position. */
  iterable(node: ts.Expression): boolean;
  /** Whether the results of a callback given to this call are in promise position. */
  callbackResults(call: ts.Node): boolean;
  /** Whether the results of this callback of a built-in are in promise position: `load` of `Promise.all(ids.map(load))`. */
  isMapped(node: ts.Expression): boolean;
  /** The function whose result this is, where only its caller knows the position. */
  tailOf(node: ts.Expression): ts.Node | undefined;
}

export function analyzePositions(names: Names): Positions {
  const { scopes } = names;
  // A cycle (`const p = q; const q = p`) counts as no position: the entry is there, undecided, while it is asked for.
  const promises = new NodeTable<Position | null>(names.tree);
  const iterables = new NodeTable<boolean>(names.tree);

  const promise = (node: ts.Expression): Position | undefined => {
    const whole = outer(node);
    let answer = promises.get(whole);
    if (answer === undefined) {
      promises.set(whole, null);
      answer = promisePosition(whole) ?? null;
      promises.set(whole, answer);
    }
    return answer ?? undefined;
  };
  const iterable = (node: ts.Expression): boolean => {
    const whole = outer(node);
    let answer = iterables.get(whole);
    if (answer === undefined) {
      iterables.set(whole, false);
      answer = iterablePosition(whole);
      iterables.set(whole, answer);
    }
    return answer;
  };

  const promisePosition = (node: ts.Expression): Position | undefined => {
    const { parent } = node;
    if (TS.isAwaitExpression(parent)) return "awaited";
    if (TS.isYieldExpression(parent)) return !parent.asteriskToken && isInAsync(parent) ? "yielded" : undefined;
    if (TS.isReturnStatement(parent) || (TS.isArrowFunction(parent) && parent.body === node))
      return returned(TS.isArrowFunction(parent) ? parent : enclosingFunction(parent));
    if (passesValue(parent, node)) return promise(parent as ts.Expression);
    if (TS.isArrayLiteralExpression(parent)) return iterable(parent) ? "element" : undefined;
    if (TS.isPropertyAccessExpression(parent) && parent.expression === node)
      return PROMISE_METHODS.has(parent.name.text) && callOf(parent) ? "receiver" : undefined;
    if (TS.isCallExpression(parent) && parent.arguments.includes(node)) return argument(parent, node);
    if (TS.isVariableDeclaration(parent) && parent.initializer === node && TS.isIdentifier(parent.name)) {
      const binding = scopes.resolve(parent.name);
      return binding && isPromiseVariable(binding) ? "constant" : undefined;
    }
    if (
      TS.isBinaryExpression(parent) &&
      parent.operatorToken.kind === TS.SyntaxKind.EqualsToken &&
      parent.right === node
    ) {
      // `p = <here>;` as a statement: the value goes nowhere else. `[(p = <here>)]`: it goes there too.
      if (!TS.isExpressionStatement(parent.parent) && !["element", "receiver"].includes(promise(parent) ?? ""))
        return undefined;
      const { left } = parent;
      const [target, test] = TS.isElementAccessExpression(left)
        ? [left.expression, isPromiseArray]
        : [left, isPromiseVariable];
      const binding = TS.isIdentifier(target) ? scopes.resolve(target) : undefined;
      return binding && test(binding) ? "constant" : undefined;
    }
    return undefined;
  };

  const variables = new Map<Binding, boolean>();
  /**
   * A variable of a function that is read in promise position only, whatever is written to it. Or one that never has another value, and whose methods tell
   * that this is a promise: `p.finally(() => executing.delete(p))`. Then it may also be kept elsewhere: `executing.add(p)`.
   */
  const isPromiseVariable = (binding: Binding): boolean => {
    let answer = variables.get(binding);
    if (answer === undefined) {
      variables.set(binding, false);
      const reads = binding.references.filter((reference) => reference.access !== "write");
      const others = reads.filter(({ access, node }) => access !== "read" || promise(node) === undefined);
      const isKept = (): boolean =>
        !isAssignedLater(binding) &&
        reads.some(({ node }) => promise(node) === "receiver" && !isOptionalMember(outer(node).parent)) &&
        others.every(({ node }) => keepsValue(node));
      answer = binding.scope.parent !== null && reads.length > 0 && (others.length === 0 || isKept());
      variables.set(binding, answer);
    }
    return answer;
  };

  const isOptionalMember = (node: ts.Node): boolean =>
    (node as ts.PropertyAccessExpression).questionDotToken !== undefined;

  const isAssignedLater = (binding: Binding): boolean =>
    names.constant(binding) === undefined &&
    !(binding.kind === "parameter" && binding.references.every(({ access }) => access === "read"));

  /** Here a value is stored, looked for or handed back, and not looked at: `pending.add(p)`, `{ promise: p }`, `this.p = p`, `return p`. */
  const keepsValue = (reference: ts.Expression): boolean => {
    const node = outer(reference);
    const { parent } = node;
    if (TS.isReturnStatement(parent) || (TS.isArrowFunction(parent) && parent.body === node)) return true;
    if (TS.isPropertyAssignment(parent) || TS.isShorthandPropertyAssignment(parent)) return true;
    if (TS.isArrayLiteralExpression(parent)) return true;
    if (TS.isBinaryExpression(parent)) {
      const { kind } = parent.operatorToken;
      const K = TS.SyntaxKind;
      if (kind === K.EqualsToken) return parent.right === node && TS.isExpressionStatement(parent.parent);
      return kind === K.EqualsEqualsEqualsToken || kind === K.ExclamationEqualsEqualsToken;
    }
    const method = TS.isCallExpression(parent) && parent.arguments.includes(node) ? methodCall(parent) : undefined;
    return method !== undefined && (STORING.has(method.name) || FINDING.has(method.name));
  };

  /** `a ? <here> : <here>`, `a || <here>`, `(a, <here>)`. */
  const passesValue = (parent: ts.Node, node: ts.Expression): boolean => {
    if (TS.isConditionalExpression(parent)) return parent.condition !== node;
    return TS.isBinaryExpression(parent) && parent.right === node && passesRight(parent.operatorToken);
  };

  const usedOnly = (binding: Binding, test: (reference: ts.Identifier) => boolean): boolean =>
    binding.references.every((reference) => test(reference.node));

  const argument = (call: ts.CallExpression, node: ts.Expression): Position | undefined => {
    if (names.promiseFunction(call.expression) === "resolve") return "argument";
    const from = names.imported(call.expression);
    if (from && PERDURE.test(from.module) && PROMISE_TAKING.has(from.name) && call.arguments[0] === node)
      return "argument";
    if (TS.isIdentifier(call.expression) && names.resolver(call.expression)?.index === 0) return "argument";
    const method = methodCall(call);
    if (method && COLLECTING.has(method.name) && TS.isIdentifier(method.receiver)) {
      const binding = scopes.resolve(method.receiver);
      if (binding && isPromiseArray(binding)) return "pushed";
    }
    return isPromiseParameter(call, node) ? "parameter" : undefined;
  };

  /** `withTimeout(<here>, 1000)`, where the function awaits what it is given, or races it. */
  const isPromiseParameter = (call: ts.CallExpression, node: ts.Expression): boolean => {
    const made = names.localFunction(call.expression) ?? ownMethod(inner(call.expression), names)?.method;
    if (made === undefined || !TS.isFunctionLike(made) || call.arguments.some(TS.isSpreadElement)) return false;
    const parameters = made.parameters.filter(({ name }) => !TS.isIdentifier(name) || name.text !== "this");
    const parameter = parameters[call.arguments.indexOf(node)];
    if (!parameter || !TS.isIdentifier(parameter.name) || parameter.initializer || parameter.dotDotDotToken)
      return false;
    const binding = scopes.resolve(parameter.name);
    // `arguments` reads it too.
    const isRead = binding?.declarations.length === 1 && isPromiseVariable(binding);
    return isRead && !/\barguments\b/.test(made.getText());
  };

  /** A position of what this function returns. */
  const returned = (made: ts.Node): Position | undefined => {
    if (isAsync(made)) return "returned";
    if (isGenerator(made)) return undefined;
    if (isInlineFunction(made)) {
      const position = callback(made);
      if (position) return position;
    }
    return onlyCalledWhere(made, (call) => promise(call) !== undefined, callback) ? "function" : undefined;
  };

  /** A position of the results of a function given to a call. */
  const callback = (node: ts.Expression): Position | undefined => {
    const argument = outer(node);
    const call = argument.parent;
    if (!TS.isCallExpression(call) || !call.arguments.includes(argument)) return undefined;
    const of = names.promiseFunction(call.expression);
    if (of !== undefined) return of === "try" && call.arguments[0] === argument ? "adopted" : undefined;
    const path = names.global(call.expression);
    if (path?.[0] === "Array") {
      if (call.arguments[1] !== argument) return undefined;
      return path[1] === "fromAsync" ? "adopted" : path[1] === "from" && iterable(call) ? "mapped" : undefined;
    }
    if (isPerdure(call.expression)) return "adopted";
    const method = methodCall(call);
    if (!method) return undefined;
    if (PROMISE_METHODS.has(method.name)) return "adopted";
    return MAPPING.has(method.name) && call.arguments[0] === argument && iterable(call) ? "mapped" : undefined;
  };

  /** A function of `perdure`, or one that such a function made: `const limit = limiter(5)`. */
  const isPerdure = (callee: ts.Expression): boolean => {
    if (PERDURE.test(names.imported(callee)?.module ?? "")) return true;
    const binding = TS.isIdentifier(callee) ? scopes.resolve(callee) : undefined;
    const made = binding && names.constant(binding);
    return (
      made !== undefined && TS.isCallExpression(made) && PERDURE.test(names.imported(made.expression)?.module ?? "")
    );
  };

  /** Whether every use of a function of this file is a call, or a callback, that passes its test. */
  const onlyCalledWhere = (
    made: ts.Node,
    called: (call: ts.CallExpression) => boolean,
    passed: (reference: ts.Expression) => unknown,
  ): boolean => {
    const name = TS.isFunctionDeclaration(made)
      ? made.name
      : isInlineFunction(made) && TS.isVariableDeclaration(outer(made).parent)
        ? (outer(made).parent as ts.VariableDeclaration).name
        : undefined;
    if (!name || !TS.isIdentifier(name) || isExported(name)) return false;
    const binding = scopes.resolve(name);
    if (!binding || binding.references.length === 0 || names.localFunction(name) !== made) return false;
    return usedOnly(binding, (reference) => {
      const call = callOf(reference);
      return call ? called(call) : passed(reference) !== undefined;
    });
  };

  const isExported = (name: ts.Identifier): boolean => {
    const statement = TS.isVariableDeclaration(name.parent) ? name.parent.parent.parent : name.parent;
    return (
      TS.canHaveModifiers(statement) &&
      (TS.getModifiers(statement) ?? []).some((modifier) => modifier.kind === TS.SyntaxKind.ExportKeyword)
    );
  };

  const iterablePosition = (node: ts.Expression): boolean => {
    const { parent } = node;
    if (passesValue(parent, node)) return iterable(parent as ts.Expression);
    if (TS.isSpreadElement(parent)) {
      const target = parent.parent;
      if (TS.isArrayLiteralExpression(target)) return iterable(target);
      return TS.isCallExpression(target) && argument(target, parent) === "pushed";
    }
    if (TS.isCallExpression(parent) && parent.arguments.includes(node)) {
      const of = names.promiseFunction(parent.expression);
      if (of !== undefined) return COMBINATORS.has(of) && parent.arguments[0] === node;
      const path = names.global(parent.expression);
      if (path?.[0] === "Array" && path[1] === "from") return parent.arguments.length === 1 && iterable(parent);
      if (path?.[0] === "Array" && path[1] === "fromAsync") return parent.arguments[0] === node;
      return methodCall(parent)?.name === "concat" && iterable(parent);
    }
    if (TS.isPropertyAccessExpression(parent) && parent.expression === node) {
      const call = callOf(parent);
      return call !== undefined && ELEMENT_PRESERVING.has(parent.name.text) && iterable(call);
    }
    if (TS.isForOfStatement(parent) && parent.expression === node) return loopConsumes(parent);
    if (TS.isYieldExpression(parent)) return parent.asteriskToken !== undefined && isInAsync(parent);
    if (TS.isVariableDeclaration(parent) && parent.initializer === node && TS.isIdentifier(parent.name)) {
      const binding = scopes.resolve(parent.name);
      return binding !== undefined && names.constant(binding) === node && isPromiseArray(binding);
    }
    if (TS.isReturnStatement(parent) || (TS.isArrowFunction(parent) && parent.body === node)) {
      const made = TS.isArrowFunction(parent) ? parent : enclosingFunction(parent);
      if (isAsync(made) || isGenerator(made)) return false;
      if (isInlineFunction(made) && flattens(made)) return true;
      return onlyCalledWhere(made, iterable, (reference) => (flattens(reference) ? "mapped" : undefined));
    }
    return false;
  };

  /** The callback of a `flatMap` in iterable position: what it returns are elements, or an array of them. */
  const flattens = (node: ts.Expression): boolean => {
    const call = outer(node).parent;
    return TS.isCallExpression(call) && methodCall(call)?.name === "flatMap" && callback(node) === "mapped";
  };

  /** `for (const p of …)` whose variable is used only in promise position. */
  const loopConsumes = (loop: ts.ForOfStatement): boolean => {
    if (loop.awaitModifier) return true;
    if (!TS.isVariableDeclarationList(loop.initializer)) return false;
    const { name } = loop.initializer.declarations[0]!;
    const binding = TS.isIdentifier(name) ? scopes.resolve(name) : undefined;
    return (
      binding !== undefined &&
      binding.references.length > 0 &&
      binding.references.every((reference) => reference.access === "read") &&
      usedOnly(binding, (reference) => promise(reference) !== undefined)
    );
  };

  const arrays = new Map<Binding, boolean>();
  /** A constant array that is only pushed to, measured, indexed in promise position, and consumed in iterable position. */
  const isPromiseArray = (binding: Binding): boolean => {
    let answer = arrays.get(binding);
    if (answer === undefined) {
      arrays.set(binding, false);
      let consumed = false;
      answer =
        names.constant(binding) !== undefined &&
        usedOnly(binding, (reference) => {
          const { parent } = reference;
          if (TS.isPropertyAccessExpression(parent) && parent.expression === reference) {
            if (parent.name.text === "length") return true;
            if (COLLECTING.has(parent.name.text) && callOf(parent)) return true;
          }
          const indexed = TS.isElementAccessExpression(parent) && parent.expression === reference;
          if (indexed && isAssigned(parent)) return true;
          const consumes = indexed ? promise(parent) !== undefined : iterable(reference);
          consumed ||= consumes;
          return consumes;
        }) &&
        consumed;
      arrays.set(binding, answer);
    }
    return answer;
  };

  /** An async generator awaits what it yields. */
  const isInAsync = (node: ts.YieldExpression): boolean => isAsync(enclosingFunction(node));

  const isAssigned = (target: ts.Expression): boolean => {
    const { parent } = target;
    return (
      TS.isBinaryExpression(parent) && parent.left === target && parent.operatorToken.kind === TS.SyntaxKind.EqualsToken
    );
  };

  const callbackResults = (call: ts.Node): boolean => {
    if (!TS.isCallExpression(call)) return false;
    return call.arguments.some((argument) => {
      const position = callback(argument);
      return position === "mapped" || position === "adopted";
    });
  };

  const tailOf = (node: ts.Expression): ts.Node | undefined => {
    let at = outer(node);
    while (passesValue(at.parent, at)) at = outer(at.parent as ts.Expression);
    const { parent } = at;
    const made =
      TS.isArrowFunction(parent) && parent.body === at
        ? parent
        : TS.isReturnStatement(parent)
          ? enclosingFunction(parent)
          : undefined;
    return made && answersItsCaller(made) ? made : undefined;
  };

  return { promise, iterable, callbackResults, isMapped: (node) => callback(node) === "mapped", tailOf };
}

/**
 * A function that can be told by its caller that its result is in promise position: the first thing that it does is to look, so nothing else may run before its
 * body. Accessors have no call that says so, and private methods no mark.
 */
function answersItsCaller(made: ts.Node): boolean {
  if (isAsync(made) || isGenerator(made)) return false;
  const isMethod = TS.isMethodDeclaration(made) && (TS.isIdentifier(made.name) || TS.isStringLiteral(made.name));
  if (!isMethod && !isInlineFunction(made) && !TS.isFunctionDeclaration(made)) return false;
  return made.parameters.every((one) => !callsSomething(one));
}

/** Destructuring reads properties alone; a function that captures a parameter is made in front of the body. */
const callsSomething = (node: ts.Node): boolean =>
  !TS.isTypeNode(node) &&
  (isCallNode(node) ||
    TS.isFunctionLike(node) ||
    TS.isClassLike(node) ||
    TS.forEachChild(node, callsSomething) === true);
