/**
 * Objects that a module makes of its own classes and literals when it is loaded: `const service = new Service(new Repository())`. Every run of the process calls
 * the methods of the same ones, so what a method writes to `this` is state that runs share.
 */
import type { ts } from "@ts-morph/common";
import { isStatic } from "../1-parse/modifiers.ts";
import { TS } from "../1-parse/typescript.ts";
import type { Binding, Scopes } from "./bindings.ts";
import { inner, isFunctionBoundary, outer } from "./calls/syntax.ts";
import { heritageOf } from "./class-parts.ts";
import { activationOf, belongsOutside } from "./suspension.ts";

/** What tells how such an object is made. */
export type ModuleObject = ts.ClassLikeDeclaration | ts.ObjectLiteralExpression;

/** A `this` in a method of such an object, and the binding that tells which object it is. */
export interface SharedThis {
  readonly node: ts.Expression;
  readonly owner: ModuleObject;
  readonly binding: Binding;
}

/** Bindings of the module, and the inner names of its classes, which mean the same objects (ECMA-262 15.7.14). */
export function moduleBindings(scopes: Scopes): readonly Binding[] {
  const found = [...scopes.root.bindings.values()];
  for (const { name, declarations } of found.filter(({ kind }) => kind === "class")) {
    const own = scopes.scopeOf(declarations[0]!.parent).bindings.get(name);
    if (own && !found.includes(own)) found.push(own);
  }
  return found;
}

/** In the order of the text. */
export function sharedThis(scopes: Scopes): readonly SharedThis[] {
  const found: SharedThis[] = [];
  const seen = new Set<ts.Node>();
  const add = (owner: ModuleObject, binding: Binding, members: readonly ts.Node[]): void => {
    for (const node of members.flatMap(thisIn)) found.push({ node: node as ts.Expression, owner, binding });
  };
  const look = (owner: ModuleObject, binding: Binding): void => {
    if (seen.has(owner)) return;
    seen.add(owner);
    add(
      owner,
      binding,
      membersOf(owner).filter((member) => !isOfClass(member)),
    );
    const base = TS.isObjectLiteralExpression(owner) ? undefined : heritageOf(owner);
    const of = base && classOf(base, scopes);
    if (of) look(of, binding);
  };
  for (const binding of moduleBindings(scopes)) {
    const literal = initializer(binding);
    if (literal && TS.isObjectLiteralExpression(literal)) look(literal, binding);
    const owner = binding.declarations[0]!.parent;
    if (!TS.isClassDeclaration(owner)) continue;
    // The class is one of these objects itself.
    if (binding.scope === scopes.root) add(owner, binding, owner.members.filter(isOfClass));
    const made = binding.references.find(({ node }) => isMadeAtLoad(node));
    if (made) look(owner, holderOf(made.node, scopes) ?? binding);
  }
  return found.sort((a, b) => a.node.pos - b.node.pos);
}

/** Is this evaluated once, with the module: at its top level, or in a static part of a class there? */
export function isEvaluatedAtLoad(node: ts.Node): boolean {
  const at = activationOf(node);
  if (TS.isSourceFile(at)) return true;
  const isOfTheClass = TS.isClassStaticBlockDeclaration(at) || (TS.isPropertyDeclaration(at) && isStatic(at));
  return isOfTheClass && isEvaluatedAtLoad(at);
}

const membersOf = (owner: ModuleObject): readonly ts.Node[] =>
  TS.isObjectLiteralExpression(owner) ? owner.properties : owner.members;

/** What `this.seen` holds first, where its object is declared. */
export function valueOf(member: ts.Expression, owner: ModuleObject): ts.Expression | undefined {
  if (!TS.isPropertyAccessExpression(member)) return undefined;
  for (const one of membersOf(owner)) {
    if (!TS.isPropertyDeclaration(one) && !TS.isPropertyAssignment(one)) continue;
    const { name, initializer: value } = one;
    if ((TS.isIdentifier(name) || TS.isPrivateIdentifier(name)) && name.text === member.name.text)
      return value && inner(value);
  }
  return undefined;
}

/** What a variable is declared with, or a parameter has by default. */
export const initializer = (binding: Binding): ts.Expression | undefined => {
  const { parent } = binding.declarations[0]!;
  return (TS.isVariableDeclaration(parent) || TS.isParameter(parent)) && parent.initializer
    ? inner(parent.initializer)
    : undefined;
};

const isOfClass = (member: ts.Node): boolean => TS.isClassElement(member) && isStatic(member);

/** `new Service(…)` at the top level. */
const isMadeAtLoad = (node: ts.Identifier): boolean => {
  const { parent } = outer(node);
  return TS.isNewExpression(parent) && inner(parent.expression) === node && isEvaluatedAtLoad(parent);
};

/** The variable of the module that holds what is made here, or what is made with it. */
function holderOf(node: ts.Node, scopes: Scopes): Binding | undefined {
  let at = node;
  while (!TS.isStatement(at) && !TS.isVariableDeclaration(at)) at = at.parent;
  return TS.isVariableDeclaration(at) && TS.isIdentifier(at.name) ? scopes.root.bindings.get(at.name.text) : undefined;
}

const classOf = (heritage: ts.Expression, scopes: Scopes): ts.ClassLikeDeclaration | undefined => {
  const node = inner(heritage);
  const owner = TS.isIdentifier(node) ? scopes.resolve(node)?.declarations[0]?.parent : undefined;
  return owner && TS.isClassLike(owner) ? owner : undefined;
};

/** Where a method of the object says `this`; what makes the object says it, too, and is no method. */
function thisIn(member: ts.Node): readonly ts.Node[] {
  if (TS.isConstructorDeclaration(member)) return [];
  const found: ts.Node[] = [];
  const visit = (node: ts.Node, isCalled: boolean): void => {
    if (node.kind === TS.SyntaxKind.ThisKeyword) {
      if (isCalled) found.push(node);
      return;
    }
    TS.forEachChild(node, (child) => {
      if (isFunctionBoundary(child) && !TS.isArrowFunction(child) && !belongsOutside(child, node)) {
        // A function of a property is called on the object; any other has a `this` of its own.
        if (node === member && TS.isFunctionExpression(child)) visit(child, true);
        return;
      }
      visit(child, isCalled || TS.isArrowFunction(child));
    });
  };
  visit(member, TS.isMethodDeclaration(member) || TS.isAccessor(member));
  return found;
}
