/** What belongs to something around it, and stands where there is none. */
import type { ts } from "@ts-morph/common";
import { TS } from "../1-parse/typescript.ts";
import { isAsync, isFunctionBoundary, isGenerator } from "./calls/syntax.ts";
import { usingKind } from "./disposal.ts";
import type { EarlyError } from "./early-error.ts";

const isLoop = (node: ts.Node): boolean => TS.isIterationStatement(node, false);

/** A `break` or `continue` without the statement that it ends or goes on with (ECMA-262 14.8.1, 14.9.1). */
export function strayJump(node: ts.BreakOrContinueStatement): EarlyError | undefined {
  const { label } = node;
  const isContinue = TS.isContinueStatement(node);
  for (let at: ts.Node = node.parent; !isFunctionBoundary(at) && !TS.isSourceFile(at); at = at.parent) {
    if (label === undefined) {
      if (isLoop(at) || (!isContinue && TS.isSwitchStatement(at))) return undefined;
    } else if (TS.isLabeledStatement(at) && at.label.text === label.text) {
      if (!isContinue || TS.isIterationStatement(at, true)) return undefined;
      return { place: node, problem: `${label.text} is no loop to continue`, mend: "use break, or label the loop" };
    }
  }
  const word = isContinue ? "continue" : "break";
  const problem = label
    ? `no statement around this ${word} has the label ${label.text}`
    : `${word} stands in no loop${isContinue ? "" : " or switch"}`;
  return { place: node, problem, mend: label ? "name a label that is around it" : "use return to leave the function" };
}

/** An `await` or `yield` that is in no body of a function that may (ECMA-262 15.3.1, 15.5.1, 15.7.1, 15.8.1). */
export function strayWait(node: ts.Node): EarlyError | undefined {
  const isYield = TS.isYieldExpression(node);
  const word = isYield ? "yield" : waitOf(node);
  if (word === undefined) return undefined;
  const stray = (where: string, mend = "move it into the body of the function"): EarlyError => ({
    place: node,
    problem: `${word} stands in ${where}`,
    mend,
  });
  for (let from = node, at = node.parent; !TS.isSourceFile(at); from = at, at = at.parent) {
    if (TS.isClassStaticBlockDeclaration(at)) return stray("a static block");
    if (TS.isPropertyDeclaration(at) && at.initializer === from) return stray("the initializer of a field");
    if (!TS.isFunctionLike(at)) continue;
    if (TS.isParameter(from)) return stray("a list of parameters");
    if ((at as ts.FunctionLikeDeclaration).body !== from) continue;
    if (isYield ? isGenerator(at) : isAsync(at)) return undefined;
    return isYield
      ? stray("a function that is no generator", "make it one: function*")
      : stray(
          "a function that is not async",
          "put async before that function, or use a for of loop instead of a callback",
        );
  }
  return isYield ? stray("no function") : undefined;
}

function waitOf(node: ts.Node): string | undefined {
  if (TS.isAwaitExpression(node)) return "await";
  if (TS.isForOfStatement(node)) return node.awaitModifier && "for await";
  return TS.isVariableDeclarationList(node) && usingKind(node) === "async" ? "await using" : undefined;
}

/** Is there a class around this private name that declares it? The base of a class stands outside of it (ECMA-262 15.7.1). */
export function isDeclaredAround(name: ts.PrivateIdentifier): boolean {
  for (let from: ts.Node = name, at: ts.Node = name.parent; !TS.isSourceFile(at); from = at, at = at.parent)
    if (TS.isClassLike(at) && !TS.isHeritageClause(from))
      if (at.members.some((one) => one.name && TS.isPrivateIdentifier(one.name) && one.name.text === name.text))
        return true;
  return false;
}
