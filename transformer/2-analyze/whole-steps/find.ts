/** The statements of a file that the compiler makes one step: loops over ordinary iterators, and what reads an answer that is alive. */
import type { ts } from "@ts-morph/common";
import type { Tree } from "../../1-parse/tree.ts";
import { TS } from "../../1-parse/typescript.ts";
import type { FileTypes } from "../../types/questions.ts";
import type { Scopes } from "../bindings.ts";
import type { CallTable } from "../calls/classes.ts";
import { enclosingFunction } from "../calls/syntax.ts";
import { stepCalls } from "./calls.ts";
import { liveValueStep } from "./live-values.ts";
import { loopStep } from "./loops.ts";
import type { StepFacts, WholeStep } from "./statements.ts";

/** In source order; they do not overlap. */
export function wholeSteps(tree: Tree, scopes: Scopes, calls: CallTable, types: FileTypes): WholeStep[] {
  const found: WholeStep[] = [];
  if (!TS.isExternalModule(tree.sourceFile)) return found;
  const { AwaitExpression, ForOfStatement } = TS.SyntaxKind;
  let facts: StepFacts | undefined;
  let end = 0;
  for (let at = 0; at < tree.kinds.length; at++) {
    const kind = tree.kinds[at];
    if (kind !== AwaitExpression && kind !== ForOfStatement) continue;
    const node = tree.nodes[at] as ts.AwaitExpression | ts.ForOfStatement;
    if (node.pos < end || !isOfARun(node, calls)) continue;
    facts ??= { tree, scopes, calls, types, stepCalls: stepCalls(tree, calls, types) };
    const step = TS.isAwaitExpression(node)
      ? liveValueStep(node, facts)
      : node.awaitModifier
        ? loopStep(node, facts)
        : undefined;
    if (!step || step.statements[0]!.pos < end) continue;
    found.push(step);
    end = step.statements.at(-1)!.end;
  }
  return found;
}

/** In durable code, and in no step of it already. */
function isOfARun(node: ts.Node, { names, volatile }: CallTable): boolean {
  if (!TS.isFunctionLike(enclosingFunction(node)) || !names.inDurableCode(node)) return false;
  for (let at: ts.Node | undefined = node; at; at = at.parent) if (volatile.has(at)) return false;
  return true;
}
