/** What the rows of the call table (`table.ts`) read of a call, and the classes that several of them give. */
import type { ts } from "@ts-morph/common";
import { TS } from "../../1-parse/typescript.ts";
import type { FileTypes } from "../../types/questions.ts";
import type { BuiltIns } from "./built-ins.ts";
import type { Callback, Callbacks } from "./callbacks.ts";
import type { CallClass, Operand, Operands } from "./classes.ts";
import type { Names } from "./names.ts";
import { POSITIONS, type Position, type Positions } from "./positions.ts";
import { argumentsOf, type CallNode, inner, viewOrIterator } from "./syntax.ts";

/** What the rows read. */
export interface Facts {
  readonly names: Names;
  readonly builtIns: BuiltIns;
  readonly positions: Positions;
  readonly callbacks: Callbacks;
  readonly operands: Operands;
  readonly types: FileTypes | undefined;
  /** Which functions return calls of unknown type, as far as that was asked: each call of one asks it. */
  readonly returning: Map<ts.Node, boolean>;
}

/** One call with the questions that several rows ask. */
export interface CallSite {
  readonly node: CallNode;
  readonly callee: ts.Expression;
  readonly position: Position | undefined;
  readonly callback: Callback;
}

export type Verdict = CallClass | { readonly type: "text"; readonly why: string };

export const FOR_ITS_CALLER = "returned by a function whose caller knows what for";

export const text = (why: string): Verdict => ({ type: "text", why });
export const now = (why: string): Verdict => ({ type: "now", why });

/** A call of the runtime that makes an operation: it runs in the turn, and the operation is told its line. */
export const placed = (site: CallSite, why: string): Verdict =>
  TS.isCallExpression(site.node) ? { type: "callNow", promised: false, why } : text(why);

/** A call that runs at once and is given functions. */
export const guarded = (site: CallSite, facts: Facts, why: string): Verdict =>
  TS.isNewExpression(site.node)
    ? { type: "constructNow", why }
    : TS.isTaggedTemplateExpression(site.node)
      ? now(why)
      : { type: "callNow", promised: facts.positions.callbackResults(site.node), why };

/** Runs inside the turn; only ordinary callbacks need a wrapper. */
export const inTurn = (site: CallSite, facts: Facts, why: string): Verdict =>
  site.callback === "maybe" && TS.isCallExpression(site.node)
    ? guarded(site, facts, `${why}; its callback may be ordinary code, and is looked at when it is called`)
    : text(why);

export const step = (node: ts.Expression, facts: Facts, why: string): Verdict | undefined => {
  const operands = facts.operands.lifted(node);
  return operands && { type: "step", operands, why };
};

/** A call that yields a promise: as itself, or as a whole when promises of its own operands are part of it. */
export const promised = (site: CallSite, facts: Facts, why: string): Verdict => {
  const { node } = site;
  if (TS.isNewExpression(node) && typeOf(site, facts) === "unknown") {
    const [constructed, ...args] = [node.expression, ...(node.arguments ?? [])].map(facts.operands.of) as [Operand];
    return { type: "construct", constructed, args, why };
  }
  if (!TS.isCallExpression(node)) return step(node, facts, why) ?? now(why);
  const callee = inner(node.expression);
  const member = TS.isPropertyAccessExpression(callee) || TS.isElementAccessExpression(callee);
  // Written in a durable module: it will run in the turn, so promises given to it are steps of their own.
  if (facts.types?.implementation(callee) === "durable") {
    const leaf = (operand: ts.Expression): Operand => ({ kind: "leaf", node: operand });
    return { type: "call", receiver: member ? leaf(callee.expression) : null, args: node.arguments.map(leaf), why };
  }
  // What it makes has no name; with the call, it is made anew.
  const made = isPromisified(callee, facts) || facts.builtIns.fold(callee) ? step(node, facts, why) : undefined;
  if (made) return made;
  const chained = member && facts.operands.holdsPromise(callee.expression);
  const nested = node.arguments.some((argument) => isLiteral(argument) && facts.operands.holdsPromise(argument));
  if (chained || nested) {
    const whole = step(node, facts, `${why}; other promises are part of the expression`);
    if (whole?.type === "step" && !chained && mayBeMarked(callee, facts)) return { ...whole, marked: true };
    if (whole) return whole;
  }
  // Asked for null first, so it is a value of the turn.
  const isAsked = node.questionDotToken !== undefined || (member && callee.questionDotToken !== undefined);
  const receiver: Operand | null = !member
    ? null
    : isAsked
      ? { kind: "leaf", node: callee.expression }
      : facts.operands.receiver(callee.expression, typeOf(site, facts) === "unknown");
  return { type: "call", receiver, args: node.arguments.map(facts.operands.of), why };
};

/** `promisify(readFile)` of `await promisify(readFile)(path)`. */
const isPromisified = (callee: ts.Expression, { names, builtIns }: Facts): boolean => {
  const maker = TS.isCallExpression(callee) ? inner(callee.expression) : undefined;
  if (!maker || !builtIns.pure(maker)) return false;
  const name = TS.isPropertyAccessExpression(maker) ? maker.name.text : names.imported(maker)?.name;
  return name === "promisify" && argumentsOf(callee as ts.CallExpression).every((one) => isOfModule(inner(one), names));
};

/** A name that every process knows, or a property of one. */
const isOfModule = (node: ts.Expression, names: Names): boolean =>
  TS.isPropertyAccessExpression(node) ? isOfModule(inner(node.expression), names) : names.isReference(node);

/** A call of unknown type that a function returns: its caller says whether that is promise position. */
export const tail = (site: CallSite, facts: Facts, why: string): Verdict | undefined => {
  const { node } = site;
  if (!TS.isCallExpression(node) || TS.isOptionalChain(node) || typeOf(site, facts) !== "unknown") return undefined;
  if (facts.positions.tailOf(node) === undefined || inner(node.expression).kind === TS.SyntaxKind.SuperKeyword)
    return undefined;
  // The runtime gives an iterator that keeps its position.
  if (viewOrIterator(node, node.getSourceFile()) !== undefined) return undefined;
  const verdict = promised(site, facts, `${why}, returned by a function whose caller knows its position`);
  return verdict.type === "call" ? { ...verdict, tail: true } : undefined;
};

/** A function of this file that is called where its result is awaited, and returns calls of unknown type, or lazy thenables: it is told. Or one that returns what such a function does. */
export const told = (site: CallSite, facts: Facts): Verdict | undefined => {
  const { node, callee, position } = site;
  if (!TS.isCallExpression(node) || TS.isOptionalChain(node)) return undefined;
  const isTold = facts.operands.isTold(node);
  const isAsking = returnsUnknown(callee, facts) || (isTold && typeOf(site, facts) === "thenable");
  const why = "durable function of this file";
  if (isTold && position === undefined && facts.positions.tailOf(node) !== undefined) return toldOn(site, facts, why);
  if (!isAsking) return undefined;
  return position ? promised(site, facts, `${why}, ${POSITIONS[position]}`) : tail(site, facts, why);
};

/** Is this name, given to a built-in, a function that asks what its result is for? */
export const asksItsCaller = (node: ts.Expression, facts: Facts): boolean =>
  facts.names.durableFunction(node) && (facts.operands.isToldFunction(node) || returnsUnknown(node, facts));

function returnsUnknown(callee: ts.Expression, facts: Facts): boolean {
  const made = facts.names.localFunction(callee);
  if (made === undefined) return false;
  let returns = facts.returning.get(made);
  if (returns === undefined) facts.returning.set(made, (returns = returnsUnknownCalls(made, facts)));
  return returns;
}

/** The call of a function that is told, returned by one whose caller knows what for. */
export function toldOn(site: CallSite, facts: Facts, why: string): Verdict | undefined {
  const verdict = promised(site, facts, `${why}, ${FOR_ITS_CALLER}`);
  return verdict.type === "call" ? { ...verdict, tail: true } : undefined;
}

/** Does it return a call of which nobody knows whether it yields a promise? */
function returnsUnknownCalls(made: ts.Node, { positions, types }: Facts): boolean {
  const isUnknown = (node: ts.Node): boolean =>
    TS.isCallExpression(node) &&
    positions.promise(node) === undefined &&
    positions.tailOf(node) === made &&
    (types?.awaitType(node) ?? "unknown") === "unknown";
  const visit = (node: ts.Node): boolean =>
    isUnknown(node) || (!TS.isFunctionLike(node) && !TS.isTypeNode(node) && TS.forEachChild(node, visit) === true);
  return TS.forEachChild(made, visit) === true;
}

/** A callee whose mark can be looked at before the call is made. */
const mayBeMarked = (callee: ts.Expression, { types }: Facts): boolean => {
  if (types?.implementation(callee) === "ordinary" || TS.isOptionalChain(callee.parent)) return false;
  if (TS.isIdentifier(callee)) return true;
  const isMember = TS.isPropertyAccessExpression(callee) || TS.isElementAccessExpression(callee);
  if (!isMember || callee.expression.kind === TS.SyntaxKind.SuperKeyword) return false;
  return !(TS.isPropertyAccessExpression(callee) && TS.isPrivateIdentifier(callee.name));
};

/** Whose mark decides at the call: declared durable, a variable of a function, or a method of one or of `this`. */
export const mayBeDurable = ({ node, callee }: CallSite, { names, types }: Facts): boolean => {
  if (!TS.isCallExpression(node)) return false;
  if (types?.declaredDurable(inner(callee))) return true;
  let root = inner(callee);
  while (TS.isPropertyAccessExpression(root) || TS.isElementAccessExpression(root)) root = inner(root.expression);
  return root.kind === TS.SyntaxKind.ThisKeyword || (TS.isIdentifier(root) && !names.isReference(root));
};

const isLiteral = (node: ts.Expression): boolean => {
  const at = inner(node);
  return TS.isArrayLiteralExpression(at) || TS.isObjectLiteralExpression(at) || TS.isSpreadElement(at);
};

/** Of the class itself: `new Promise.all()` throws. */
export const isNewPromise = (node: ts.Node, names: Names): node is ts.NewExpression =>
  TS.isNewExpression(node) &&
  names.platform(node.expression) === "Promise" &&
  names.global(node.expression)?.length === 1;

export const typeOf = (site: CallSite, facts: Facts) => facts.types?.awaitType(site.node) ?? "unknown";
/** A type in print, cut where it would fill lines. */
export const printed = (site: CallSite, facts: Facts): string => {
  const type = facts.types?.print(site.node) ?? "unknown";
  return `type is ${type.length > 100 ? `${type.slice(0, 99)}…` : type}`;
};

/** What is known of the value, in words. `any` is as good as nothing. */
export const known = (site: CallSite, facts: Facts): string =>
  facts.types ? printed(site, facts) : TS.isNewExpression(site.node) ? "new of an ordinary class" : "type unknown";
