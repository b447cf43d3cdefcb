/**
 * Builders that grow in a variable before they are awaited:
 *
 *     let query = db("users");
 *     if (name) query = query.where({ name });     // or as a statement: query.where({ name });
 *     query = old ? query.orderBy("id") : query;
 *     const rows = await query;
 *
 * The variable holds the record of how its value was made, and each change adds to it. That is the value itself only when nobody else can have
 * changed it: so the variable is used in its own changes, and in one more place, and no closure sees it but the body of a `forEach`. Before that place it may be copied as often as one
 * likes (`await query.clone().count("*")`): each copy is of the record that there is then.
 */
import type { ts } from "@ts-morph/common";
import { TS } from "../../1-parse/typescript.ts";
import type { Binding } from "../bindings.ts";
import type { Operand, Operands } from "./classes.ts";
import { suspends } from "./effects.ts";
import { assignedTo, enclosingFunction, inner, outer } from "./syntax.ts";

export interface Growing {
  readonly declaration: ts.VariableDeclaration;
  /** What the variable begins with, and becomes: kept as expressions. */
  readonly values: readonly { readonly node: ts.Expression; readonly operands: readonly Operand[] }[];
  /** Calls as statements, that change what it holds. */
  readonly changes: readonly {
    readonly node: ts.Expression;
    readonly operands: readonly Operand[];
    readonly root: ts.Identifier;
  }[];
  /** The one place that uses it; or, where all uses make copies, the last of them. */
  readonly use: ts.Identifier;
  /** `query.clone().count()`: uses that leave it as it is. */
  readonly copies: readonly ts.Identifier[];
}

/** The chain of members and calls that begins with this identifier: `query`, `query.where`, `query.where(a)` …, the longest last. */
export function* linksOf(root: ts.Expression): Generator<ts.Expression> {
  for (let at = outer(root); ; ) {
    yield at;
    const { parent } = at;
    const goesOn =
      (TS.isPropertyAccessExpression(parent) || TS.isElementAccessExpression(parent) || TS.isCallExpression(parent)) &&
      parent.expression === at;
    if (!goesOn) return;
    at = outer(parent as ts.Expression);
  }
}

function chainOf(root: ts.Expression): ts.Expression {
  let last = root;
  for (const link of linksOf(root)) last = link;
  return last;
}

/** `query.clone()`: what follows is done to the copy. */
export function isCopied(root: ts.Identifier): boolean {
  const member = outer(root).parent;
  return (
    TS.isPropertyAccessExpression(member) &&
    member.expression === outer(root) &&
    member.name.text === "clone" &&
    TS.isCallExpression(outer(member).parent) &&
    (outer(member).parent as ts.CallExpression).expression === outer(member)
  );
}

/** Nobody listens to a builder. What somebody listens to does something when it is made. */
const LISTENING = /^(?:add(?:Event)?Listener|on|once|subscribe)$/;

const isListening = (chain: ts.Expression): boolean => {
  const at = inner(chain);
  if (!TS.isCallExpression(at)) return false;
  const callee = inner(at.expression);
  if (!TS.isPropertyAccessExpression(callee)) return false;
  return LISTENING.test(callee.name.text) || isListening(callee.expression);
};

/**
 * How the variable grows; undefined: it is a value of the turn, or a constant.
 *
 * @param isLazy its type is a lazy thenable
 */
export function growingOf(binding: Binding, operands: Operands, isLazy: boolean): Growing | undefined {
  const name = binding.declarations[0];
  const declaration = name?.parent;
  if (binding.declarations.length !== 1 || !declaration) return undefined;
  if (binding.kind !== "let" && binding.kind !== "const") return undefined;
  if (!TS.isVariableDeclaration(declaration) || declaration.name !== name || !declaration.initializer) return undefined;
  const kept = (node: ts.Expression) => {
    const list = suspends(node) ? undefined : operands.constant(node);
    return list && { node: inner(node), operands: list };
  };
  /** Each of what a `?:` chooses from. The variable itself, `some ? query.where(a) : query`, stays as it is. */
  const keptAll = (value: ts.Expression): Growing["values"][number][] | undefined => {
    const all = branchesOf(value).filter((node) => !isItself(node, binding));
    const list = all.map(kept);
    return list.every((one) => one !== undefined) ? list : undefined;
  };
  const first = keptAll(declaration.initializer);
  if (!first) return undefined;
  const values = [...first];
  const changes: Growing["changes"][number][] = [];
  const own: ts.Node[] = [];
  const others: ts.Identifier[] = [];
  const home = enclosingFunction(declaration);
  /** Also in a callback that has returned before the next statement. */
  const isAtHome = (node: ts.Node): boolean => {
    const fn = enclosingFunction(node);
    return fn === home || (fn !== undefined && operands.isLoopBody(fn) && isAtHome(fn));
  };
  /** A statement, or all that the body of a `forEach` does. */
  const isDropped = (node: ts.Expression): boolean => {
    const whole = outer(node);
    const { parent } = whole;
    if (TS.isVoidExpression(parent)) return isDropped(parent);
    return (
      TS.isExpressionStatement(parent) ||
      (TS.isArrowFunction(parent) && parent.body === whole && operands.isLoopBody(parent))
    );
  };
  for (const { node, access } of binding.references) {
    if (!isAtHome(node)) return undefined;
    const value = access === "write" ? assignedTo(node, isDropped) : undefined;
    if (access !== "read" && !value) return undefined;
    const chain = chainOf(node);
    const isStatement = chain !== outer(node) && isDropped(chain) && (isLazy || !isListening(chain));
    if (value) {
      const become = keptAll(value);
      if (!become) return undefined;
      own.push(...branchesOf(value));
      values.push(...become);
    } else if (isStatement) {
      const change = kept(chain);
      if (!change) return undefined;
      own.push(chain);
      changes.push({ ...change, root: node });
    } else others.push(node);
  }
  // In the arguments of its own change it would be seen twice.
  const uses = others.filter((node) => !own.some((one) => chainOf(node) === outer(one as ts.Expression)));
  const copies = uses.filter(isCopied);
  const use = singleUse(uses);
  if (use && enclosingFunction(use) !== home) return undefined;
  return use && (own.length > 0 || values.length > 1) ? { declaration, values, changes, use, copies } : undefined;
}

/** What a value is chosen from by `?:`. */
function branchesOf(value: ts.Expression): readonly ts.Expression[] {
  const at = inner(value);
  return TS.isConditionalExpression(at) ? [at.whenTrue, at.whenFalse].flatMap(branchesOf) : [value];
}

/** `const query = old ? db("users") : db("people")`. */
export function isChosen({ declarations: [name] }: Binding): boolean {
  const declaration = name?.parent;
  if (!declaration || !TS.isVariableDeclaration(declaration) || declaration.name !== name) return false;
  return declaration.initializer !== undefined && TS.isConditionalExpression(inner(declaration.initializer));
}

const isItself = (value: ts.Expression, { references }: Binding): boolean =>
  references.some(({ node }) => node === inner(value));

/** The use that may change the builder, after all that copy it; or the last of those. */
export function singleUse(uses: readonly ts.Identifier[]): ts.Identifier | undefined {
  const changing = uses.filter((node) => !isCopied(node));
  const last = uses.reduce<ts.Identifier | undefined>((a, b) => (a && a.pos > b.pos ? a : b), undefined);
  return changing.length === 0 || (changing.length === 1 && changing[0] === last) ? last : undefined;
}
