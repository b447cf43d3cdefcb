/** Suspension points: which nodes contain an `await` or `yield` of their own function. Everything else keeps its text. */
import type { ts } from "@ts-morph/common";
import { NodeTable, type Tree } from "../1-parse/tree.ts";
import { TS } from "../1-parse/typescript.ts";
import { isAsync, isFunctionBoundary, isGenerator } from "./calls/syntax.ts";

export interface Suspension {
  /** Is there an `await` or `yield` in this node that suspends the function the node stands in? */
  suspends(node: ts.Node | undefined): boolean;
}

/** Is this child evaluated by the code around the function or field, not by its own? */
export const belongsOutside = (child: ts.Node, boundary: ts.Node): boolean =>
  TS.isDecorator(child) || (TS.isComputedPropertyName(child) && (boundary as ts.NamedDeclaration).name === child);

/** The function, field or static block whose activation evaluates a node; the source file at the top. */
export function activationOf(node: ts.Node): ts.Node {
  let child = node;
  let at = node.parent;
  while (at && !(isFunctionBoundary(at) && !belongsOutside(child, at))) {
    if (TS.isSourceFile(at)) return at;
    child = at;
    at = at.parent;
  }
  return at ?? node;
}

/** Asked about every node, so by its kind. */
function isSuspensionPoint(node: ts.Node, kind: ts.SyntaxKind): boolean {
  const K = TS.SyntaxKind;
  switch (kind) {
    case K.AwaitExpression:
    case K.YieldExpression:
      return true;
    case K.ReturnStatement:
      return (node as ts.ReturnStatement).expression !== undefined && awaitsReturns(activationOf(node));
    case K.ForOfStatement:
      return (node as ts.ForOfStatement).awaitModifier !== undefined;
    case K.VariableDeclarationList:
      return (node.flags & TS.NodeFlags.AwaitUsing) === TS.NodeFlags.AwaitUsing;
    default:
      return false;
  }
}

/** An async generator awaits what it returns where the `return` stands (ECMA-262 14.10.1). */
const awaitsReturns = (made: ts.Node): boolean => isGenerator(made) && isAsync(made);

export function findSuspension(tree: Tree): Suspension {
  const suspending = new NodeTable<true>(tree);
  const { nodes, kinds } = tree;
  for (let number = 0; number < nodes.length; number++) {
    const node = nodes[number]!;
    if (!isSuspensionPoint(node, kinds[number]!)) continue;
    let child = node;
    suspending.set(node, true);
    for (let at = node.parent; at && !suspending.get(at); at = at.parent) {
      if (isFunctionBoundary(at) && !belongsOutside(child, at)) break;
      suspending.set(at, true);
      child = at;
    }
  }
  return { suspends: (node) => node !== undefined && suspending.get(node) === true };
}
