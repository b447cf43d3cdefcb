/**
 * Which nodes of a file are durable code. In a durable file that is what runs when a function is called or an instance made: the outermost
 * functions, methods and instance fields. Code of the module itself, static fields, static blocks and decorators
 * included, runs once when the module is loaded and is ordinary.
 */
import type { ts } from "@ts-morph/common";
import { decoratorsOf, isStatic } from "../1-parse/modifiers.ts";
import { numberOf, type Tree } from "../1-parse/tree.ts";
import { TS } from "../1-parse/typescript.ts";

/** Outermost durable code below the roots: functions with the directive are their own; a source file has its functions. */
export function durableCode(roots: readonly ts.Node[]): readonly ts.Node[] {
  const found: ts.Node[] = [];
  const outside = (node: ts.Node): void => {
    for (const decorator of decoratorsOf(node)) visit(decorator);
  };
  const visit = (node: ts.Node): void => {
    if (TS.isPropertyDeclaration(node) && node.initializer && !isStatic(node)) {
      outside(node);
      found.push(node);
    } else if (TS.isFunctionLike(node) && (node as ts.FunctionLikeDeclaration).body) {
      outside(node);
      for (const parameter of node.parameters) outside(parameter);
      found.push(node);
    } else if (!TS.isTypeNode(node) || TS.isExpressionWithTypeArguments(node)) TS.forEachChild(node, visit);
  };
  for (const root of roots) visit(root);
  return found;
}

/** Classes whose instances runs can hold: those of durable code, and those of a durable file's module level. */
export function durableClasses(tree: Tree, roots: readonly ts.Node[]): readonly ts.ClassLikeDeclaration[] {
  const { ClassDeclaration, ClassExpression } = TS.SyntaxKind;
  const found: ts.ClassLikeDeclaration[] = [];
  for (const root of roots) {
    const end = tree.ends[numberOf(root)]!;
    for (let at = numberOf(root); at < end; at++) {
      const kind = tree.kinds[at];
      if (kind === ClassDeclaration || kind === ClassExpression) found.push(tree.nodes[at] as ts.ClassLikeDeclaration);
    }
  }
  return found;
}
