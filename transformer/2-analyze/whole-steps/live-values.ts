/**
 * Values that are alive: an answer whose body is read from a connection of this process, an open file, a connection for a transaction, a client that is connected
 * here. The statements from the one that makes it to the last that uses it, or what was got from it, are one step:
 *
 *     const { statusCode, body } = await request(url);
 *     if (statusCode === 404) return null;
 *     const user = await body.json();
 */
import type { ts } from "@ts-morph/common";
import { contains } from "../../1-parse/tree.ts";
import { TS } from "../../1-parse/typescript.ts";
import type { AwaitType } from "../../types/questions.ts";
import type { Binding, Scopes } from "../bindings.ts";
import { linksOf } from "../calls/growing.ts";
import { CONNECTING, ENDING } from "../calls/platform.ts";
import { inner, isCallNode, isMethodCalled, methodCall, outer } from "../calls/syntax.ts";
import { clientsOf } from "./clients.ts";
import { declaresConstants, initializerOf, makerOf, type StepFacts, type WholeStep, wholeStep } from "./statements.ts";

/** @param node an `await` of a method of such a value, or of a promise in one of its properties */
export function liveValueStep(node: ts.AwaitExpression, facts: StepFacts): WholeStep | undefined {
  const { scopes } = facts;
  const asked = askedOf(inner(node.expression));
  const binding = asked && variableOf(asked.receiver, scopes);
  const maker = binding && makerOf(binding);
  if (!maker || !TS.isBlock(maker.parent) || !isAlive(asked, binding, maker, facts)) return undefined;
  const { statements } = maker.parent;
  const { gotten, last } = gottenFrom(binding, statements, facts);
  const whole = statements
    .slice(statements.indexOf(maker), statements.indexOf(last) + 1)
    .filter((one) => !declaresConstants(one));
  const made = inner(initializerOf(maker));
  /** It begins with what is alive, or with a constant of what was got from that. */
  const isOfIt = (at: ts.Expression): boolean => {
    const of = variableOf(at, scopes);
    if (of === undefined || gotten.has(of)) return of !== undefined;
    const from = makerOf(of);
    return from !== undefined && whole.some((one) => contains(one, from)) && isOfIt(inner(initializerOf(from)));
  };
  /** What is awaited is a method of it; or it is what makes it; or a loop reads from it. */
  const mayWait = (at: ts.Node): boolean => {
    if (TS.isAwaitExpression(at)) return at === made || isOfIt(inner(at.expression));
    if (TS.isForOfStatement(at)) return isOfIt(at.expression);
    const { parent } = outer(at as ts.Expression);
    return TS.isAwaitExpression(parent) && mayWait(parent);
  };
  const step = wholeStep("use", [...clientsOf(whole, facts), ...whole], mayWait, facts);
  const isGiven = step?.given.some((name) => [...gotten].some((one) => one.name === name));
  return isGiven ? undefined : step;
}

/**
 * Is it what a call has yielded that is alive, or is ended here; or what is made here and then connected, `const client = new Client(url); await client.connect();`,
 * ended, `await client.quit()`, or read while it comes, `const answer = streamText(…); for await (const part of answer.textStream) …; await answer.usage`?
 */
function isAlive(
  { receiver, name, property }: Asked,
  { references }: Binding,
  maker: ts.VariableStatement,
  { types, stepCalls }: StepFacts,
): boolean {
  const made = inner(initializerOf(maker));
  const ended = references.find(({ node }) => isMethodCalled(node as ts.Identifier, ENDING))?.node;
  const isEnded = ended !== undefined && types.ending(ended as ts.Identifier);
  const isPromised = property !== undefined && isPromise(types.awaitType(property));
  if (TS.isAwaitExpression(made)) {
    const isYielded = isEnded || isPromised || types.live(receiver) || types.connection(receiver);
    return isYielded && (property === undefined || isPromised) && stepCalls.makesOrdinary(inner(made.expression));
  }
  const isMade = isCallNode(made) && stepCalls.isOrdinary(made, false);
  if (!isMade || (property !== undefined && !isPromised)) return false;
  const isConnected = name === CONNECTING && TS.isIdentifier(inner(receiver)) && types.connection(receiver);
  const isRead = references.length > 1 || !TS.isIdentifier(inner(receiver));
  return isEnded || isConnected || isPromised || (isRead && types.coming(references[0]!.node as ts.Identifier));
}

const isPromise = (type: AwaitType): boolean => type === "promise" || type === "thenable";

/** What is awaited: `answer.close()`, or `answer.text`. */
interface Asked {
  readonly receiver: ts.Expression;
  readonly name: string;
  /** No call, but what a property holds. */
  readonly property?: ts.Expression;
}

function askedOf(node: ts.Expression): Asked | undefined {
  if (!TS.isPropertyAccessExpression(node)) return methodCall(node);
  return { receiver: node.expression, name: node.name.text, property: node };
}

/** The variable, and constants of what was got from it and is waited for, `const users = client.db().collection("users")`; and the last statement that uses one of them. */
function gottenFrom(
  binding: Binding,
  statements: readonly ts.Statement[],
  { scopes }: StepFacts,
): { readonly gotten: ReadonlySet<Binding>; readonly last: ts.Statement } {
  const gotten = new Set([binding]);
  let last = statements[0]!;
  for (const one of gotten) {
    for (const statement of statements) {
      if (!one.references.some(({ node }) => contains(statement, node))) continue;
      if (statement.pos > last.pos) last = statement;
      const other = TS.isVariableStatement(statement) ? constantIn(statement, scopes) : undefined;
      const value = other && inner(initializerOf(statement as ts.VariableStatement));
      if (value && variableOf(value, scopes) === one && isWaitedFor(other)) gotten.add(other);
    }
  }
  return { gotten, last };
}

/** Is something that begins with it awaited, or iterated over? */
const isWaitedFor = ({ references }: Binding): boolean =>
  references.some(({ node }) => {
    const { parent } = [...linksOf(node as ts.Identifier)].at(-1)!;
    return TS.isAwaitExpression(parent) || TS.isForOfStatement(parent);
  });

/** `users` of `const users = …;` */
function constantIn(statement: ts.VariableStatement, scopes: Scopes): Binding | undefined {
  const { name } = statement.declarationList.declarations[0]!;
  const binding = TS.isIdentifier(name) ? scopes.resolve(name) : undefined;
  return binding && makerOf(binding) === statement ? binding : undefined;
}

/** `answer` of `answer.data.body.json()`. */
function variableOf(node: ts.Expression, scopes: Scopes): Binding | undefined {
  let at = inner(node);
  while (TS.isPropertyAccessExpression(at) || TS.isCallExpression(at)) at = inner(at.expression);
  return TS.isIdentifier(at) ? scopes.resolve(at) : undefined;
}
