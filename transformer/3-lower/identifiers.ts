/**
 * One identifier, rewritten by what surrounds it. A variable that moved into a frame or a cell becomes a member
 * expression, and a member expression is not legal, or not the same, everywhere an identifier is.
 */
import type { ts } from "@ts-morph/common";
import { startOf } from "../1-parse/tree.ts";
import { TS } from "../1-parse/typescript.ts";
import { skipOuter } from "../2-analyze/naming.ts";
import { code, type Rope, slice } from "../ir/rope.ts";
import type { TextWriter } from "./context.ts";

/** Is this expression what a call or template tag calls? Then a member expression would pass its object as `this`. */
const isCallee = (node: ts.Node): boolean => {
  const outer = skipOuter(node);
  const { parent } = outer;
  return (
    (TS.isCallExpression(parent) && parent.expression === outer) ||
    (TS.isTaggedTemplateExpression(parent) && parent.tag === outer)
  );
};

/**
 * Fits `member`, which replaces the identifier, into the place where the identifier stands. `isFree`: a call of it may
 * pass any `this`.
 */
export function rewriteIdentifier(identifier: ts.Identifier, member: Rope, isFree = false): Rope {
  const { parent } = identifier;
  // `{ x }` and `({ x } = o)`: the name stays as the key; a default after it stays where it is.
  if (TS.isShorthandPropertyAssignment(parent) && parent.name === identifier)
    return code`${shorthandKey(identifier)}: ${member}`;
  if (!isFree && isCallee(identifier)) return code`(0, ${member})`;
  return member;
}

/** The key of `{ x }` written out. `__proto__: x` would set the prototype (ECMA-262 13.2.5.5), `{ __proto__ }` does not. */
export const shorthandKey = (name: ts.Identifier): Rope =>
  name.text === "__proto__" ? `["__proto__"]` : slice(name.getStart(), name.end);

/** The property key of a member expression, as an argument. */
export const keyOf = (
  text: Pick<TextWriter, "argument" | "module">,
  node: ts.PropertyAccessExpression | ts.ElementAccessExpression,
): Rope =>
  TS.isPropertyAccessExpression(node)
    ? memberKey(startOf(node.name, text.module.sourceFile), node.name.end)
    : text.argument(node.argumentExpression);

const memberKey = (start: number, end: number): Rope => [{ type: "mark", at: start }, '"', slice(start, end), '"'];
