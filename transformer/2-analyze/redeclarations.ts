/**
 * Names that one scope declares twice (ECMA-262 14.2.1, 14.12.1, 14.15.1, 15.2.1, 16.2.1.1). Of two variables of a scope the table makes one, so
 * nothing behind it can tell. Enums, namespaces and imports are TypeScript's to judge: some of them merge.
 */
import type { ts } from "@ts-morph/common";
import { TS } from "../1-parse/typescript.ts";
import type { Binding, Scope, Scopes } from "./bindings.ts";
import type { EarlyError } from "./early-error.ts";

/** `var`s and the functions of a function's own level may be declared as often as one likes, and beside its parameters. */
type Declared = "var" | "lexical" | "parameter" | "catch" | "other";

/** The first name that is declared twice in the scope that a node opens. */
export function redeclaration(node: ts.Node, scopes: Scopes): EarlyError | undefined {
  const scope = scopes.scopeOf(node);
  if (scope.node !== node) return undefined;
  for (const binding of scope.bindings.values()) {
    const place = second(binding, scopes);
    if (place) return { place, problem: `${binding.name} is declared twice`, mend: "give one of the two another name" };
  }
  return undefined;
}

function second(binding: Binding, scopes: Scopes): ts.Identifier | undefined {
  const [first, ...others] = binding.declarations;
  if (first === undefined) return undefined;
  const declared = declaredAs(first);
  if (declared === "lexical" && isDeclaredByHead(binding)) return first;
  if (declared === "var" && passesLexical(first, binding, scopes)) return first;
  return others.find((other) => {
    const as = declaredAs(other);
    return !mayBoth(declared, as) || (as === "var" && passesLexical(other, binding, scopes));
  });
}

/** May a name of one scope be declared in both ways? */
function mayBoth(one: Declared, other: Declared): boolean {
  if (one === "other" || other === "other") return true;
  if (one === "lexical" || other === "lexical") return false;
  return one === "var" || other === "var";
}

function declaredAs(name: ts.Identifier): Declared {
  let at: ts.Node = name.parent;
  while (TS.isBindingElement(at) || TS.isObjectBindingPattern(at) || TS.isArrayBindingPattern(at)) at = at.parent;
  if (TS.isParameter(at)) return "parameter";
  if (TS.isVariableDeclaration(at)) {
    if (TS.isCatchClause(at.parent)) return "catch";
    return (at.parent.flags & TS.NodeFlags.BlockScoped) === 0 ? "var" : "lexical";
  }
  if (TS.isClassDeclaration(at)) return "lexical";
  if (TS.isFunctionDeclaration(at)) return isOfFunction(at.parent) ? "var" : "lexical";
  return "other";
}

/** Is this the body of a function, or of a static block? */
const isOfFunction = (node: ts.Node): boolean =>
  TS.isBlock(node) && (TS.isFunctionLike(node.parent) || TS.isClassStaticBlockDeclaration(node.parent));

/** A name of a body that is one of the parameters' or of the handler's, where those have a scope of their own. */
function isDeclaredByHead({ name, scope: { node, parent } }: Binding): boolean {
  const isBody = TS.isBlock(node) && (TS.isFunctionLike(node.parent) || TS.isCatchClause(node.parent));
  const kind = isBody ? parent?.bindings.get(name)?.kind : undefined;
  return kind === "parameter" || kind === "catch";
}

/** Does a `var` pass, on its way to its function, a block that declares its name, or a handler whose pattern does (ECMA-262 B.3.4)? */
function passesLexical(place: ts.Identifier, { name, scope: home }: Binding, scopes: Scopes): boolean {
  for (let at: Scope | null = scopes.scopeOf(place); at; at = at.parent) {
    const [first] = (at === home ? undefined : at.bindings.get(name)?.declarations) ?? [];
    const as = first && declaredAs(first);
    if (as === "lexical" || (as === "catch" && TS.isBindingElement(first!.parent))) return true;
    if (at === home) return false;
  }
  return false;
}
