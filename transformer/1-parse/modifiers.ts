/** Modifiers of declarations, and their decorators. */
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

const NONE: readonly ts.Decorator[] = [];

export const decoratorsOf = (node: ts.Node): readonly ts.Decorator[] =>
  (TS.canHaveDecorators(node) && TS.getDecorators(node)) || NONE;

/** `Injectable` of `@Injectable({ … })`. */
export const decoratorName = ({ expression }: ts.Decorator): string =>
  (TS.isCallExpression(expression) ? expression.expression : expression).getText();

/** Where the text of a declaration begins after its decorators. Not every keyword that may stand there is a node. */
export function afterDecorators(node: ts.Node): number {
  const last = decoratorsOf(node).at(-1);
  if (last === undefined) return node.getStart();
  const space = /(?:\s|\/\*[\s\S]*?\*\/|\/\/.*)*/y;
  space.lastIndex = last.end;
  space.test(node.getSourceFile().text);
  return space.lastIndex;
}
