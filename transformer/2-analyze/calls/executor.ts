/**
 * `new Promise(executor)`: do its resolvers reach ordinary code? If they are only called, stored and passed on inside
 * durable code, the promise lives in the run. If ordinary code gets one (`emitter.once("end", resolve)`), or a closure
 * over one, nothing in the saved run would settle the promise: then it is one step, re-run from the executor. Where all
 * that get one are functions of which only their marks tell, `bus.once` of a `Bus` that another module makes, the run asks.
 */
import type { ts } from "@ts-morph/common";
import { TS } from "../../1-parse/typescript.ts";
import type { FileTypes } from "../../types/questions.ts";
import type { Binding } from "../bindings.ts";

import type { BuiltIns } from "./built-ins.ts";
import type { Imported, Names } from "./names.ts";
import { ownClassOf, ownMethod } from "./own-classes.ts";
import { FINDING, STORING } from "./platform.ts";
import { callOf, inner, isInlineFunction, methodCall, outer } from "./syntax.ts";

/** It only looks at its operands. */
const isComparison = ({ kind }: ts.BinaryOperatorToken): boolean => {
  const K = TS.SyntaxKind;
  const isEquality = kind >= K.EqualsEqualsToken && kind <= K.ExclamationEqualsEqualsToken;
  return isEquality || kind === K.InstanceOfKeyword || kind === K.InKeyword;
};

const SIGNAL_METHODS = new Set(["addEventListener", "removeEventListener"]);

const isMember = (node: ts.Node): node is ts.PropertyAccessExpression | ts.ElementAccessExpression =>
  TS.isPropertyAccessExpression(node) || TS.isElementAccessExpression(node);

/** Of the user's own: all but packages and what comes with the platform. An alias (`@/bus`, `~/bus`, `#bus`) is. */
const isOwnModule = (specifier: string): boolean => /^([./~#]|@\/)/.test(specifier);

/** Is `this` the same at both, the second around the first? */
function isSameThis(node: ts.Node, around: ts.Node): boolean {
  for (let at = node; at !== around; at = at.parent)
    if (TS.isClassLike(at) || (TS.isFunctionLike(at) && !TS.isArrowFunction(at))) return false;
  return true;
}

const isInside = (node: ts.Node, outer: ts.Node): boolean => node.pos >= outer.pos && node.end <= outer.end;

/** Where a resolver goes to ordinary code. */
export interface Escape {
  /** The expression that hands it over. */
  readonly node: ts.Node;
  /** What gets one, when it is known of none whether it is durable, and each can be looked at before the executor is called. */
  readonly callees?: readonly ts.Expression[];
}

export function resolverEscapes(
  promise: ts.NewExpression,
  names: Names,
  builtIns: BuiltIns,
  types: FileTypes | undefined,
): Escape | undefined {
  const executor = promise.arguments?.[0];
  if (!executor) return undefined;
  const made = names.localFunction(executor);
  // An executor from elsewhere: ordinary unless proven otherwise.
  if (!made) return names.durableFunction(executor) ? undefined : { node: executor };
  const seen = new Set<ts.Node>();
  /** What gets one, by the argument that it is. */
  const asked = new Map<ts.Node, ts.Expression>();

  const escapesFrom = (name: ts.BindingName): ts.Node | undefined => {
    if (!TS.isIdentifier(name)) return name;
    const binding = names.scopes.resolve(name);
    for (const reference of binding?.references ?? []) {
      const found = escapes(reference.node);
      if (found) return found;
    }
    return undefined;
  };

  /** Where this value, a resolver or a closure over one, goes to ordinary code. */
  const escapes = (value: ts.Expression): ts.Node | undefined => {
    if (seen.has(value)) return undefined;
    seen.add(value);
    const node = outer(value);
    const { parent } = node;
    if (callOf(node)) return closureEscapes(node);
    if (TS.isCallExpression(parent) || TS.isNewExpression(parent))
      return handedTo(parent, node) ?? closureEscapes(node);
    if (TS.isVariableDeclaration(parent) && parent.initializer === node) return escapesFrom(parent.name);
    if (TS.isConditionalExpression(parent) || TS.isBinaryExpression(parent)) {
      if (TS.isBinaryExpression(parent) && isComparison(parent.operatorToken)) return undefined;
      const assigned = TS.isBinaryExpression(parent) && parent.operatorToken.kind === TS.SyntaxKind.EqualsToken;
      if (!assigned) return escapes(parent);
      // `socket.onopen = resolve`: the platform's convention for callbacks. Other properties are the run's own.
      const target = inner(parent.left);
      const callback = TS.isPropertyAccessExpression(target) && /^on[a-z]/.test(target.name.text);
      return callback && !isSignal(target.expression) ? node : closureEscapes(node);
    }
    if (TS.isPropertyAssignment(parent) || TS.isShorthandPropertyAssignment(parent)) return escapes(parent.parent);
    if (TS.isArrayLiteralExpression(parent)) return escapes(parent);
    return closureEscapes(node);
  };

  /** The argument, when its callee is ordinary code. */
  const handedTo = (call: ts.CallExpression | ts.NewExpression, argument: ts.Expression): ts.Node | undefined => {
    const callee = inner(call.expression);
    if (names.platform(callee) || names.durableFunction(callee) || builtIns.callee(callee)) return undefined;
    if (isOwnMethod(callee) || isDeclaredDurable(callee) || isMethodOfRunValue(callee)) return undefined;
    const method = methodCall(call);
    if (method && SIGNAL_METHODS.has(method.name) && isSignal(method.receiver)) return undefined;
    if (method && (STORING.has(method.name) || FINDING.has(method.name))) return undefined;
    if (method && (method.name === "call" || method.name === "apply") && isResolver(method.receiver)) return undefined;
    if (method && (method.name === "then" || method.name === "catch" || method.name === "finally")) return undefined;
    if (!mayBeAsked(callee)) return argument;
    asked.set(argument, callee);
    return undefined;
  };
  /** Stands for the same function when the executor is called as just before: a name of the code around it, or a path from one or from `this`. */
  const mayBeAsked = (callee: ts.Expression): boolean => {
    if (made !== inner(executor) || types?.implementation(callee) === "ordinary") return false;
    let root = callee;
    for (; isMember(root); root = inner(root.expression)) {
      const key = TS.isElementAccessExpression(root) ? inner(root.argumentExpression) : undefined;
      if (key && !TS.isStringLiteralLike(key) && !outerBinding(key)) return false;
    }
    if (root.kind === TS.SyntaxKind.ThisKeyword) return isSameThis(root, promise);
    const binding = outerBinding(root);
    const from = binding && (names.imported(root) ?? originOf(binding));
    return binding !== undefined && (from === undefined || isOwnModule(from.module));
  };
  /** Of a name that is declared around the executor. */
  const outerBinding = (node: ts.Node): Binding | undefined => {
    const binding = TS.isIdentifier(node) ? names.scopes.resolve(node) : undefined;
    return binding?.declarations.some((one) => isInside(one, made)) ? undefined : binding;
  };
  /** What is imported to make the value of a `const`. */
  const originOf = (binding: Binding): Imported | undefined => {
    let value = names.constant(binding);
    for (let at = value; at; ) {
      value = inner(at);
      const { expression } = value as Partial<ts.CallExpression>;
      at = TS.isIdentifier(value) ? undefined : expression;
    }
    return value && names.imported(value);
  };
  /**
   * Declared in durable code, and nothing tells that its value is ordinary: neither its type (`const own = watch`) nor that it has none.
   * Should it be ordinary after all, as the implementer of an interface may be, what it is given is guarded: its call is a coded error.
   */
  const isDeclaredDurable = (callee: ts.Expression): boolean =>
    !!types?.declaredDurable(callee) && types.callable(callee) === "yes" && types.implementation(callee) !== "ordinary";
  /**
   * Without types: a method of data of the run, `this.#queue.enqueue(run)`; as a step of its own the promise would change a copy of that. In a module of the
   * user's this is what was made of a class of the same module: other objects are clients more often than not. A package that is compiled
   * too knows its clients even less, and keeps queues of its own: there it is whatever a function was given or has made. Should it be ordinary
   * after all, what it is given is guarded: its call is a coded error.
   */
  const isMethodOfRunValue = (callee: ts.Expression): boolean => {
    if (types || !TS.isPropertyAccessExpression(callee)) return false;
    const object = inner(callee.expression);
    if (ownClassOf(object, names)) return true;
    if (!promise.getSourceFile().fileName.includes("/node_modules/")) return false;
    let root = object;
    while (TS.isPropertyAccessExpression(root)) root = inner(root.expression);
    if (root.kind === TS.SyntaxKind.ThisKeyword) return true;
    const binding = TS.isIdentifier(root) ? names.scopes.resolve(root) : undefined;
    const declaration = binding?.declarations[0];
    if (!declaration || names.isReference(root) || isInside(declaration, made)) return false;
    // What an object that was given has: `const { timers } = options`.
    if (binding.kind === "parameter" || TS.isBindingElement(declaration.parent)) return true;
    const value = names.constant(binding);
    return value !== undefined && (TS.isNewExpression(inner(value)) || TS.isCallExpression(inner(value)));
  };
  /**
   * An `AbortSignal`, which is data of the run. Without types: declared as one, or listened to as nothing else is. Should it be an
   * ordinary object after all, the listener is guarded: its call is a coded error.
   */
  const isSignal = (node: ts.Expression): boolean => {
    const at = inner(node);
    if (types?.abortSignal(at)) return true;
    const declaration = TS.isIdentifier(at) ? names.scopes.resolve(at)?.declarations[0]?.parent : undefined;
    const annotation = declaration && (TS.isParameter(declaration) || TS.isVariableDeclaration(declaration));
    if (annotation && /^AbortSignal\b/.test(declaration.type?.getText() ?? "")) return true;
    if (TS.isPropertyAccessExpression(at) && at.name.text === "signal")
      return !types && !names.isReference(at.expression);
    return !types && TS.isIdentifier(at) && /signal$/i.test(at.text) && !names.isReference(at);
  };

  /** `this.wait(resolve)`, where the class has that method. An abstract one is that of subclasses. */
  const isOwnMethod = (callee: ts.Expression): boolean => {
    const isThis = TS.isPropertyAccessExpression(callee) && callee.expression.kind === TS.SyntaxKind.ThisKeyword;
    const own = isThis ? ownMethod(callee, names) : undefined;
    return own !== undefined && (own.method.body ? [own.method] : own.owner.members).some(names.inDurableCode);
  };
  const isResolver = (node: ts.Expression): boolean => TS.isIdentifier(node) && names.resolver(node) !== undefined;

  /** A resolver used in a closure goes where the closure goes. */
  const closureEscapes = (node: ts.Node): ts.Node | undefined => {
    for (let at: ts.Node = node.parent; at && at !== made; at = at.parent) {
      if (isInlineFunction(at))
        return TS.isCallExpression(at.parent) && at.parent.expression === at ? undefined : escapes(at);
      if (TS.isFunctionDeclaration(at)) return at.name && escapesFrom(at.name);
      if (TS.isMethodDeclaration(at) && TS.isObjectLiteralExpression(at.parent)) return escapes(at.parent);
    }
    return undefined;
  };

  const parameters = TS.isClassLike(made) ? [] : (made as ts.FunctionLikeDeclaration).parameters;
  for (const parameter of parameters) {
    const found = escapesFrom(parameter.name);
    if (found) return { node: found };
  }
  const [first] = asked.keys();
  return first && { node: first, callees: [...asked.values()] };
}
