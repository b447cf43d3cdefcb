/** Binding patterns as assignment patterns: `const { a, k: [b] = d }` becomes `{ a: f.a, k: [f.b] = d }`. */
import type { ts } from "@ts-morph/common";
import { TS } from "../1-parse/typescript.ts";
import type { Binding } from "../2-analyze/bindings.ts";
import { code, join, type Rope, slice } from "../ir/rope.ts";
import type { TextWriter } from "./context.ts";

/** The declared variable as a target of its first assignment. */
export function declaredTarget(text: TextWriter, name: ts.Identifier, binding: Binding | undefined): Rope {
  const origin = slice(name.getStart(), name.end);
  if (!binding) return origin;
  const slot = text.around.frame?.slotOf(binding);
  if (!text.inCell(binding)) return slot ? { type: "slot", slot, access: "write", origin } : origin;
  const cell: Rope = slot ? { type: "slot", slot, access: "read", origin } : [origin, text.module.names.cell];
  return [cell, isHoisted(binding) ? ".v" : ".init"];
}

/** Exists from the start of its scope, with a value: assigning it is no initialization. */
export const isHoisted = (binding: Binding): boolean => binding.kind === "var" || binding.kind === "function";

/** Is there a variable already when a declaration of it is reached? A `var` may name a parameter, of a handler too. */
export const isThere = (binding: Binding): boolean =>
  isHoisted(binding) || binding.kind === "parameter" || (binding.kind === "catch" && binding.declarations.length > 1);

/** The pattern with `target` in place of its names. */
export function assignmentPattern(text: TextWriter, name: ts.BindingName, target: (name: ts.Identifier) => Rope): Rope {
  if (TS.isIdentifier(name)) return target(name);
  if (TS.isArrayBindingPattern(name)) {
    const elements = name.elements.map((one) => (TS.isBindingElement(one) ? element(text, one, target) : ""));
    // A hole at the end needs its own comma.
    const last = name.elements[name.elements.length - 1];
    return code`[${join(elements, ", ")}${last && TS.isOmittedExpression(last) ? "," : ""}]`;
  }
  const properties = name.elements.map((one) => {
    if (one.dotDotDotToken) return element(text, one, target);
    const key = one.propertyName ?? one.name;
    const keyText = TS.isComputedPropertyName(key) ? text.kept(key) : slice(key.getStart(), key.end);
    return code`${keyText}: ${element(text, one, target)}`;
  });
  return properties.length === 0 ? "{}" : code`{ ${join(properties, ", ")} }`;
}

function element(text: TextWriter, node: ts.BindingElement, target: (name: ts.Identifier) => Rope): Rope {
  const inner = assignmentPattern(text, node.name, target);
  const init = node.initializer ? code` = ${text.argument(node.initializer)}` : "";
  return code`${node.dotDotDotToken ? "..." : ""}${inner}${init}`;
}
