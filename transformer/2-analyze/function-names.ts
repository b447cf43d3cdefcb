/** How messages call a function: `settle`, `Order.pay`, `settle's callback of map`. */
import type { ts } from "@ts-morph/common";
import { TS } from "../1-parse/typescript.ts";

const nameOf = (name: ts.PropertyName | ts.BindingName | undefined): string | undefined =>
  name &&
  (TS.isIdentifier(name) || TS.isPrivateIdentifier(name) || TS.isStringLiteralLike(name) || TS.isNumericLiteral(name))
    ? name.text
    : undefined;

/** The own name of a function or class, or the one it gets from its place. */
function ownName(node: ts.Node): string | undefined {
  const name = nameOf((node as ts.FunctionDeclaration).name);
  if (name !== undefined) {
    const owner = TS.isClassElement(node) && TS.isClassLike(node.parent) ? ownName(node.parent) : undefined;
    return owner ? `${owner}.${name}` : name;
  }
  if (TS.isConstructorDeclaration(node)) return `the constructor of ${ownName(node.parent) ?? "a class"}`;
  const { parent } = node;
  if (TS.isVariableDeclaration(parent)) return nameOf(parent.name);
  if (TS.isPropertyAssignment(parent) || TS.isPropertyDeclaration(parent)) return nameOf(parent.name);
  return undefined;
}

/** The function around a node, for messages; anonymous ones are told by the named one around them. */
export function functionName(node: ts.Node): string {
  let anonymous = false;
  for (let at: ts.Node | undefined = node; at; at = at.parent) {
    if (!TS.isFunctionLike(at) && !TS.isPropertyDeclaration(at) && !TS.isClassStaticBlockDeclaration(at)) continue;
    const name = ownName(at);
    if (name !== undefined) return anonymous ? `a function in ${name}` : name;
    anonymous = true;
  }
  return anonymous ? "an anonymous function" : "the module";
}

/** The own name of a class or function, for messages. */
export const declaredName = (node: ts.Node): string => ownName(node) ?? "(anonymous)";
