/** Object literals that keep their text: methods and accessors are lifted like functions. */
import type { ts } from "@ts-morph/common";
import { TS } from "../1-parse/typescript.ts";
import type { Edit, Rope } from "../ir/rope.ts";
import { code, slice } from "../ir/rope.ts";
import type { TextWriter } from "./context.ts";

/** The literal with its methods as `key: closure`, and its accessors defined on the result in the same places. */
export function objectLiteral(
  text: TextWriter,
  node: ts.ObjectLiteralExpression,
  extra: readonly Edit[] = [],
): Rope | undefined {
  if (text.around.volatile) return undefined;
  const edits: Edit[] = [...extra];
  const accessors = new Map<string, { key: Rope; get?: Rope; set?: Rope }>();
  for (const property of node.properties) {
    if (TS.isMethodDeclaration(property)) edits.push(methodEdit(text, property));
    else if (TS.isGetAccessor(property) || TS.isSetAccessor(property)) {
      if (TS.isComputedPropertyName(property.name)) {
        text.module.report("PD1103", property, {});
        continue;
      }
      const name = property.name.getText();
      const first = !accessors.has(name);
      const entry = accessors.get(name) ?? {
        key: TS.isIdentifier(property.name) ? JSON.stringify(name) : slice(property.name.getStart(), property.name.end),
      };
      accessors.set(name, entry);
      entry[TS.isGetAccessor(property) ? "get" : "set"] = text.closure(property);
      // The second of a pair leaves no property of its own.
      const again = code`...null`;
      edits.push({
        start: property.getStart(),
        end: property.end,
        with: first ? code`${slice(property.name.getStart(), property.name.end)}: undefined` : again,
      });
    }
  }
  if (edits.length === 0) return undefined;
  let rope = text.kept(node, edits);
  for (const { key, get, set } of accessors.values())
    rope = code`${text.module.names.runtime}.accessor(${rope}, ${key}, ${get ?? "undefined"}, ${set ?? "undefined"})`;
  return rope;
}

/** `m(x) { … }` becomes `m: o$m(x$)`. */
function methodEdit(text: TextWriter, method: ts.MethodDeclaration): Edit {
  const key = TS.isComputedPropertyName(method.name)
    ? text.kept(method.name)
    : slice(method.name.getStart(), method.name.end);
  return { start: method.getStart(), end: method.end, with: code`${key}: ${text.closure(method)}` };
}
