/** Template literals: each part is converted when it is evaluated (ECMA-262 13.2.8.6), not at the end. */
import type { ts } from "@ts-morph/common";
import { TS } from "../../1-parse/typescript.ts";
import type { CallClass } from "../../2-analyze/calls/classes.ts";
import { code, type Edit, patch, type Rope } from "../../ir/rope.ts";
import type { Lowering } from "../lowering.ts";
import { lowerCallee } from "./call.ts";

export function lowerTemplate(lower: Lowering, node: ts.TemplateExpression): Rope {
  const parts = node.templateSpans.map((span) => span.expression);
  const last = parts.findLastIndex((part) => lower.suspends(part));
  const edits: Edit[] = parts.slice(0, last + 1).map((part, i) => {
    const value = lower.expression(part);
    const rope = i < last && !TS.isStringLiteralLike(part) ? lower.keep(code`\`\${${value}}\``) : value;
    return { start: part.getStart(), end: part.end, with: rope };
  });
  return lower.writer.textWith(node, edits);
}

/**
 * A tag with awaits in its parts. The strings object is one per site and lives as long as the module (13.2.8.4), so it
 * is made once, at module level, by a native tagged template of the same strings.
 */
export function lowerTagged(lower: Lowering, node: ts.TaggedTemplateExpression, cls: CallClass | undefined): Rope {
  const { module } = lower;
  const { template } = node;
  const spans = TS.isTemplateExpression(template) ? template.templateSpans : [];
  const holes: Edit[] = spans.map(({ expression }) => ({
    start: expression.getStart(),
    end: expression.end,
    with: "0",
  }));
  const name = module.unique("strings");
  const strings = code`((strings) => strings)${patch(module.sourceFile.text, template.getStart(), template.end, holes)}`;
  module.define(name, code`${module.names.module}.template("${name}", ${strings})`, null);
  const callee = lowerCallee(lower, node.tag, true);
  const parts = lower.operands(spans.map((span) => span.expression));
  return callee.call(node, [name, ...parts], cls);
}
