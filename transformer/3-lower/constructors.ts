/**
 * Constructors. While a run is being loaded, one makes its instance with its private names and does nothing else: its parameter list too must evaluate
 * nothing of the user's then, and take no value apart, as there are none.
 */
import type { ts } from "@ts-morph/common";
import { TS } from "../1-parse/typescript.ts";
import { code, type Edit, type Rope } from "../ir/rope.ts";

type Parameters = ts.ConstructorDeclaration["parameters"];

export const constructorOf = (node: ts.ClassLikeDeclaration): ts.ConstructorDeclaration | undefined =>
  node.members.find(
    (member): member is ts.ConstructorDeclaration => TS.isConstructorDeclaration(member) && !!member.body,
  );

/**
 * Edits of the list: `x = now()` is `x = $.reviving() ? undefined : now()`, and a pattern has an empty list to take apart, which has the form of an object
 * too. The parts of a pattern in turn.
 */
export function guardedParameters(runtime: string, parameters: Parameters): Edit[] {
  const edits: Edit[] = [];
  const insert = (at: number, text: string): void => void edits.push({ start: at, end: at, with: text });
  const guard = (node: ts.ParameterDeclaration | ts.BindingElement): void => {
    const isPattern = !TS.isIdentifier(node.name);
    const nothing = `${runtime}.reviving() ? ${isPattern ? "[]" : "undefined"} : `;
    if (node.initializer) insert(node.initializer.getStart(), nothing);
    else if (isPattern && !node.dotDotDotToken) insert(node.end, ` = ${nothing}undefined`);
    if (TS.isIdentifier(node.name)) return;
    for (const element of node.name.elements) {
      if (!TS.isBindingElement(element)) continue;
      const key = element.propertyName;
      if (key && TS.isComputedPropertyName(key)) insert(key.expression.getStart(), `${runtime}.reviving() ? "" : `);
      guard(element);
    }
  };
  for (const parameter of parameters) guard(parameter);
  return edits;
}

/** What the class has as its `length` where a pattern with an empty list would lower it (ECMA-262 15.1.5, ExpectedArgumentCount). */
export function loweredLength(node: ts.ClassLikeDeclaration): number | undefined {
  const parameters = constructorOf(node)?.parameters ?? [];
  const end = parameters.findIndex((one) => one.initializer || one.dotDotDotToken);
  const counted = end < 0 ? parameters : parameters.slice(0, end);
  return counted.some(({ name }) => !TS.isIdentifier(name)) ? counted.length : undefined;
}

/** `constructor(readonly id: string)`: the parameters that are properties. */
const propertiesOf = (node: ts.Node): ts.Identifier[] =>
  TS.isConstructorDeclaration(node)
    ? node.parameters
        .filter((one) => TS.isParameterPropertyDeclaration(one, node))
        .map(({ name }) => name as ts.Identifier)
    : [];

/**
 * The properties of a list that is written anew, as plain parameters: TypeScript sees none there. `this.id = id;` stands where TypeScript puts it, behind the
 * call of `super` or first, to which `read` gives the text of a parameter.
 */
export function parameterProperties(
  node: ts.Node,
  read: (name: ts.Identifier) => Rope,
): { first: Rope; edits: Edit[] } {
  const assigned = propertiesOf(node).map((name) => code` this.${name.text} = ${read(name)};`);
  const called = (node as ts.ConstructorDeclaration).body?.statements?.find(isSuperCall);
  if (assigned.length === 0 || !called) return { first: assigned, edits: [] };
  return { first: "", edits: [{ start: called.end, end: called.end, with: assigned }] };
}

const isSuperCall = (node: ts.Statement): boolean =>
  TS.isExpressionStatement(node) &&
  TS.isCallExpression(node.expression) &&
  node.expression.expression.kind === TS.SyntaxKind.SuperKeyword;
