/** May an argument be a function, and whose? Ordinary callbacks are wrapped, durable ones guarded (`$m.callNow`). */
import type { ts } from "@ts-morph/common";
import { TS } from "../../1-parse/typescript.ts";
import type { FileTypes } from "../../types/questions.ts";
import type { BuiltIns } from "./built-ins.ts";
import type { Names } from "./names.ts";
import { inner, isInlineFunction } from "./syntax.ts";

/** `own`: made by durable code, or a pure built-in. `maybe`: may be an ordinary function. */
export type Callback = "no" | "own" | "maybe";

export interface Callbacks {
  of(node: ts.Expression): Callback;
  /** The strongest of several. */
  among(nodes: readonly ts.Expression[]): Callback;
}

const join = (a: Callback, b: Callback): Callback => (a === "maybe" || b === "maybe" ? "maybe" : a === "own" ? a : b);

export function analyzeCallbacks(names: Names, builtIns: BuiltIns, types: FileTypes | undefined): Callbacks {
  const of = (node: ts.Expression): Callback => {
    const at = inner(node);
    const K = TS.SyntaxKind;
    if (isInlineFunction(at) || TS.isClassExpression(at)) return "own";
    if (TS.isSpreadElement(at)) return "maybe";
    if (types?.callable(at) === "no") return "no";
    if (TS.isIdentifier(at)) {
      if (names.durableFunction(at) || names.platform(at) || builtIns.pure(at)) return "own";
      if (at.text === "undefined") return "no";
      const binding = names.scopes.resolve(at);
      if (binding?.kind === "catch") return "no";
      const value = binding && names.constant(binding);
      return value && value !== node && !TS.isIdentifier(inner(value)) ? of(value) : "maybe";
    }
    if (TS.isPropertyAccessExpression(at)) {
      if (at.name.text === "length") return "no";
      return names.durableFunction(at) || builtIns.callee(at) ? "own" : "maybe";
    }
    if (TS.isCallExpression(at)) {
      // Built-ins give data, but for `bind` and the elements of collections.
      if (names.durableFunction(at)) return "own";
      return builtIns.pure(at.expression) && names.global(at.expression)?.[0] !== "Reflect" ? "no" : "maybe";
    }
    if (TS.isConditionalExpression(at)) return join(of(at.whenTrue), of(at.whenFalse));
    if (TS.isBinaryExpression(at)) {
      const { kind } = at.operatorToken;
      if (kind === K.CommaToken || kind === K.EqualsToken) return of(at.right);
      if (kind === K.BarBarToken || kind === K.AmpersandAmpersandToken || kind === K.QuestionQuestionToken)
        return join(of(at.left), of(at.right));
      return "no";
    }
    return at.kind === K.AwaitExpression || at.kind === K.ElementAccessExpression ? "maybe" : "no";
  };
  const among = (nodes: readonly ts.Expression[]): Callback => {
    let answer: Callback = "no";
    for (const node of nodes) {
      answer = join(answer, of(node));
      if (answer === "maybe") break;
    }
    return answer;
  };
  return { of, among };
}
