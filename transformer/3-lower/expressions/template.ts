/** Template literals: each part is converted when it is evaluated (ECMA-262 13.2.8.6), not at the end. */
import type { ts } from "@ts-morph/common";
import { TS } from "../../1-parse/typescript.ts";
import type { CallClass } from "../../2-analyze/calls/classes.ts";
import { code, type Edit, type Rope } from "../../ir/rope.ts";
import type { Lowering } from "../lowering.ts";
import { spansOf, templateStrings } from "../templates.ts";
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

/** A tag with awaits in its parts: a call. */
export function lowerTagged(lower: Lowering, node: ts.TaggedTemplateExpression, cls: CallClass | undefined): Rope {
  const { module } = lower;
  const name = templateStrings(module, node);
  const callee = lowerCallee(lower, node.tag, true);
  const parts = lower.operands(spansOf(node).map((span) => span.expression));
  return callee.call(node, [name, ...parts], cls);
}
