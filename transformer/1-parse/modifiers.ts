/** Modifiers of declarations. */
import type { ts } from "@ts-morph/common";
import { TS } from "./typescript.ts";

/** Is this a static member of a class? */
export const isStatic = (node: ts.Node): boolean =>
  TS.canHaveModifiers(node) &&
  (TS.getModifiers(node)?.some(({ kind }) => kind === TS.SyntaxKind.StaticKeyword) ?? false);
