/**
 * `using` in text: its declarations, and scopes that keep their text. No host before Node 24 parses `using`, so it is lowered even
 * where nothing suspends:
 *
 *     { using a = open(); … }   →   { const using1 = $.disposables(); try { const a = $.use(using1, open()); … }
 *                                     catch (error) { using1.fail(error); } finally { $m.disposed(0, using1); } }
 */
import type { ts } from "@ts-morph/common";
import { type Disposal, disposingScope, usingKind } from "../2-analyze/disposal.ts";
import { code, type Rope } from "../ir/rope.ts";
import type { TextWriter } from "./context.ts";

/** The value of a declaration, as its variable gets it: a resource of its scope, if it is one of `using`. */
export function usedValue(text: Pick<TextWriter, "module">, list: ts.VariableDeclarationList, value: Rope): Rope {
  const kind = usingKind(list);
  const scope = kind && disposingScope(list);
  const stack = scope && text.module.disposables.get(scope);
  if (!stack) return value;
  return code`${text.module.names.runtime}.${kind === "async" ? "useAsync" : "use"}(${stack}, ${value})`;
}

/** Is this declaration lowered? One of the module keeps its text, and so do those in the callbacks of steps. */
export const isUsed = (text: TextWriter, list: ts.VariableDeclarationList): boolean =>
  !text.around.volatile && usingKind(list) !== undefined && disposingScope(list) !== undefined;

/** What stands before and after the kept text of a scope. Its declarations are to be written between the two calls. */
export function disposalText(
  text: TextWriter,
  scope: ts.Node,
  { list }: Disposal,
): { readonly before: Rope; readonly after: Rope } {
  const { module } = text;
  const { runtime, module: handle } = module.names;
  const stack = module.unique("disposables");
  const error = module.unique("error");
  module.disposables.set(scope, stack);
  return {
    before: `const ${stack} = ${runtime}.disposables(); try {`,
    after: `} catch (${error}) { ${stack}.fail(${error}); } finally { ${handle}.disposed(${module.site(list)}, ${stack}); }`,
  };
}
