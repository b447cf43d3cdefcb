/**
 * Builders that grow in a variable before they are awaited:
 *
 *     let query = db("users");
 *     if (name) query = query.where({ name });     // or as a statement: query.where({ name });
 *     const rows = await query;
 *
 * The variable holds the record of how its value was made, and each change adds to it. That is the value itself only when nobody else can have
 * changed it: so the variable is used in its own changes, and in one more place, and no closure sees it. Before that place it may be copied as often as one
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
  if (binding.captured || binding.declarations.length !== 1 || !declaration) return undefined;
  if (binding.kind !== "let" && binding.kind !== "const") return undefined;
  if (!TS.isVariableDeclaration(declaration) || declaration.name !== name || !declaration.initializer) return undefined;
  const kept = (node: ts.Expression) => {
    const list = suspends(node) ? undefined : operands.constant(node);
    return list && { node: inner(node), operands: list };
  };
  const first = kept(declaration.initializer);
  if (!first) return undefined;
  const values = [first];
  const changes: Growing["changes"][number][] = [];
  const own: ts.Node[] = [];
  const others: ts.Identifier[] = [];
  for (const { node, access } of binding.references) {
    if (enclosingFunction(node) !== enclosingFunction(declaration)) return undefined;
    const value = access === "write" ? assignedTo(node) : undefined;
    if (access !== "read" && !value) return undefined;
    const chain = chainOf(node);
    const isStatement =
      chain !== outer(node) && TS.isExpressionStatement(chain.parent) && (isLazy || !isListening(chain));
    const changing = value ?? (isStatement ? chain : undefined);
    if (!changing) {
      others.push(node);
      continue;
    }
    const change = kept(changing);
    if (!change) return undefined;
    own.push(changing);
    if (value) values.push(change);
    else changes.push({ ...change, root: node });
  }
  // In the arguments of its own change it would be seen twice.
  const uses = others.filter((node) => !own.some((one) => chainOf(node) === outer(one as ts.Expression)));
  const copies = uses.filter(isCopied);
  const use = singleUse(uses);
  return use && own.length > 0 ? { declaration, values, changes, use, copies } : undefined;
}

/** The use that may change the builder, after all that copy it; or the last of those. */
export function singleUse(uses: readonly ts.Identifier[]): ts.Identifier | undefined {
  const changing = uses.filter((node) => !isCopied(node));
  const last = uses.reduce<ts.Identifier | undefined>((a, b) => (a && a.pos > b.pos ? a : b), undefined);
  return changing.length === 0 || (changing.length === 1 && changing[0] === last) ? last : undefined;
}
