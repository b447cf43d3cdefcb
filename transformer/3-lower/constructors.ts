/**
 * Constructors. While a run is being loaded, one makes its instance with its private names and does nothing else: its parameter list too must evaluate
 * nothing of the user's then, and take no value apart, as there are none.
 */
import type { ts } from "@ts-morph/common";
import { isStatic } from "../1-parse/modifiers.ts";
import { TS } from "../1-parse/typescript.ts";
import { usingKind } from "../2-analyze/disposal.ts";
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

/** How a constructor ends early while an instance is revived: what stands first in its body, edits of the rest, and values that are not evaluated then. */
export interface Revival {
  readonly first: readonly string[];
  readonly edits: readonly Edit[];
  readonly skipped?: ReadonlyMap<ts.Node, "undefined" | "[]">;
}

/**
 * `if ($.reviving()) { super(); return; }`. TypeScript's own emit for platforms without fields and private names puts their initializers behind the first call of `super`
 * that is a statement of the body, and nowhere else: there it is that call which stands for both, in files that it compiles.
 */
export function revivalOf(
  runtime: string,
  node: ts.ConstructorDeclaration,
  isDerived: boolean,
  late: LateSelf | null,
): Revival {
  if (!isDerived) return { first: [`if (${runtime}.reviving()) return;`], edits: [] };
  const shared = late?.constructing ? undefined : sharedCall(runtime, node, late);
  const first = late ? [`const ${late.cell} = ${runtime}.tdz("this");`] : [];
  if (shared) return { ...shared, first };
  return { first: [`if (${runtime}.reviving()) { super(); return; }`, ...first], edits: [] };
}

/** The cell of `this` that arrows before `super` share. `constructing`: fields of the class may call such an arrow, so `super` is called inside of `$.constructing`. */
export interface LateSelf {
  readonly cell: string;
  readonly constructing: boolean;
}

function sharedCall(runtime: string, node: ts.ConstructorDeclaration, late: LateSelf | null): Revival | undefined {
  const { statements } = node.body!;
  const at = statements.findIndex(isSuperCall);
  const hasFields = (node.parent as ts.ClassLikeDeclaration).members.some(
    (member) =>
      (TS.isPropertyDeclaration(member) || (member.name && TS.isPrivateIdentifier(member.name))) && !isStatic(member),
  );
  if (at < 0 || !hasFields || !/\.[cm]?tsx?$/.test(node.getSourceFile().fileName)) return undefined;
  const edits: Edit[] = [];
  const insert = (position: number, text: string): void =>
    void edits.push({ start: position, end: position, with: text });
  const skipped = new Map<ts.Node, "undefined" | "[]">();
  for (const statement of statements.slice(0, at)) {
    if (TS.isFunctionDeclaration(statement) || isDirective(statement)) continue;
    if (TS.isClassDeclaration(statement)) return undefined;
    if (TS.isVariableStatement(statement)) {
      if (usingKind(statement.declarationList) !== undefined) return undefined;
      for (const { name, initializer } of statement.declarationList.declarations)
        if (initializer) skipped.set(initializer, TS.isIdentifier(name) ? "undefined" : "[]");
        else if (!TS.isIdentifier(name)) return undefined;
      if (statement.declarationList.declarations.some(({ name }) => holdsExpressions(name))) return undefined;
    } else {
      insert(statement.getStart(), `if (!${runtime}.reviving()) { `);
      insert(statement.end, " }");
    }
  }
  const { expression } = statements[at] as ts.ExpressionStatement;
  const { arguments: given } = expression as ts.CallExpression;
  if (given.length > 0) {
    insert(given[0]!.getStart(), `...(${runtime}.reviving() ? [] : [`);
    insert(given.at(-1)!.end, "])");
  }
  // An edit of the call: it stays the statement that it is, and the cell is filled behind it.
  insert(given.pos, "");
  const filled = late ? ` ${late.cell}.init = this;` : "";
  insert(statements[at]!.end, ` if (${runtime}.reviving()) return;${filled}`);
  return { first: [], edits, skipped };
}

const isDirective = (node: ts.Statement): boolean =>
  TS.isExpressionStatement(node) && TS.isStringLiteral(node.expression);

/** Defaults and computed keys of a pattern, or parts of it that are patterns: an empty list has nothing for these. */
const holdsExpressions = (name: ts.BindingName): boolean =>
  !TS.isIdentifier(name) &&
  name.elements.some(
    (element) =>
      TS.isBindingElement(element) &&
      (element.initializer !== undefined ||
        !TS.isIdentifier(element.name) ||
        (element.propertyName !== undefined && TS.isComputedPropertyName(element.propertyName))),
  );

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
