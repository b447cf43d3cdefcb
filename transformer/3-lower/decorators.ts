/**
 * Decorators of a class of the module, and of its members and parameters, stay where they are. Each but those of parameters, which can only take note, is
 * watched while it decorates: `@logged` is `@$m.decorator(3, logged)`.
 */
import type { ts } from "@ts-morph/common";
import { afterDecorators, decoratorsOf } from "../1-parse/modifiers.ts";
import { code, type Edit, type Rope } from "../ir/rope.ts";
import type { TextWriter } from "./context.ts";

/** Edits of the decorators of a class or member. Their text is evaluated by the code around the class. */
export const decoratorEdits = (text: TextWriter, node: ts.Node): Edit[] =>
  decoratorsOf(node).map(({ expression }) => {
    const { names } = text.module;
    const watched = code`${names.module}.decorator(${String(text.module.site(expression))}, ${text.argument(expression)})`;
    return { start: expression.getStart(), end: expression.end, with: watched };
  });

/** The text of the decorators of a member that is written anew after them. */
export const decorators = (text: TextWriter, node: ts.Node): Rope =>
  decoratorsOf(node).length === 0
    ? ""
    : text.between(node.getStart(), afterDecorators(node), [], decoratorEdits(text, node));
