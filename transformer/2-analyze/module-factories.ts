/**
 * Functions that a module calls when it is loaded: `const counter = createCounter()`. What they return is one for all runs of the process, and so are the
 * variables that its functions have closed over.
 */
import type { ts } from "@ts-morph/common";
import { TS } from "../1-parse/typescript.ts";
import type { Binding, Reference, Scopes } from "./bindings.ts";
import { callOf, inner, isInlineFunction, outer } from "./calls/syntax.ts";
import { initializer, isEvaluatedAtLoad } from "./module-objects.ts";
import { activationOf } from "./suspension.ts";

/** Where functions that such a call makes and leaves behind use its variables. */
export function sharedVariables(scopes: Scopes): readonly Reference[] {
  const loaded = calledAtLoad(scopes);
  const found: Reference[] = [];
  for (const factory of loaded) {
    const visit = (node: ts.Node): void => {
      const reference = TS.isIdentifier(node) ? scopes.reference(node) : undefined;
      if (reference?.binding?.scope.functionNode === factory && isLeftBehind(reference.node, factory))
        found.push(reference);
      TS.forEachChild(node, visit);
    };
    TS.forEachChild(factory, visit);
  }
  return found;
}

/** Functions of the module whose calls stand at its top level, or in the code of such a function itself. */
function calledAtLoad(scopes: Scopes): ReadonlySet<ts.Node> {
  const loaded = new Set<ts.Node>();
  const bindings = [...scopes.root.bindings.values()];
  for (const binding of bindings) {
    const value = initializer(binding);
    const callee = value && TS.isCallExpression(value) ? inner(value.expression) : undefined;
    if (callee && isInlineFunction(callee)) loaded.add(callee);
  }
  const functions = new Map<Binding, ts.Node>();
  for (const binding of bindings) {
    const fn = functionOf(binding);
    if (fn) functions.set(binding, fn);
  }
  for (let before = -1; before < loaded.size; ) {
    before = loaded.size;
    for (const [{ references }, fn] of functions) {
      const isLoaded = references.some(
        ({ node }) => callOf(node) && (isEvaluatedAtLoad(node) || loaded.has(activationOf(node))),
      );
      if (isLoaded) loaded.add(fn);
    }
  }
  return loaded;
}

function functionOf(binding: Binding): ts.Node | undefined {
  const { parent } = binding.declarations[0]!;
  if (binding.kind === "function") return parent;
  const value = binding.kind === "const" ? initializer(binding) : undefined;
  return value && isInlineFunction(value) ? value : undefined;
}

/** Is it in a function that the factory makes, not in one that it gives to a method while it runs: `rows.forEach((row) => …)`? */
function isLeftBehind(node: ts.Node, factory: ts.Node): boolean {
  let fn = activationOf(node);
  if (fn === factory) return false;
  for (let around = activationOf(fn); around !== factory; around = activationOf(fn)) fn = around;
  return !(isInlineFunction(fn) && TS.isCallExpression(outer(fn).parent));
}
