/**
 * Functions of the file that return lazy thenables of ordinary code:
 *
 *     export const insert = (name: string) => prisma.user.create({ data: { id: crypto.randomUUID(), name } });
 *
 * Their callers tell them what for. Where the call is awaited, what they return is a step; where it is an operand (`users().where(…)`,
 * `prisma.$transaction([insert("a")])`), the expression that makes it, over what the turn has evaluated. So every attempt makes the same.
 *
 * Those that return clients, builders and other objects with methods (`const s3 = (region: string) => new S3Client({ region })`) are told where the call is an
 * operand: it is the record of the object then, as that of `new S3Client({ region })` itself would be.
 */
import type { ts } from "@ts-morph/common";
import { TS } from "../../1-parse/typescript.ts";
import type { FileTypes } from "../../types/questions.ts";
import type { Operands } from "./classes.ts";
import { growingOf } from "./growing.ts";
import type { Names } from "./names.ts";
import type { Positions } from "./positions.ts";
import { changedBy } from "./repeatable.ts";
import {
  calleeOf,
  enclosingFunction,
  type InlineFunction,
  inner,
  isAsync,
  isCallNode,
  isGenerator,
  isInlineFunction,
  isOptionalChain,
} from "./syntax.ts";

export interface Returned {
  /**
   * `paged(db("users"), 2)` of `const paged = (query, page) => query.offset(page * 10)`: a function of the file that does no more than go on with a thenable which it
   * is given. Such a call is part of the expression that it stands in, and is evaluated with that.
   */
  isExtension(node: ts.Expression): boolean;
  /** Does this call a durable function that can be told what its thenable is for? */
  isToldCall(node: ts.Expression): node is ts.CallExpression;
  /** Such a function of the file that returns thenables, by its name. */
  isToldFunction(node: ts.Expression): boolean;
  /** Is this call or variable, returned by a function, a thenable that is kept as the expression that makes it? */
  isKept(node: ts.Expression): boolean;
  /** The same of an object with methods. */
  isKeptService(node: ts.Expression): boolean;
}

export function analyzeReturned(
  names: Names,
  positions: Positions,
  types: FileTypes,
  operands: () => Operands,
): Returned {
  /** @returns whether a function returns one of these */
  const returning = (isOne: (node: ts.Expression) => boolean): ((fn: ts.Node) => boolean) => {
    const known = new Map<ts.Node, boolean>();
    const visit = (node: ts.Node, fn: ts.Node): boolean => {
      if (TS.isTypeNode(node) || (TS.isFunctionLike(node) && node !== fn)) return false;
      const isReturned =
        (isCallNode(node) || TS.isIdentifier(node)) &&
        positions.tailOf(node) === fn &&
        positions.promise(node) === undefined;
      return (isReturned && isOne(node)) || TS.forEachChild(node, (child) => visit(child, fn)) === true;
    };
    return (fn) => {
      let answer = known.get(fn);
      if (answer === undefined) {
        // One that only calls itself returns nothing.
        known.set(fn, false);
        answer = TS.forEachChild(fn, (child) => visit(child, fn)) === true;
        known.set(fn, answer);
      }
      return answer;
    };
  };
  const returnsKept = returning((node) => isKept(node));
  const returnsService = returning((node) => isKeptService(node));

  const isToldCall = (node: ts.Expression): node is ts.CallExpression => {
    if (!TS.isCallExpression(node) || isOptionalChain(node) || node.arguments.some(isThenable)) return false;
    const isLazy = isThenable(node);
    const fn = names.localFunction(node.expression);
    if (fn) return names.durableFunction(node.expression) && (isLazy ? returnsKept : returnsService)(fn);
    const callee = inner(node.expression);
    // A private method has no mark by which it could be told.
    const isMethod = TS.isPropertyAccessExpression(callee) && TS.isIdentifier(callee.name);
    const isNamed = TS.isIdentifier(callee) || isMethod;
    return isNamed && types.implementation(callee) === "durable" && (isLazy || types.service(node));
  };

  const isToldFunction = (node: ts.Expression): boolean => {
    const fn = names.localFunction(node);
    return fn !== undefined && names.durableFunction(node) && returnsKept(fn);
  };

  const isThenable = (node: ts.Expression): boolean => types.awaitType(inner(node)) === "thenable";

  const isExtension = (node: ts.Expression): boolean => {
    if (!TS.isCallExpression(node) || !node.arguments.some(isThenable)) return false;
    const fn = names.localFunction(node.expression);
    if (!fn || !(isInlineFunction(fn) || TS.isFunctionDeclaration(fn)) || isAsync(fn) || isGenerator(fn)) return false;
    const made = returnedBy(fn);
    return made !== undefined && isThenable(made) && isCallNode(inner(made)) && !doesMore(made);
  };

  /** Does it write a variable or a property, or draw the time or a random value? */
  const doesMore = (node: ts.Node): boolean =>
    changedBy(node) !== undefined ||
    ((TS.isCallExpression(node) || TS.isNewExpression(node)) && isDrawing(node)) ||
    TS.forEachChild(node, doesMore) === true;

  const isDrawing = (node: ts.CallExpression | ts.NewExpression): boolean => {
    const callee = inner(node.expression);
    const path = names.global(callee)?.join(".") ?? names.imported(callee)?.name;
    return (
      path !== undefined &&
      DRAWING.test(path) &&
      (path !== "Date" || !node.arguments?.length || !TS.isNewExpression(node))
    );
  };

  const isKept = (node: ts.Expression): boolean => {
    const at = inner(node);
    if (types.awaitType(at) !== "thenable") return false;
    if (TS.isIdentifier(at)) return isKeptVariable(at, true);
    return isToldCall(at) || (isMade(at) && operands().yieldsPromise(at) && operands().lifted(at) !== undefined);
  };

  const isKeptService = (node: ts.Expression): boolean => {
    const at = inner(node);
    if (TS.isIdentifier(at)) return types.service(at) && isKeptVariable(at, false);
    return isCallNode(at) && types.service(at) && (isToldCall(at) || (isMade(at) && operands().of(at).kind === "made"));
  };

  const isMade = (node: ts.Expression): boolean =>
    isCallNode(node) && !isOptionalChain(node) && calleeOf(node).kind !== TS.SyntaxKind.SuperKeyword;

  /** A variable that nothing but its own making, its changes and this use see. */
  const isKeptVariable = (use: ts.Identifier, isLazy: boolean): boolean => {
    const binding = names.scopes.resolve(use);
    const value = binding && names.constant(binding);
    if (
      !binding ||
      binding.scope.parent === null ||
      enclosingFunction(use) !== enclosingFunction(binding.declarations[0]!)
    )
      return false;
    if (value && binding.references.length === 1) return operands().constant(value) !== undefined;
    return growingOf(binding, operands(), isLazy)?.use === use;
  };

  return { isExtension, isToldCall, isToldFunction, isKept, isKeptService };
}

/** Platform functions, by their paths or names in modules, that give something else each time. */
const DRAWING =
  /^(?:Date|Date\.now|Math\.random|performance\.now|process\.hrtime(?:\.bigint)?|(?:crypto\.)?(?:random\w+|getRandomValues))$/;

/** What a function returns that has no other statement. */
function returnedBy(fn: ts.FunctionDeclaration | InlineFunction): ts.Expression | undefined {
  if (!fn.body || !TS.isBlock(fn.body)) return fn.body;
  const [only] = fn.body.statements;
  return fn.body.statements.length === 1 && only && TS.isReturnStatement(only) ? only.expression : undefined;
}
