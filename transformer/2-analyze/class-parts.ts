/** What of a class stands outside of it when it is made: its heritage and its computed keys. */
import type { ts } from "@ts-morph/common";
import { decoratorsOf } from "../1-parse/modifiers.ts";
import { TS } from "../1-parse/typescript.ts";
import type { Binding } from "./bindings.ts";
import { isModuleLevel } from "./scopes.ts";
import { activationOf } from "./suspension.ts";

export const heritageOf = (node: ts.ClassLikeDeclaration): ts.Expression | undefined =>
  node.heritageClauses?.find((clause) => clause.token === TS.SyntaxKind.ExtendsKeyword)?.types[0]?.expression;

/** What a class definition evaluates around it, in order: its heritage and computed keys (ECMA-262 15.7.14). */
export function outsideParts(node: ts.ClassLikeDeclaration): ts.Expression[] {
  const heritage = heritageOf(node);
  const keys = node.members.flatMap((member) =>
    member.name && TS.isComputedPropertyName(member.name) ? [member.name.expression] : [],
  );
  return heritage ? [heritage, ...keys] : keys;
}

/** Does this stand in the heritage or a computed key of the class? */
export const isOutsideClass = (node: ts.Node, owner: ts.Node): boolean =>
  TS.isClassLike(owner) && outsideParts(owner).some((part) => part.pos <= node.pos && node.end <= part.end);

/** Is this evaluated while the class of that name is not yet made (ECMA-262 15.7.14)? */
export const isBeforeClass = (node: ts.Node, owner: ts.Node): boolean =>
  isOutsideClass(node, owner) && activationOf(node) === activationOf(owner);

/**
 * Is this the class's own name, in a function (or `at` that function) which is made before the class? Such a function takes a cell, in its dead zone until
 * the class is made.
 */
export const isEarlyName = (binding: Binding, at: ts.Node): boolean =>
  binding.kind === "self-name" &&
  !isModuleLevel(binding) &&
  isOutsideClass(at, binding.scope.node) &&
  (TS.isFunctionLike(at) || TS.isClassLike(at) || !isBeforeClass(at, binding.scope.node));

/** The class in its static block. TypeScript's lowering for editions without these (before ES2022) has no `this` there when the class is decorated. */
export const selfOf = (node: ts.ClassLikeDeclaration): string =>
  node.name && decoratorsOf(node).length > 0 ? node.name.text : "this";
