/** Which identifiers and property accesses of durable code name a platform function with a durable form. */
import type { ts } from "@ts-morph/common";
import { NodeTable, numberOf, type Tree } from "../../1-parse/tree.ts";
import { TS } from "../../1-parse/typescript.ts";
import { isProcess, type Names } from "./names.ts";
import { GLOBAL_OBJECTS } from "./platform.ts";
import { inner } from "./syntax.ts";

/** Called by durable code, it is the expression of a step, and knows that step. */
export const FETCH = "fetch";

/** Node to the name under which `perdure/emitted` exports the durable form. Volatile functions keep the platform's. */
export function analyzePlatformNames(
  tree: Tree,
  names: Names,
  regions: readonly ts.Node[],
  volatile: ReadonlySet<ts.Node>,
): NodeTable<string> {
  const found = new NodeTable<string>(tree);
  const {
    LastToken,
    Identifier,
    ExpressionWithTypeArguments,
    InterfaceDeclaration,
    TypeAliasDeclaration,
    CallExpression,
  } = TS.SyntaxKind;
  /** Of identifiers, only globals and imports have a durable form. */
  const isNamed = (node: ts.Identifier): boolean => {
    const binding = names.scopes.resolve(node);
    return binding === undefined || binding.kind === "import";
  };

  /** Looks at one node; answers whether what is inside it is looked at too. */
  const goesOn = (node: ts.Node, kind: ts.SyntaxKind): boolean => {
    if (volatile.size > 0 && volatile.has(node)) return false;
    if (kind <= LastToken) {
      if (kind === Identifier && isNamed(node as ts.Identifier) && isValue(node as ts.Identifier))
        name(node as ts.Identifier);
      return false;
    }
    if (kind === ExpressionWithTypeArguments) return true;
    if (TS.isTypeNode(node) || kind === InterfaceDeclaration || kind === TypeAliasDeclaration) return false;
    if (kind === CallExpression && isFetch((node as ts.CallExpression).expression))
      found.set(inner((node as ts.CallExpression).expression), FETCH);
    if (
      (TS.isPropertyAccessExpression(node) || TS.isElementAccessExpression(node)) &&
      mayNamePlatform(node.expression)
    ) {
      // `globalThis.setTimeout`, `process.nextTick`: the whole access; `Promise.all`: its root.
      const path = names.global(node);
      const isWhole =
        path?.length === 1 || (path?.length === 2 && path[0] === "process") || (!path && names.imported(node));
      if (found.get(node)) return false;
      if (isWhole && !isNamespaceOfDurableModule(node) && name(node)) return false;
    }
    return true;
  };

  /** As a callee alone: elsewhere the function is the platform's, which has a name. */
  const isFetch = (callee: ts.Expression): boolean => {
    const path = names.global(callee);
    return path?.length === 1 && path[0] === FETCH;
  };

  /** The global object or `process`, the only ones whose members are renamed. */
  const mayNamePlatform = (node: ts.Expression): boolean => {
    const object = inner(node);
    if (TS.isPropertyAccessExpression(object)) return mayNamePlatform(object.expression);
    if (!TS.isIdentifier(object)) return false;
    return GLOBAL_OBJECTS.has(object.text) || object.text === "process" || names.imported(object) !== undefined;
  };

  const name = (node: ts.Expression): boolean => {
    const platform = isNamespaceOfDurableModule(node) ? undefined : names.platform(node);
    if (platform) found.set(node, platform);
    return platform !== undefined;
  };

  /** Names imported from `node:timers` need nothing: the specifier is replaced. */
  const isNamespaceOfDurableModule = (node: ts.Expression): boolean => {
    const from = names.imported(node);
    return from !== undefined && !isProcess(from.module);
  };

  for (const region of regions) {
    const end = tree.ends[numberOf(region)]!;
    for (let at = numberOf(region); at < end; ) at = goesOn(tree.nodes[at]!, tree.kinds[at]!) ? at + 1 : tree.ends[at]!;
  }
  return found;
}

/** An identifier that stands for a value, not for a property, a label or a declaration. */
function isValue(node: ts.Identifier): boolean {
  const { parent } = node;
  if (TS.isPropertyAccessExpression(parent)) return parent.expression === node;
  if (TS.isShorthandPropertyAssignment(parent)) return true;
  if (TS.isBindingElement(parent)) return parent.initializer === node;
  if (TS.isMetaProperty(parent) || TS.isJsxAttribute(parent) || TS.isLabeledStatement(parent)) return false;
  if (TS.isBreakOrContinueStatement(parent)) return false;
  const { name } = parent as { name?: ts.Node };
  return name !== node;
}
