/** Classified calls as text (`docs/abi.md`, section 4). The classes come from the call table; here they are only written. */
import type { ts } from "@ts-morph/common";
import { startOf } from "../1-parse/tree.ts";
import { TS } from "../1-parse/typescript.ts";
import type { CallClass, Operand } from "../2-analyze/calls/classes.ts";
import { hasEffects } from "../2-analyze/calls/effects.ts";
import { FETCH } from "../2-analyze/calls/platform-names.ts";
import { inner, isCalled, viewOrIterator } from "../2-analyze/calls/syntax.ts";
import { code, type Edit, join, type Mark, patch, type Rope, slice } from "../ir/rope.ts";
import type { TextWriter } from "./context.ts";
import { keyOf } from "./identifiers.ts";
import { superText } from "./super.ts";
import { taggedText } from "./templates.ts";

/** The new form of a classified node; undefined when it has no class. */
export function classified(text: TextWriter, node: ts.Node): Rope | undefined {
  const cls = text.module.calls.classOf(node);
  return !cls || text.around.volatile ? undefined : [callMark(node, text.module.sourceFile), written(text, node, cls)];
}

/** Where a generated call is shown to be: at the parenthesis of the call that it stands for. */
export function callMark(node: ts.Node, sourceFile: ts.SourceFile): Mark {
  if ((TS.isCallExpression(node) || TS.isNewExpression(node)) && node.arguments)
    return { type: "mark", at: node.arguments.pos - 1 };
  return { type: "mark", at: TS.isTaggedTemplateExpression(node) ? startOf(node.template, sourceFile) : node.end };
}

/** The form of a class. Calls in optional chains have theirs from `optional-chains.ts`. */
export function written(text: TextWriter, node: ts.Node, cls: CallClass): Rope {
  const { module: handle } = text.module.names;
  switch (cls.type) {
    case "now": {
      const call = iteratorCall(text, node) ?? superText(text, node) ?? taggedText(text, node) ?? text.kept(node);
      return isInsideChain(node) ? call : code`${handle}.now(${site(text, node)}, ${call})`;
    }
    case "step": {
      if (cls.marked) return marked(text, node as ts.CallExpression, cls.operands);
      if (cls.tail) return returned(text, node, cls);
      if (cls.callees) return promise(text, node, cls.operands, cls.callees);
      if (cls.asked) return code`${handle}.awaited(${operand(text, cls.operands[0]!)})`;
      const step = code`${handle}.step(${site(text, node)}, ${lifted(text, node, cls.operands)}, ${operandList(text, cls.operands)})`;
      const executor = givenExecutor(text, node);
      return executor ? code`(${text.module.names.runtime}.executor(${text.argument(executor)}), ${step})` : step;
    }
    case "import":
      return code`${handle}.import(${site(text, node)}, ${lifted(text, node, cls.operands)}, ${operandList(text, cls.operands)})`;
    case "telling":
      return code`${handle}.telling(${site(text, node)}, ${text.value(node as ts.Identifier)}, ${JSON.stringify(cls.wanted)})`;
    case "deferred":
      return deferred(text, node, cls.operands);
    case "made":
      if (cls.tail) return returned(text, node, cls);
      return record(text, node, cls.operands, cls.grows, cls.uses);
    case "construct":
      return code`${handle}.construct(${site(text, node)}, ${operand(text, cls.constructed)}, ${operandList(text, cls.args)})`;
    case "constructNow":
      return constructNow(text, node as ts.NewExpression);
    case "callNow":
      return callNow(text, node as ts.CallExpression, cls.promised ? "true" : null);
    case "call":
      return call(
        text,
        node as ts.CallExpression,
        "",
        cls,
        cls.args.map((one) => operand(text, one)),
        wantedBy(text, cls),
      );
  }
}

/** A step, unless its callee turns out durable when it is read: then the turn makes the call. */
function marked(text: TextWriter, node: ts.CallExpression, operands: readonly Operand[]): Rope {
  const { module: handle } = text.module.names;
  const at = site(text, node);
  // Records are for ordinary code: to give a list of them to a durable function is refused when that is known.
  const direct = operands.some(isListed) ? "null" : markedCall(text, node, at);
  return code`${handle}.marked(${at}, ${markedCallee(text, node)}, ${direct}, ${lifted(text, node, operands)}, () => ${operandList(text, operands)})`;
}

/** A promise as a step, unless all that its resolvers are handed to turns out durable: then the turn makes it. */
function promise(
  text: TextWriter,
  node: ts.Node,
  operands: readonly Operand[],
  callees: readonly ts.Expression[],
): Rope {
  const read = list(callees.map((one) => readCallee(text, one)));
  return code`${text.module.names.module}.promise(${site(text, node)}, () => ${read}, ${lifted(text, node, operands)}, ${operandList(text, operands)})`;
}

/** The call itself, once the callee has been read. */
function markedCall(text: TextWriter, node: ts.CallExpression, at: string): Rope {
  const it = text.module.unique("it");
  const args = argumentList(text, node.arguments);
  const form = isMember(inner(node.expression)) ? "invoke" : "call";
  return code`(${it}) => ${text.module.names.module}.${form}(${at}, ${it}, ${args})`;
}

const isListed = (one: Operand): boolean => (one.kind === "leaf" ? one.listed === true : one.operands.some(isListed));

const isMember = (node: ts.Expression): node is ts.PropertyAccessExpression | ts.ElementAccessExpression =>
  TS.isPropertyAccessExpression(node) || TS.isElementAccessExpression(node);

const isPrivate = (node: ts.Node): boolean => TS.isPropertyAccessExpression(node) && TS.isPrivateIdentifier(node.name);

/** The callee of such a step, as a value whose mark can be looked at. */
export const markedCallee = (text: TextWriter, node: ts.CallExpression): Rope =>
  readCallee(text, inner(node.expression));

function readCallee(text: TextWriter, callee: ts.Expression): Rope {
  return isMember(callee) && !isPrivate(callee)
    ? code`${text.module.names.runtime}.member(${text.argument(callee.expression)}, ${keyOf(text, callee)})`
    : text.argument(callee);
}

/** What a function returns that its caller may have told what for; else the value itself. */
function returned(text: TextWriter, node: ts.Node, cls: CallClass & { readonly type: "step" | "made" }): Rope {
  const { module: handle, tail } = text.module.names;
  const { operands } = cls;
  const value = returnedValue(text, node, cls.tail === "guarded");
  if (cls.type === "made") return code`(${tail} === "operand" ? ${record(text, node, operands)} : ${value})`;
  const told = code`${handle}.told(${tail}, ${site(text, node)}, ${lifted(text, node, operands)}, ${operandList(text, operands)})`;
  return code`(${tail} ? ${told} : ${value})`;
}

function returnedValue(text: TextWriter, node: ts.Node, isGuarded: boolean): Rope {
  const { module: handle } = text.module.names;
  if (TS.isIdentifier(node)) return code`${handle}.value(${text.value(node)})`;
  if (isGuarded && TS.isNewExpression(node)) return constructNow(text, node);
  if (isGuarded && TS.isCallExpression(node)) return callNow(text, node, null);
  return superText(text, node) ?? taggedText(text, node) ?? text.kept(node);
}

const constructNow = (text: TextWriter, node: ts.NewExpression): Rope =>
  code`${text.module.names.module}.constructNow(${site(text, node)}, ${text.argument(node.expression)}, ${argumentList(text, node.arguments ?? [])})`;

const callNow = (text: TextWriter, node: ts.CallExpression, promised: string | null): Rope =>
  call(
    text,
    node,
    "Now",
    null,
    node.arguments.map((arg) => text.argument(arg)),
    promised,
  );

/** The executor of a promise that is a step, where it is no function of the text: a name or a literal. What cannot be called is refused at once (ECMA-262 27.2.3.1). */
export function givenExecutor(text: Pick<TextWriter, "module">, node: ts.Node): ts.Expression | undefined {
  if (!TS.isNewExpression(node) || text.module.calls.platformOf(inner(node.expression)) !== "Promise") return undefined;
  const [executor] = node.arguments ?? [];
  return executor && !TS.isFunctionLike(inner(executor)) && !hasEffects(executor) ? executor : undefined;
}

/**
 * `o.entries()`, `o.keys()`, `o.values()`, `o[Symbol.iterator]()`, `o.matchAll(pattern)`: when `o` is a built-in collection or a text they give an iterator that
 * keeps its position across saves; the runtime looks at `o`. A longer optional chain stays as it is.
 */
export function iteratorCall(text: TextWriter, node: ts.Node): Rope | undefined {
  const callee = iteratorCallee(text, node);
  if (!callee) return undefined;
  const given = (node as ts.CallExpression).arguments.map((one) => code`, ${text.argument(one)}`);
  return code`${text.module.names.runtime}.iterator(${text.argument(callee.expression)}, ${keyOf(text, callee)}${given})`;
}

/** What such a call calls; undefined when it is none. */
export function iteratorCallee(
  text: TextWriter,
  node: ts.Node,
): ts.PropertyAccessExpression | ts.ElementAccessExpression | undefined {
  return text.around.volatile ? undefined : viewOrIterator(node, text.module.sourceFile);
}

const site = (text: TextWriter, node: ts.Node): string => String(text.module.site(node));

const list = (items: readonly Rope[]): Rope => code`[${join(items, ", ")}]`;

const argumentList = (text: TextWriter, args: readonly ts.Expression[]): Rope =>
  list(args.map((arg) => text.argument(arg)));

/** An operand: a value of the turn, or a record of the expression that makes it. */
export function operand(text: TextWriter, one: Operand): Rope {
  if (one.kind === "leaf") {
    if (TS.isMethodDeclaration(one.node)) return text.closure(one.node);
    if (one.told) return written(text, one.node, toldCall(one.node as ts.CallExpression));
    return copied(text, one, text.value(one.node));
  }
  return one.kind === "made" ? record(text, one.node, one.operands) : deferred(text, one.node, one.operands);
}

/** What the call says of its result, as the last argument. */
export const wantedBy = (
  { module }: Pick<TextWriter, "module">,
  { tail }: CallClass & { type: "call" },
): string | null => (tail === "operand" ? JSON.stringify(tail) : tail ? module.names.tail : null);

/** The call of a function that gives the record of its thenable. */
export const toldCall = (node: ts.CallExpression): CallClass & { readonly type: "call" } => ({
  type: "call",
  receiver: null,
  args: node.arguments.map((arg) => ({ kind: "leaf", node: arg })),
  why: "",
  tail: "operand",
});

function deferred(text: TextWriter, node: ts.Node, operands: readonly Operand[]): Rope {
  const [first] = operands;
  if (first?.node === node) return operand(text, first);
  return code`${text.module.names.module}.deferred(${lifted(text, node, operands)}, ${operandList(text, operands)})`;
}

/** What a spread of the text spreads, taken at its turn; a list of thenables, as a record. */
export function copied({ module }: Pick<TextWriter, "module">, one: Operand & { kind: "leaf" }, value: Rope): Rope {
  const taken = one.copied === undefined ? value : one.copied === "array" ? code`[...${value}]` : code`{ ...${value} }`;
  return one.listed ? code`${module.names.module}.list(${taken})` : taken;
}

/** `$m.made(code, operands)`, or `$m.grown(variable, code, operands)`: the value of the text, and how it is made. */
function record(
  text: TextWriter,
  node: ts.Node,
  operands: readonly Operand[],
  grows?: ts.Identifier,
  uses?: "several" | "shared",
): Rope {
  const { module: handle } = text.module.names;
  const form = grows ? "grown" : "made";
  const first = grows ? code`${text.value(grows)}, ` : "";
  const made = lifted(text, node, operands);
  const last = uses ? `, "${uses}"` : "";
  if (!readsBetween(node, operands))
    return code`${handle}.${form}(${first}${made}, ${operandList(text, operands)}${last})`;
  const take = text.module.unique("take");
  const value = withOperandsOf(text, node, operands, (one, i) => code`${take}(${String(i)}, ${operand(text, one)})`);
  return code`${handle}.${form}InPlace(${first}${made}, (${take}) => ${asBody(text, node, value)}${last})`;
}

/**
 * Is something of the text evaluated before an operand that may have effects on it? `new Command({ id: id() })` only names its class before that; `o.add(id())`
 * reads its function (ECMA-262 13.3.6.1).
 */
function readsBetween(node: ts.Node, operands: readonly Operand[]): boolean {
  const last = operands.findLast((one) => hasEffects(one.node));
  if (!last) return false;
  const isOperand = new Set<ts.Node>(operands.map((one) => one.node));
  const visit = (at: ts.Node): boolean => {
    if (at.pos >= last.node.pos || isOperand.has(at) || TS.isTypeNode(at)) return false;
    const isRead =
      TS.isPropertyAccessExpression(at) ||
      TS.isElementAccessExpression(at) ||
      TS.isSpreadAssignment(at) ||
      TS.isSpreadElement(at) ||
      TS.isCallExpression(at) ||
      TS.isNewExpression(at) ||
      TS.isTaggedTemplateExpression(at);
    return (isRead && at.end <= last.node.getStart()) || TS.forEachChild(at, visit) === true;
  };
  return visit(node);
}

const operandList = (text: TextWriter, operands: readonly Operand[]): Rope =>
  list(operands.map((one) => operand(text, one)));

/** Lifts an expression over its operands: `$m.expression(path, meta, (a, b) => <its text>)`, and which functions it calls whose mark must be looked at. */
export function lifted(text: TextWriter, node: ts.Node, operands: readonly Operand[]): Rope {
  const parameters = operands.map((one) => parameterName(text, one.node));
  const over = (at: ts.Node): Rope => withOperandsOf(text, at, operands, (_, i) => parameters[i]!);
  const arrow = (body: Rope): Rope => code`(${parameters.join(", ")}) => ${body}`;
  const callees = askedIn(text, node, operands).map(({ expression }) => over(expression));
  const asked = callees.length === 0 ? undefined : arrow(list(callees));
  return text.module.lift(text.around.path, node, arrow(asBody(text, node, over(node))), asked);
}

/** The calls of a kept text whose callee may turn out durable. */
function askedIn({ module }: TextWriter, node: ts.Node, operands: readonly Operand[]): readonly ts.CallExpression[] {
  const isOperand = new Set<ts.Node>(operands.map((one) => one.node));
  const found: ts.CallExpression[] = [];
  // The call itself, of which `$m.marked` asks.
  const isMarked = (at: ts.Node): boolean => {
    const cls = module.calls.classOf(at);
    return cls?.type === "step" && cls.marked === true;
  };
  const visit = (at: ts.Node): void => {
    if (isOperand.has(at)) return;
    if (module.calls.asked.has(at) && !isMarked(at)) found.push(at as ts.CallExpression);
    TS.forEachChild(at, visit);
  };
  if (module.calls.asked.size > 0) visit(node);
  return found;
}

/** A body of an arrow that began with a brace would be a block. */
function asBody(text: TextWriter, node: ts.Node, expression: Rope): Rope {
  const { sourceFile } = text.module;
  return sourceFile.text.charAt(startOf(node, sourceFile)) === "{" ? code`(${expression})` : expression;
}

/** The text of a kept expression (or of a part of it, from `start` to `end`), with something else in the place of each operand. */
export function withOperandsOf(
  text: TextWriter,
  node: ts.Node,
  operands: readonly Operand[],
  placed: (one: Operand, number: number) => Rope,
): Rope {
  const edits = operands.flatMap((one, i): Edit[] => {
    const { start, end } = { start: startOf(one.node, text.module.sourceFile), end: one.node.end };
    if (start < startOf(node, text.module.sourceFile) || end > node.end) return [];
    if (isPrivateCallee(one.node))
      return [{ start, end, with: code`${placed(one, i)}.bind(${placed(operands[i - 1]!, i - 1)})` }];
    // The object of a private callee, whose edit is the next.
    if (isPrivateCallee(one.node.parent) && operands[i + 1]?.node === one.node.parent) return [];
    const key = keyInLiteral(one.node);
    return [{ start, end, with: key ? code`${key.getText()}: ${placed(one, i)}` : placed(one, i) }];
  });
  const isLeaf = new Set<ts.Node>(operands.map((one) => one.node));
  const visit = (at: ts.Node): void => {
    if (isLeaf.has(at)) return;
    if (TS.isCallExpression(at)) {
      const callee = inner(at.expression);
      if (text.module.calls.platformOf(callee) === FETCH)
        edits.push({
          start: startOf(callee, text.module.sourceFile),
          end: callee.end,
          with: `${text.module.names.runtime}.${FETCH}`,
        });
    }
    TS.forEachChild(at, visit);
  };
  visit(node);
  edits.sort((a, b) => a.start - b.start);
  return patch(text.module.sourceFile.text, startOf(node, text.module.sourceFile), node.end, edits);
}

/** A shorthand or method of an object literal keeps its key. */
const keyInLiteral = (node: ts.Node): ts.Node | undefined =>
  TS.isMethodDeclaration(node)
    ? node.name
    : TS.isShorthandPropertyAssignment(node.parent) && node.parent.name === node
      ? node
      : undefined;

/** `this.#db` in `this.#db("users")`: its object is the operand before it. */
const isPrivateCallee = (node: ts.Node): boolean => isPrivate(node) && isCalled(node as ts.PropertyAccessExpression);

const parameterName = (text: TextWriter, node: ts.Node): string => {
  const named = TS.isPropertyAccessExpression(node) ? node.name.text.replace(/^#/, "") : wordOf(node);
  return text.module.unique(named, `${named}$`);
};

const wordOf = (node: ts.Node): string =>
  TS.isIdentifier(node) ? node.text : node.kind === TS.SyntaxKind.ThisKeyword ? "self" : "operand";

/** A call with its receiver and arguments apart. `suffix`: `call` or `callNow`. */
function call(
  text: TextWriter,
  node: ts.CallExpression,
  suffix: "" | "Now",
  cls: (CallClass & { type: "call" }) | null,
  values: readonly Rope[],
  given: string | null,
): Rope {
  const { module: handle } = text.module.names;
  const callee = inner(node.expression);
  const args = list(values);
  const last = given === null ? "" : `, ${given}`;
  // A chain whose last member is called with parentheses around it keeps its text, for the sake of `this`: only what comes out is looked at.
  if (TS.isOptionalChain(node)) {
    const whole = superText(text, node) ?? text.kept(node);
    return isInsideChain(node) ? whole : code`${handle}.now(${site(text, node)}, ${whole})`;
  }
  // `globalThis.setTimeout` is `$.setTimeout`, no member of anything.
  if (isMember(callee) && text.module.calls.platformOf(callee) === undefined) {
    const isSuper = callee.expression.kind === TS.SyntaxKind.SuperKeyword;
    if (isSuper || isPrivate(callee)) {
      const called = (receiver: Rope, fn: Rope): Rope =>
        code`${handle}.method${suffix}(${site(text, node)}, ${fn}, "call", ${list([receiver, ...values])}${last})`;
      if (isSuper) return called(text.self(), text.text(callee));
      return withReceiver(text, callee as ts.PropertyAccessExpression, called);
    }
    const receiver = cls?.receiver ? operand(text, cls.receiver) : text.argument(callee.expression);
    if (readsBefore(text, node, callee, cls?.receiver ?? null)) {
      const read = code`${text.module.names.runtime}.member(${receiver}, ${keyOf(text, callee)})`;
      return code`${handle}.invoke${suffix}(${site(text, node)}, ${read}, ${args}${last})`;
    }
    return code`${handle}.method${suffix}(${site(text, node)}, ${receiver}, ${keyOf(text, callee)}, ${args}${last})`;
  }
  return code`${handle}.call${suffix}(${site(text, node)}, ${text.argument(callee)}, ${args}${last})`;
}

/**
 * Must the function of a member call be read apart, because its arguments might exchange it? Not where the receiver is evaluated in the attempts only, or
 * is the platform's.
 */
export function readsBefore(
  text: Pick<TextWriter, "module">,
  node: ts.CallExpression,
  callee: ts.PropertyAccessExpression | ts.ElementAccessExpression,
  receiver: Operand | null,
): boolean {
  if (receiver?.kind === "deferred" || !node.arguments.some(hasEffects)) return false;
  return text.module.calls.platformOf(inner(callee.expression)) === undefined;
}

/** `o.#f` with its receiver, which is evaluated once. */
function withReceiver(
  text: TextWriter,
  callee: ts.PropertyAccessExpression,
  use: (receiver: Rope, fn: Rope) => Rope,
): Rope {
  const { expression, name } = callee;
  const isPlain = TS.isIdentifier(expression) || expression.kind === TS.SyntaxKind.ThisKeyword;
  if (isPlain) return use(text.argument(expression), text.text(callee));
  const it = text.module.unique("it");
  return code`((${it}) => ${use(it, code`${it}.${slice(startOf(name, text.module.sourceFile), name.end)}`)})(${text.argument(expression)})`;
}

/** Does an optional chain go on after this call? Around it, nothing may stand: a link that is null ends the whole chain (ECMA-262 13.3.9). */
function isInsideChain(node: ts.Node): boolean {
  const { parent } = node;
  return (
    TS.isCallExpression(node) &&
    TS.isOptionalChain(node) &&
    (TS.isPropertyAccessExpression(parent) || TS.isElementAccessExpression(parent) || TS.isCallExpression(parent)) &&
    parent.expression === node
  );
}
