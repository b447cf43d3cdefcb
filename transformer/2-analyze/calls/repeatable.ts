/**
 * Functions in expressions that are evaluated in the turn and again in each attempt: `db.selectFrom("users").where((eb) => eb("id", "=", id))`. Builders call
 * them back while they are made, or when they are sent, which nobody can tell; so such a function may do no more than build: it changes nothing but what it
 * is given, and what it captures is not assigned to after it was made.
 */
import type { ts } from "@ts-morph/common";
import { TS } from "../../1-parse/typescript.ts";
import type { Binding } from "../bindings.ts";
import type { BuiltIns } from "./built-ins.ts";
import type { Operand } from "./classes.ts";
import type { Names } from "./names.ts";
import { isMember } from "./plain.ts";
import { inner, isAsync, isGenerator, isInlineFunction, outer } from "./syntax.ts";

/** Methods by which values are read: those of the language's classes, and what libraries call alike. */
const READING =
  /^(?:at|char(?:Code)?At|codePointAt|concat|entries|every|filter|find(?:Last)?(?:Index)?|flat(?:Map)?|forEach|format|get|has|includes|(?:i|lastI)ndexOf|join|keys|localeCompare|map|match(?:All)?|normalize|pad(?:End|Start)|reduce(?:Right)?|repeat|replace(?:All)?|slice|some|split|(?:start|end)sWith|substring|test|to[A-Z]\w*|trim(?:End|Start)?|valueOf|values|with|get(?:UTC)?(?:Date|Day|FullYear|Hours|Milliseconds|Minutes|Month|Seconds|Time))$/;

/** `amount.toString()`: nothing is sent by that, whatever it is called on. */
export const isReading = (call: ts.Expression): boolean => {
  const callee = TS.isCallExpression(call) ? inner(call.expression) : call;
  return TS.isPropertyAccessExpression(callee) && READING.test(callee.name.text);
};

/**
 * @returns whether all functions among the operands are such. `asyncToo`: async ones do not matter, since what is made of them at once does not call them (a run that
 * sees it happen is stopped)
 */
export function analyzeRepeatable(
  names: Names,
  builtIns: BuiltIns,
): (operands: readonly Operand[], asyncToo?: boolean) => boolean {
  const { scopes } = names;
  /** A function that is being asked, and calls itself, adds nothing. */
  const known = new Map<ts.Node, boolean>();

  const isRepeatable = (fn: ts.Node): boolean => {
    let answer = known.get(fn);
    if (answer === undefined) {
      known.set(fn, true);
      answer =
        (isInlineFunction(fn) || TS.isFunctionDeclaration(fn) || TS.isMethodDeclaration(fn)) &&
        !isAsync(fn) &&
        !isGenerator(fn) &&
        onlyBuilds(fn, fn);
      known.set(fn, answer);
    }
    return answer;
  };

  const onlyBuilds = (fn: ts.Node, node: ts.Node): boolean => {
    if (TS.isTypeNode(node)) return true;
    const target = changedBy(node);
    if (target && !mayChange(fn, target)) return false;
    if (TS.isCallExpression(node) && !mayCall(fn, inner(node.expression))) return false;
    if (TS.isIdentifier(node) && !isSettled(fn, node)) return false;
    return TS.forEachChild(node, (child) => !onlyBuilds(fn, child) || undefined) !== true;
  };

  const mayChange = (fn: ts.Node, target: ts.Expression): boolean =>
    TS.isIdentifier(target) ? isInside(scopes.resolve(target), fn) : isMember(target) && isBuilt(fn, target);

  const mayCall = (fn: ts.Node, callee: ts.Expression): boolean => {
    const local = names.localFunction(callee);
    if (local !== undefined) return TS.isClassLike(local) || isInlineFunction(callee) || isRepeatable(local);
    if (builtIns.pure(callee) || isBuilt(fn, callee)) return true;
    if (isReading(callee)) return true;
    return isMember(callee) && builtIns.instance(callee.expression) !== undefined ? false : isOfModule(rootOf(callee));
  };

  const isOfModule = (root: ts.Expression): boolean => TS.isIdentifier(root) && names.isReference(root);

  /** Is what it begins with given to the function by its caller, or made in it? */
  const isBuilt = (fn: ts.Node, node: ts.Expression): boolean => {
    const root = rootOf(node);
    if (root.kind === TS.SyntaxKind.ThisKeyword) return isThisOf(root, fn);
    if (!TS.isIdentifier(root)) return isMaking(root);
    const binding = scopes.resolve(root);
    if (!binding || !isInside(binding, fn)) return false;
    const declaration = binding.declarations[0]!.parent;
    if (binding.kind === "parameter") return isGivenByBuilder(fn, declaration);
    const value = names.constant(binding);
    if (value === undefined) return false;
    const from = rootOf(value);
    return isBuilt(fn, from) || (isOfModule(from) && !isMember(inner(value)) && !TS.isIdentifier(inner(value)));
  };

  /** A parameter of the function, or of one in it that is given to a method of what is built: `b.where((c) => c.or(x))`. */
  const isGivenByBuilder = (fn: ts.Node, declaration: ts.Node): boolean => {
    let owner = declaration;
    while (!TS.isFunctionLike(owner)) owner = owner.parent;
    if (owner === fn) return true;
    if (!isInlineFunction(owner)) return false;
    const call = outer(owner).parent;
    if (!TS.isCallExpression(call)) return false;
    const callee = inner(call.expression);
    return isBuilt(fn, callee) && !isReading(callee);
  };

  const isSettled = (fn: ts.Node, node: ts.Identifier): boolean => {
    const binding = scopes.resolve(node);
    if (!binding || names.isReference(node) || isInside(binding, fn)) return true;
    return binding.references.every(({ access, node: at }) => access === "read" || isOver(at, fn, binding));
  };

  const areRepeatable = (operands: readonly Operand[], asyncToo = false): boolean =>
    operands.every((one) => {
      if (one.kind !== "leaf") return areRepeatable(one.operands, asyncToo);
      const fn = TS.isMethodDeclaration(one.node) ? one.node : names.localFunction(one.node);
      return (
        fn === undefined || TS.isClassLike(fn) || (asyncToo && isAsync(fn) && !isGenerator(fn)) || isRepeatable(fn)
      );
    });
  return areRepeatable;
}

/** An expression that gives something new. */
const isMaking = (node: ts.Expression): boolean =>
  TS.isArrayLiteralExpression(node) ||
  TS.isObjectLiteralExpression(node) ||
  TS.isNewExpression(node) ||
  TS.isTaggedTemplateExpression(node) ||
  TS.isTemplateExpression(node) ||
  TS.isLiteralExpression(node);

/** What a chain of members and calls begins with. */
function rootOf(node: ts.Expression): ts.Expression {
  let at = inner(node);
  while (isMember(at) || TS.isCallExpression(at)) at = inner(at.expression);
  return at;
}

/** What an assignment, update or `delete` changes. */
export function changedBy(node: ts.Node): ts.Expression | undefined {
  const K = TS.SyntaxKind;
  if (TS.isDeleteExpression(node)) return inner(node.expression);
  if (TS.isPrefixUnaryExpression(node) || TS.isPostfixUnaryExpression(node)) {
    const isUpdate = node.operator === K.PlusPlusToken || node.operator === K.MinusMinusToken;
    return isUpdate ? inner(node.operand) : undefined;
  }
  if (!TS.isBinaryExpression(node)) return undefined;
  const { kind } = node.operatorToken;
  return kind >= K.FirstAssignment && kind <= K.LastAssignment ? inner(node.left) : undefined;
}

const isInside = (binding: Binding | undefined, fn: ts.Node): boolean => {
  const at = binding?.declarations[0];
  return at !== undefined && at.pos >= fn.pos && at.end <= fn.end;
};

/** Of this function, arrows in it included. */
function isThisOf(node: ts.Node, fn: ts.Node): boolean {
  let at = node.parent;
  while (TS.isArrowFunction(at) || !TS.isFunctionLike(at)) {
    if (at === fn) return false;
    at = at.parent;
  }
  return at === fn || (at.pos >= fn.pos && at.end <= fn.end);
}

/** Has this assignment been made for good when the function is made? */
function isOver(assignment: ts.Node, fn: ts.Node, binding: Binding): boolean {
  for (let at = assignment.parent; at.parent; at = at.parent) {
    if (!TS.isIterationStatement(at, false) || at.pos > fn.pos || at.end < fn.end) continue;
    // Declared in the body, or of the iteration: each turn of the loop has its own (ECMA-262 14.7.4.4).
    if (TS.isForStatement(at) && binding.scope.node === at) return isIn(assignment, at.incrementor);
    if (binding.declarations[0]!.pos < at.pos) return false;
  }
  return assignment.end <= fn.pos;
}

const isIn = (node: ts.Node, whole: ts.Node | undefined): boolean =>
  whole !== undefined && node.pos >= whole.pos && node.end <= whole.end;
