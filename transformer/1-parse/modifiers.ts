/** Modifiers of declarations. */
import type { ts } from "@ts-morph/common";
import { TS } from "./typescript.ts";

/** Has the declaration this modifier? The compiler's own answer is a list made for each question. */
export function hasModifier(node: ts.Node, kind: ts.ModifierSyntaxKind): boolean {
  if (!TS.canHaveModifiers(node)) return false;
  const { modifiers } = node;
  if (modifiers === undefined) return false;
  for (let at = 0; at < modifiers.length; at++) if (modifiers[at]!.kind === kind) return true;
  return false;
}

/** Is this a static member of a class? */
export const isStatic = (node: ts.Node): boolean => hasModifier(node, TS.SyntaxKind.StaticKeyword);
