/** Classes of the file, and their methods, as far as the text alone tells which ones are meant. */
import type { ts } from "@ts-morph/common";
import { TS } from "../../1-parse/typescript.ts";
import { heritageOf } from "../class-parts.ts";
import type { Names } from "./names.ts";
import { inner } from "./syntax.ts";

/** The class of this file of which an expression is certainly an instance: `new Queue()`, or a `const` or a field that holds one. */
export function ownClassOf(object: ts.Expression, names: Names): ts.ClassLikeDeclaration | undefined {
  const at = inner(object);
  if (TS.isNewExpression(at)) {
    const maker = inner(at.expression);
    const binding = TS.isIdentifier(maker) ? names.scopes.resolve(maker) : undefined;
    return binding?.declarations.map(({ parent }) => parent).find(TS.isClassLike);
  }
  if (TS.isIdentifier(at)) {
    const binding = names.scopes.resolve(at);
    const value = binding && names.constant(binding);
    return value && ownClassOf(value, names);
  }
  if (!TS.isPropertyAccessExpression(at) || at.expression.kind !== TS.SyntaxKind.ThisKeyword) return undefined;
  const field = TS.findAncestor(at, TS.isClassLike)?.members.find(
    (member): member is ts.PropertyDeclaration =>
      TS.isPropertyDeclaration(member) && member.name.getText() === at.name.text && member.initializer !== undefined,
  );
  return field && ownClassOf(field.initializer!, names);
}

/** The method of this file that `this.m` or `queue.m` certainly is, if no class of another file overrides it, and the class that has it. */
export function ownMethod(
  callee: ts.Expression,
  names: Names,
): { method: ts.MethodDeclaration; owner: ts.ClassLikeDeclaration } | undefined {
  if (!TS.isPropertyAccessExpression(callee)) return undefined;
  const isThis = callee.expression.kind === TS.SyntaxKind.ThisKeyword;
  let owner = isThis ? TS.findAncestor(callee, TS.isClassLike) : ownClassOf(callee.expression, names);
  while (owner) {
    const method = owner.members.filter(TS.isMethodDeclaration).find(({ name }) => name.getText() === callee.name.text);
    if (method) return { method, owner };
    const base = heritageOf(owner);
    const made: ts.Node | undefined = base && names.localFunction(inner(base));
    owner = made && TS.isClassLike(made) ? made : undefined;
  }
  return undefined;
}
