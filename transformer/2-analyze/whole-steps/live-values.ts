/**
 * Answers that are alive: a body that is read from a connection of this process. The statements from the call that yields it to the last that uses it are one step:
 *
 *     const { statusCode, body } = await request(url);
 *     if (statusCode === 404) return null;
 *     const user = await body.json();
 */
import type { ts } from "@ts-morph/common";
import { contains } from "../../1-parse/tree.ts";
import { TS } from "../../1-parse/typescript.ts";
import type { Binding, Scopes } from "../bindings.ts";
import { inner, methodCall } from "../calls/syntax.ts";
import { initializerOf, makerOf, type StepFacts, type WholeStep, wholeStep } from "./statements.ts";

/** @param node an `await` of a method of such a value */
export function liveValueStep(node: ts.AwaitExpression, facts: StepFacts): WholeStep | undefined {
  const { scopes, types } = facts;
  const called = methodCall(inner(node.expression));
  const binding = called && types.live(called.receiver) ? variableOf(called.receiver, scopes) : undefined;
  const maker = binding && makerOf(binding);
  if (!maker || !TS.isBlock(maker.parent)) return undefined;
  const made = inner(initializerOf(maker));
  if (!TS.isAwaitExpression(made) || !facts.stepCalls.makesOrdinary(inner(made.expression))) return undefined;
  const { statements } = maker.parent;
  const last = statements.findLast((one) => binding.references.some((use) => contains(one, use.node)));
  const whole = statements.slice(statements.indexOf(maker), statements.indexOf(last!) + 1);
  const isOfIt = (one: ts.Node): boolean => {
    const call = TS.isAwaitExpression(one) ? methodCall(inner(one.expression)) : undefined;
    return call !== undefined && variableOf(call.receiver, scopes) === binding;
  };
  /** In an `await` of its methods, or in what makes it. */
  const mayWait = (at: ts.Node): boolean => {
    for (let one = at; one !== maker.parent; one = one.parent) if (one === made || isOfIt(one)) return true;
    return false;
  };
  const step = wholeStep("read", whole, mayWait, facts);
  return step?.given.includes(binding.name) ? undefined : step;
}

/** `answer` of `answer.data.body`. */
function variableOf(path: ts.Expression, scopes: Scopes): Binding | undefined {
  let at = inner(path);
  while (TS.isPropertyAccessExpression(at)) at = inner(at.expression);
  return TS.isIdentifier(at) ? scopes.resolve(at) : undefined;
}
