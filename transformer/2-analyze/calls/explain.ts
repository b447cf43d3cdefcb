/**
 * Every call of the durable code in words, for `--explain` and the manifest: what it is, by which row of the call table,
 * and why. Those that are part of another call's step are told too, so that no call of the text is missing.
 */
import type { ts } from "@ts-morph/common";
import { TS } from "../../1-parse/typescript.ts";
import type { CallKind } from "../../options.ts";
import type { ExplainedCall } from "./classes.ts";
import { OPERATION_MAKING, TIMER_MAKING } from "./platform.ts";
import { calleeOf, inner, isCallNode, shortText } from "./syntax.ts";
import type { Facts, Verdict } from "./verdicts.ts";

type Entries = ReadonlyMap<ts.Node, { readonly verdict: Verdict; readonly row: string }>;

/** Calls that run at once, whatever they yield. */
const AT_ONCE = new Set(["ordinary", "ordinary-with-function", "no-promise", "thenable-made"]);

/** Functions of `perdure` that run their callback as a step. */
const STEPS: ReadonlySet<string> = new Set(["step", "transaction"]);

/** In source order. @param volatile functions whose body runs inside a step */
export function explainCalls(
  regions: readonly ts.Node[],
  entries: Entries,
  volatile: ReadonlySet<ts.Node>,
  facts: Facts,
): ExplainedCall[] {
  const { names, types } = facts;

  const kindOf = (node: ts.Node, verdict: Verdict, row: string): CallKind => {
    if (verdict.type === "made" || verdict.type === "deferred" || verdict.type === "telling") return "kept";
    if (verdict.type === "step" || verdict.type === "import") return "step";
    if (!isCallNode(node)) return "turn";
    const callee = inner(calleeOf(node));
    if (row === "durable") return "turn";
    if (row === "tail") return "unknown";
    if (verdict.type === "call" || verdict.type === "construct")
      return types?.declaredDurable(callee) ? "durable" : "step";
    const perdure = row === "perdure" ? names.imported(callee)?.name : undefined;
    if (perdure !== undefined && OPERATION_MAKING.has(perdure)) return STEPS.has(perdure) ? "step" : "operation";
    const timer = row === "platform" && (TIMER_MAKING.has(names.platform(callee) ?? "") || isTimeout(callee));
    if (timer) return "operation";
    if (!AT_ONCE.has(row)) return "turn";
    return isOpen(node) ? "unknown" : "now";
  };
  const isTimeout = (callee: ts.Expression): boolean => names.global(callee)?.join(".") === "AbortSignal.timeout";
  /** It may yield a promise, as far as anybody knows. What `new` makes is none. */
  const isOpen = (node: ts.Expression): boolean => {
    const type = types?.awaitType(node) ?? "unknown";
    return !TS.isNewExpression(node) && (type === "unknown" || type === "maybe-promise");
  };
  const adviceFor = (node: ts.Expression): string =>
    types?.awaitType(node) === "maybe-promise"
      ? `its type ${types.print(node)} may be a promise: await it here, and it is a step`
      : types
        ? "if it yields a promise, await it here, or give it a type that says so; else nothing is to be done"
        : "if it yields a promise, await it here; else nothing is to be done. With a tsconfig.json that covers this file its type would be known";

  const found: ExplainedCall[] = [];
  const visit = (node: ts.Node, whole: ts.Node | undefined): void => {
    if (TS.isTypeNode(node) && !TS.isExpressionWithTypeArguments(node)) return;
    const entry = entries.get(node);
    if (entry) {
      const { verdict, row } = entry;
      const kind = kindOf(node, verdict, row);
      const advice = kind === "unknown" ? { advice: adviceFor(node as ts.Expression) } : {};
      const why = kind === "durable" ? `${verdict.why}; its callee is declared in durable code` : verdict.why;
      found.push({ node, kind, row, why, ...advice });
    } else if (isCallNode(node) && whole) {
      const why = volatile.has(whole)
        ? "runs inside a step: nothing here is saved on the way"
        : `belongs to ${shortText(whole)}, and is evaluated with it`;
      found.push({ node, kind: "part", row: volatile.has(whole) ? "volatile" : "operand", why });
    }
    const own = volatile.has(node) ? node : (entry && node) || whole;
    TS.forEachChild(node, (child) => visit(child, own));
  };
  for (const region of regions) TS.forEachChild(region, (child) => visit(child, undefined));
  return found.sort((a, b) => a.node.getStart() - b.node.getStart() || b.node.end - a.node.end);
}
