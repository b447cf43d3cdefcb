/** Object literals with an await in a key or value: keys and values are evaluated in turn, the object is made at the end. */
import type { ts } from "@ts-morph/common";
import { TS } from "../../1-parse/typescript.ts";
import { code, type Edit, type Rope } from "../../ir/rope.ts";
import { shorthandKey } from "../identifiers.ts";
import type { Lowering } from "../lowering.ts";
import { objectLiteral } from "../object-literals.ts";

/**
 * Nothing can see the object before it is complete, so making it late is not observable; getters of spread sources are
 * run in their turn, by spreading into an object of their own.
 */
export function lowerObject(lower: Lowering, node: ts.ObjectLiteralExpression): Rope {
  const last = node.properties.findLastIndex((property) => lower.suspends(property));
  const edits: Edit[] = [];
  node.properties.slice(0, last + 1).forEach((property, i) => {
    const valueSuspends = TS.isPropertyAssignment(property) && lower.suspends(property.initializer);
    if (property.name && TS.isComputedPropertyName(property.name)) {
      const key = lower.expression(property.name.expression);
      const mustKeep = i < last || valueSuspends;
      // ToPropertyKey happens before the value is evaluated (13.2.5.5).
      const { runtime } = lower.module.names;
      const isText = TS.isStringLiteralLike(property.name.expression);
      edits.push({
        start: property.name.expression.getStart(),
        end: property.name.expression.end,
        with: mustKeep && !isText ? lower.keep(code`${runtime}.key(${key})`) : key,
      });
    }
    if (TS.isPropertyAssignment(property)) {
      const value = lower.expression(property.initializer);
      edits.push({
        start: property.initializer.getStart(),
        end: property.initializer.end,
        with: i < last ? lower.keep(value, property.initializer) : value,
      });
    } else if (TS.isShorthandPropertyAssignment(property) && i < last) {
      const value = lower.writer.argument(property.name);
      edits.push({
        start: property.getStart(),
        end: property.end,
        with: code`${shorthandKey(property.name)}: ${lower.keep(value, property.name)}`,
      });
    } else if (TS.isSpreadAssignment(property)) {
      const value = lower.expression(property.expression);
      edits.push({
        start: property.expression.getStart(),
        end: property.expression.end,
        with: i < last ? lower.keep(code`{ ...${value} }`) : value,
      });
    }
  });
  return objectLiteral(lower.writer, node, edits) ?? lower.writer.textWith(node, edits);
}
