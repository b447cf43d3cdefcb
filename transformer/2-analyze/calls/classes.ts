/** What a call means (DESIGN section 4): the classes, as the analysis gives them to the lowering and emission. */
import type { ts } from "@ts-morph/common";
import type { Diagnostic } from "../../diagnostics/diagnostic.ts";

/** How an operand of a step is kept. Leaves are values of the turn. */
export type Operand =
  | { readonly kind: "leaf"; readonly node: ts.Expression }
  /** An ordinary `new`, call or property access: evaluated in the turn, kept as expression when it cannot be saved. */
  | { readonly kind: "made"; readonly node: ts.Expression; readonly operands: readonly Operand[] }
  /** Known to yield a promise or thenable: evaluated in the attempts only. */
  | { readonly kind: "deferred"; readonly node: ts.Expression; readonly operands: readonly Operand[] };

/**
 * Class of one node (`CallExpression`, `NewExpression`, `TaggedTemplateExpression`, or the awaited expression of a `step`).
 * Nodes without an entry keep their text: durable, pure or known not to yield a promise.
 */
export type CallClass =
  /** `$m.call` / `$m.method`: in promise position or of type `Promise`. Arguments may be made operands. */
  | { readonly type: "call"; readonly args: readonly Operand[]; readonly why: string }
  /** `$m.now(site, <text>)`: an ordinary call whose result nobody knows. */
  | { readonly type: "now"; readonly why: string }
  /** `$m.callNow` / `$m.methodNow`: the same, and an argument may be a function. `promised`: the callbacks' results are in promise position. */
  | { readonly type: "callNow"; readonly promised: boolean; readonly why: string }
  /** `$m.step(site, code, operands)`: the whole expression, lifted over its leaves. */
  | { readonly type: "step"; readonly operands: readonly Operand[]; readonly why: string };

export interface CallTable {
  classOf(node: ts.Node): CallClass | undefined;
  /** Global or imported platform name to rewrite at this identifier or property access: `Promise` becomes `$.Promise`. */
  platformOf(node: ts.Node): string | undefined;
  /** Module specifiers to replace: `node:timers/promises` by `perdure/timers-promises`. */
  readonly specifiers: ReadonlyMap<ts.StringLiteral, string>;
  /** For `--explain`: every call looked at, with its class in words. */
  readonly explained: readonly { readonly node: ts.Node; readonly class: string; readonly why: string }[];
  readonly diagnostics: readonly Diagnostic[];
}
