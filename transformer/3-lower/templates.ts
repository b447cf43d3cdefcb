/**
 * Tagged templates. The strings object is one per site and lives as long as the module (ECMA-262 13.2.8.4): a run may keep it and meet it again
 * after a crash. So it is made at module level, by a native tagged template of the same strings, and saved by a name made of its text.
 */
import { createHash } from "node:crypto";
import type { ts } from "@ts-morph/common";
import { TS } from "../1-parse/typescript.ts";
import { withPlainEnds } from "../ir/line-ends.ts";
import { code, type Edit, join, patch, type Rope } from "../ir/rope.ts";
import type { ModuleContext, TextWriter } from "./context.ts";
import { superMember } from "./super.ts";

export const spansOf = ({ template }: ts.TaggedTemplateExpression): readonly ts.TemplateSpan[] =>
  TS.isTemplateExpression(template) ? template.templateSpans : [];

/** The constant that holds the strings of a site. */
export function templateStrings(module: ModuleContext, node: ts.TaggedTemplateExpression): string {
  const known = module.templates.get(node);
  if (known !== undefined) return known;
  const { template } = node;
  const source = module.sourceFile.text;
  const holes: Edit[] = spansOf(node).map(({ expression: { pos, end } }) => ({ start: pos, end, with: "0" }));
  const made = patch(source, template.getStart(), template.end, holes);
  const text = TS.isTemplateExpression(template)
    ? [template.head, ...template.templateSpans.map(({ literal }) => literal)].map((part) => part.getText()).join("0")
    : template.getText();
  // Sites of the same strings are told apart by their order.
  const hash = createHash("sha256").update(withPlainEnds(text)).digest("hex").slice(0, 8);
  const twins = [...module.templates.keys()].filter((one) => module.templateHashes.get(one) === hash).length;
  module.templateHashes.set(node, hash);
  const name = module.unique("strings");
  module.templates.set(node, name);
  const saved = twins === 0 ? hash : `${hash}$${twins + 1}`;
  module.define(name, code`${module.names.module}.template("${saved}", ((strings) => strings)${made})`, null);
  return name;
}

/** A tagged template that keeps its place in the text, as the call that it is. `String.raw` lets go of its strings. */
export function taggedText(text: TextWriter, node: ts.Node): Rope | undefined {
  if (!TS.isTaggedTemplateExpression(node) || text.around.volatile || text.around.path === "") return undefined;
  if (node.tag.getText() === "String.raw") return undefined;
  const strings = templateStrings(text.module, node);
  const values = spansOf(node).map(({ expression }) => text.argument(expression));
  const isSuper = superMember(node.tag) !== undefined && text.around.home !== null;
  const args = join([...(isSuper ? [text.self()] : []), strings, ...values], ", ");
  const call = code`${text.text(node.tag)}${isSuper ? ".call" : ""}(${args})`;
  // `new tag`…`` constructs what the tag gives.
  return TS.isNewExpression(node.parent) && node.parent.expression === node ? code`(${call})` : call;
}
