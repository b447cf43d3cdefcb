/**
 * Values that are alive: an answer whose body is read from a connection of this process, an open file, a connection for a transaction. The statements from the call that yields it to the last that uses it are one step:
 *
 *     const { statusCode, body } = await request(url);
 *     if (statusCode === 404) return null;
 *     const user = await body.json();
 */
import type { ts } from "@ts-morph/common";
import { contains } from "../../1-parse/tree.ts";
import { TS } from "../../1-parse/typescript.ts";
import type { Binding, Scopes } from "../bindings.ts";
import { inner, methodCall, outer } from "../calls/syntax.ts";
import { declaresConstants, initializerOf, makerOf, type StepFacts, type WholeStep, wholeStep } from "./statements.ts";

/** @param node an `await` of a method of such a value */
export function liveValueStep(node: ts.AwaitExpression, facts: StepFacts): WholeStep | undefined {
  const { scopes, types } = facts;
  const called = methodCall(inner(node.expression));
  const binding = called && variableOf(called.receiver, scopes);
  const maker = binding && makerOf(binding);
  if (!maker || !TS.isBlock(maker.parent)) return undefined;
  const made = inner(initializerOf(maker));
  if (!TS.isAwaitExpression(made) || !types.live(called.receiver)) return undefined;
  if (!facts.stepCalls.makesOrdinary(inner(made.expression))) return undefined;
  const { statements } = maker.parent;
  const last = statements.findLast((one) => binding.references.some((use) => contains(one, use.node)));
  const whole = statements
    .slice(statements.indexOf(maker), statements.indexOf(last!) + 1)
    .filter((one) => !declaresConstants(one));
  /** What is awaited is a method of it; or it is what makes it; or a loop reads from it. */
  const mayWait = (at: ts.Node): boolean => {
    if (TS.isAwaitExpression(at)) return at === made || variableOf(inner(at.expression), scopes) === binding;
    if (TS.isForOfStatement(at)) return variableOf(at.expression, scopes) === binding;
    const { parent } = outer(at as ts.Expression);
    return TS.isAwaitExpression(parent) && mayWait(parent);
  };
  const step = wholeStep("use", whole, mayWait, facts);
  return step?.given.includes(binding.name) ? undefined : step;
}

/** `answer` of `answer.data.body.json()`. */
function variableOf(node: ts.Expression, scopes: Scopes): Binding | undefined {
  let at = inner(node);
  while (TS.isPropertyAccessExpression(at) || TS.isCallExpression(at)) at = inner(at.expression);
  return TS.isIdentifier(at) ? scopes.resolve(at) : undefined;
}
