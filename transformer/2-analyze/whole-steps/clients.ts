/**
 * Clients that only the statements of a step use, and only to ask them for something. No save can keep them, but the step can make them:
 *
 *     const openai = new OpenAI({ apiKey });
 *     const stream = await openai.chat.completions.create({ …, stream: true });
 *     for await (const part of stream) text += part;
 */
import type { ts } from "@ts-morph/common";
import { contains } from "../../1-parse/tree.ts";
import { TS } from "../../1-parse/typescript.ts";
import type { Binding } from "../bindings.ts";
import { suspends } from "../calls/effects.ts";
import { linksOf } from "../calls/growing.ts";
import { inner } from "../calls/syntax.ts";
import { declaresConstants, initializerOf, makerOf, type StepFacts } from "./statements.ts";

/** The statements that make them, directly in front of the step's but for constants. */
export function clientsOf(statements: readonly ts.Statement[], { scopes, stepCalls }: StepFacts): ts.Statement[] {
  const first = statements[0]!;
  const { parent } = first;
  if (!TS.isBlock(parent)) return [];
  const isAsked = ({ references }: Binding): boolean =>
    references.length > 0 &&
    references.every(
      ({ node }) =>
        statements.some((one) => contains(one, node)) &&
        [...linksOf(node as ts.Identifier)].slice(2).some(TS.isCallExpression),
    );
  const found: ts.Statement[] = [];
  for (let at = parent.statements.indexOf(first) - 1; at >= 0; at--) {
    const one = parent.statements[at]!;
    if (declaresConstants(one)) continue;
    const made = TS.isVariableStatement(one) ? one.declarationList.declarations[0]! : undefined;
    const binding = made && TS.isIdentifier(made.name) ? scopes.resolve(made.name) : undefined;
    if (!binding || makerOf(binding) !== one) break;
    const value = inner(initializerOf(one as ts.VariableStatement));
    if (!TS.isNewExpression(value) || suspends(value) || !stepCalls.isOrdinary(value, false) || !isAsked(binding))
      break;
    found.unshift(one);
  }
  return found;
}
