/**
 * Calls that mean the same inside a step as in the turn: of ordinary code, and with no promise that the run would have to keep. Asked of statements that become
 * one step (`statements.ts`).
 */
import type { ts } from "@ts-morph/common";
import { everyNode, type Tree } from "../../1-parse/tree.ts";
import { TS } from "../../1-parse/typescript.ts";
import type { FileTypes } from "../../types/questions.ts";
import type { CallTable } from "../calls/classes.ts";
import { DURABLE_GLOBALS } from "../calls/platform.ts";
import { type CallNode, calleeOf, inner, isAsync, isCallNode, isGenerator } from "../calls/syntax.ts";

export interface StepCalls {
  /**
   * @param mayWait its promise is awaited where it stands
   * @param isMade whether a node belongs to the step
   */
  isOrdinary(node: CallNode, mayWait: boolean, isMade?: (node: ts.Node) => boolean): boolean;
  /** Is it such a call, whose promise nothing of the run has seen? */
  makesOrdinary(node: ts.Expression): boolean;
}

/** Rows of ordinary code; where a promise is awaited at once, also those that are steps by themselves. */
const AT_ONCE = new Set(["built-in", "no-promise", "operand", "ordinary", "ordinary-with-function"]);
const WAITING = new Set([...AT_ONCE, "fetch", "position", "promise", "thenable", "thenable-made"]);

/** Methods that read a text, or give one, whatever has them: `chunk.toString()` of a stream whose chunks are `any`. */
const TEXTUAL =
  /^(?:at|char(?:Code)?At|codePointAt|concat|(?:ends|starts)With|includes|(?:lastI|i)ndexOf|join|localeCompare|match|normalize|pad(?:End|Start)|repeat|replace(?:All)?|slice|split|substring|subarray|to(?:Fixed|ISOString|(?:Locale)?(?:Lower|Upper)Case|String)|trim(?:End|Start)?)$/;

export function stepCalls(tree: Tree, calls: CallTable, types: FileTypes): StepCalls {
  const { names } = calls;
  let rows: ReadonlyMap<ts.Node, string> | undefined;
  /** Of most files nobody asks. */
  const rowOf = (node: ts.Node): string => {
    rows ??= new Map(calls.explain().map(({ node, row }) => [node, row]));
    return rows.get(node) ?? "";
  };
  const asked = new Map<ts.Node, boolean>();

  const isOrdinary: StepCalls["isOrdinary"] = (node, mayWait, isMade = () => false) => {
    const row = rowOf(node);
    const callee = inner(calleeOf(node));
    if (row === "durable") return isQuiet(names.localFunction(callee));
    // `new TextDecoder()`: the platform's own is as good inside a step.
    if (row === "platform") return DURABLE_GLOBALS.get(names.platform(callee) ?? "") === "perdure/platform";
    if (!(mayWait ? WAITING : AT_ONCE).has(row)) return false;
    if (row === "built-in" || row === "fetch") return true;
    if (types.implementation(callee) === "durable" || types.declaredDurable(callee) || !isOfOrdinaryCode(callee))
      return false;
    const type = types.awaitType(node);
    // Behind `void` of a function that was given here, a durable one may stand.
    if (mayWait || type === "plain") return true;
    return type === "void" ? isNamed(callee, isMade) : type === "unknown" && isTextual(callee);
  };

  /** A function that is given here may be durable; a method of an object whose type is known is as its declaration says. */
  const isOfOrdinaryCode = (callee: ts.Expression): boolean => !TS.isIdentifier(callee) || names.isReference(callee);

  /** `logger.info`, of a name that is the same in the whole process; `client.release`, of what the step made. */
  const isNamed = (callee: ts.Expression, isMade: (node: ts.Node) => boolean): boolean => {
    let at = callee;
    while (TS.isPropertyAccessExpression(at)) at = inner(at.expression);
    return names.isReference(at) || (TS.isIdentifier(at) && names.scopes.resolve(at)!.declarations.every(isMade));
  };

  /** A function of the module that does no more than compute. */
  const isQuiet = (made: ts.Node | undefined): boolean => {
    if (!made || TS.isClassLike(made) || isAsync(made) || isGenerator(made) || !isOfModule(made)) return false;
    const known = asked.get(made);
    if (known !== undefined) return known;
    // One that calls itself is what the rest of it is.
    asked.set(made, true);
    const quiet = everyNode(tree, made, computes);
    asked.set(made, quiet);
    return quiet;
  };

  const computes = (node: ts.Node): boolean => {
    if (TS.isFunctionLike(node)) return !isAsync(node) && !isGenerator(node);
    return !isCallNode(node) || isOrdinary(node, false);
  };

  return {
    isOrdinary,
    makesOrdinary: (node) => isCallNode(node) && isOrdinary(node, true),
  };
}

const isTextual = (callee: ts.Expression): boolean =>
  TS.isPropertyAccessExpression(callee) && TEXTUAL.test(callee.name.text);

/** Does it capture nothing? */
const isOfModule = (made: ts.Node): boolean => {
  for (let at = made.parent; at; at = at.parent) if (TS.isFunctionLike(at) || TS.isClassLike(at)) return false;
  return true;
};
