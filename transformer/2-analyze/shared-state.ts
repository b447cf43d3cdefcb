/** Warnings about state that runs share: written bindings of the module, globals and built-ins, collections that are filled, limiters. */
import type { ts } from "@ts-morph/common";
import { TS } from "../1-parse/typescript.ts";
import type { Diagnostic } from "../diagnostics/diagnostic.ts";
import { diagnostic } from "../diagnostics/make.ts";
import type { Binding, Scopes } from "./bindings.ts";
import { callOf, inner, methodCall, outer } from "./calls/syntax.ts";
import { functionName } from "./function-names.ts";
import { sharedVariables } from "./module-factories.ts";
import {
  initializer,
  isEvaluatedAtLoad,
  type ModuleObject,
  moduleBindings,
  sharedThis,
  valueOf,
} from "./module-objects.ts";

/** Methods that put a value into a collection. */
const FILLING = new Set(["add", "push", "set", "unshift"]);

/** Declared by no text, and no globals: strict code cannot write to them, and what `arguments` holds is the activation's. */
const NO_GLOBALS = new Set(["arguments", "eval"]);

/** Functions of the language that change the object that they are given first. */
const CHANGING: { readonly [receiver: string]: ReadonlySet<string> } = {
  Object: new Set(["assign", "defineProperties", "defineProperty", "setPrototypeOf"]),
  Reflect: new Set(["defineProperty", "deleteProperty", "set", "setPrototypeOf"]),
};

/** Packages whose objects queue closures. */
const LIMITERS = new Set([
  "async-mutex",
  "async-sema",
  "bottleneck",
  "limiter",
  "p-limit",
  "p-queue",
  "p-throttle",
  "semaphore",
]);

export function moduleStateWarnings(
  sourceFile: ts.SourceFile,
  scopes: Scopes,
  regions: readonly ts.Node[],
  volatile: ReadonlySet<ts.Node>,
): Diagnostic[] {
  const durable = new Set(regions);
  const isDurable = (node: ts.Node): boolean => {
    for (let at: ts.Node | undefined = node; at; at = at.parent) {
      if (volatile.has(at)) return false;
      if (durable.has(at)) return true;
    }
    return false;
  };
  const found: Diagnostic[] = [];
  const tell = ({ code, place }: Change, node: ts.Node, { name, declarations }: Binding): void => {
    const declared = [{ message: "declared here", place: declarations[0]! }];
    found.push(diagnostic(code, sourceFile, place, { function: functionName(node), name }, declared));
  };
  for (const binding of moduleBindings(scopes)) {
    for (const { node, access } of binding.references) {
      const change =
        access === "read" ? stateChangedBy(node, binding, scopes) : { code: "PD1201" as const, place: node };
      if (!change || !isDurable(node) || isEvaluatedAtLoad(node)) continue;
      tell(change, node, binding);
    }
  }
  for (const { node, owner, binding } of sharedThis(scopes)) {
    const change = thisChangedBy(node, owner);
    if (change && isDurable(node)) tell(change, node, binding);
  }
  for (const { node, access, binding } of sharedVariables(scopes)) {
    const change =
      access === "read" ? stateChangedBy(node, binding!, scopes) : { code: "PD1201" as const, place: node };
    if (change && isDurable(node)) tell(change, node, binding!);
  }
  for (const { node, access } of scopes.globals) {
    if (NO_GLOBALS.has(node.text) || !isDurable(node) || isEvaluatedAtLoad(node)) continue;
    const place = access === "read" ? writtenPlace(node, scopes) : node;
    if (place) found.push(diagnostic("PD1201", sourceFile, place, { function: functionName(node), name: node.text }));
  }
  return found;
}

interface Change {
  readonly code: "PD1201" | "PD1202" | "PD1203";
  readonly place: ts.Node;
}

/** What reading the variable here changes of its value, or hands a closure to. */
function stateChangedBy(node: ts.Identifier, binding: Binding, scopes: Scopes): Change | undefined {
  const written = writtenPlace(node, scopes);
  if (written) return { code: "PD1201", place: written };
  const member = memberOf(node);
  if (!member) return callOf(node) && isLimiter(binding, scopes) ? { code: "PD1203", place: node } : undefined;
  if (isFilled(node) && isCollection(initializer(binding))) return { code: "PD1202", place: callOf(member)! };
  return isLimiter(binding, scopes) ? { code: "PD1203", place: node } : undefined;
}

/** What a method changes of its object: `this.count++`, `this.seen.push(order)`. */
function thisChangedBy(node: ts.Expression, owner: ModuleObject): Change | undefined {
  if (isWrittenInto(node)) return { code: "PD1201", place: outerPath(node) };
  const member = memberOf(node);
  if (!member || !isFilled(member) || !isCollection(valueOf(member, owner))) return undefined;
  return { code: "PD1202", place: callOf(memberOf(member)!)! };
}

const isComma = (node: ts.Node): node is ts.BinaryExpression =>
  TS.isBinaryExpression(node) && node.operatorToken.kind === TS.SyntaxKind.CommaToken;

/** The outermost expression that has the value of this one: the last part of a comma's has (ECMA-262 13.16.1). */
function passedOn(node: ts.Expression): ts.Expression {
  let at = outer(node);
  while (isComma(at.parent) && at.parent.right === at) at = outer(at.parent);
  return at;
}

/** The innermost expression that the value of this one comes from. */
function comesFrom(node: ts.Expression): ts.Expression {
  let at = inner(node);
  while (isComma(at)) at = inner(at.right);
  return at;
}

/** `x.y` or `x[y]` of this identifier. */
const memberOf = (node: ts.Expression): ts.PropertyAccessExpression | ts.ElementAccessExpression | undefined => {
  const whole = passedOn(node);
  const { parent } = whole;
  return (TS.isPropertyAccessExpression(parent) || TS.isElementAccessExpression(parent)) && parent.expression === whole
    ? parent
    : undefined;
};

/** The longest property path that starts here: `state.orders[id].total`. */
export const outerPath = (node: ts.Expression): ts.Expression => {
  let at = node;
  for (let next = memberOf(at); next; next = memberOf(at)) at = next;
  return at;
};

/** The path from this name that is written to, or is given to what changes it. */
const writtenPlace = (node: ts.Identifier, scopes: Scopes): ts.Expression | undefined => {
  const path = outerPath(node);
  return isWrittenInto(node) || isGivenToChange(path, scopes) ? path : undefined;
};

/** `Object.assign(settings, …)`, `Object.defineProperty(Array.prototype, …)`. */
const isGivenToChange = (path: ts.Expression, scopes: Scopes): boolean => {
  const whole = passedOn(path);
  const { parent } = whole;
  if (!TS.isCallExpression(parent) || parent.arguments[0] !== whole) return false;
  const called = methodCall(parent);
  if (!called) return false;
  const receiver = comesFrom(called.receiver);
  return (
    TS.isIdentifier(receiver) &&
    Object.hasOwn(CHANGING, receiver.text) &&
    CHANGING[receiver.text]!.has(called.name) &&
    scopes.resolve(receiver) === undefined
  );
};

/** `state.current = order`, `delete cache[id]`, `stats.n++`. */
export const isWrittenInto = (node: ts.Expression): boolean => {
  const path = outerPath(node);
  if (path === node) return false;
  const whole = outer(path);
  const { parent } = whole;
  const K = TS.SyntaxKind;
  if (TS.isBinaryExpression(parent))
    return (
      parent.left === whole &&
      parent.operatorToken.kind >= K.FirstAssignment &&
      parent.operatorToken.kind <= K.LastAssignment
    );
  if (TS.isPrefixUnaryExpression(parent) || TS.isPostfixUnaryExpression(parent))
    return parent.operator === K.PlusPlusToken || parent.operator === K.MinusMinusToken;
  return TS.isDeleteExpression(parent);
};

const isFilled = (node: ts.Expression): boolean => {
  const member = memberOf(node);
  return (
    member !== undefined &&
    TS.isPropertyAccessExpression(member) &&
    FILLING.has(member.name.text) &&
    callOf(member) !== undefined
  );
};

const isCollection = (value: ts.Expression | undefined): boolean => {
  if (!value) return false;
  if (TS.isArrayLiteralExpression(value)) return true;
  return (
    TS.isNewExpression(value) &&
    TS.isIdentifier(value.expression) &&
    /^(Weak)?(Map|Set)$|^Array$/.test(value.expression.text)
  );
};

/** Functions of `perdure/patterns` that keep closures of their callers. */
const QUEUEING = new Set(["limiter", "debounce"]);

/** Made by a call or `new` of something imported from a limiter's package, or by a function of ours that is one. */
const isLimiter = (binding: Binding, scopes: Scopes): boolean => {
  const value = initializer(binding);
  if (!value || !(TS.isCallExpression(value) || TS.isNewExpression(value))) return false;
  const callee = inner(value.expression);
  const made = TS.isIdentifier(callee) ? scopes.resolve(callee) : undefined;
  if (made?.kind !== "import") return false;
  const [declared] = made.declarations;
  let at: ts.Node = declared!;
  while (at.parent && !TS.isImportDeclaration(at)) at = at.parent;
  if (!TS.isImportDeclaration(at) || !TS.isStringLiteral(at.moduleSpecifier)) return false;
  const { text } = at.moduleSpecifier;
  if (text !== "perdure/patterns") return LIMITERS.has(text);
  const { parent } = declared!;
  return TS.isImportSpecifier(parent) && QUEUEING.has((parent.propertyName ?? parent.name).text);
};
