/** The statements of a file that the compiler makes one step: loops over ordinary iterators, and what reads an answer that is alive. */
import type { ts } from "@ts-morph/common";
import { contains, type Tree } from "../../1-parse/tree.ts";
import { TS } from "../../1-parse/typescript.ts";
import type { FileTypes } from "../../types/questions.ts";
import type { Scopes } from "../bindings.ts";
import type { CallTable } from "../calls/classes.ts";
import { enclosingFunction, isWithin } from "../calls/syntax.ts";
import { stepCalls } from "./calls.ts";
import { liveValueStep } from "./live-values.ts";
import { loopStep } from "./loops.ts";
import type { StepFacts, WholeStep } from "./statements.ts";

/** In source order; they do not overlap. */
export function wholeSteps(tree: Tree, scopes: Scopes, calls: CallTable, types: FileTypes): WholeStep[] {
  if (!TS.isExternalModule(tree.sourceFile)) return [];
  const { AwaitExpression, ForOfStatement } = TS.SyntaxKind;
  const found: WholeStep[] = [];
  let facts: StepFacts | undefined;
  const look = <Kind extends ts.Node>(
    kind: ts.SyntaxKind,
    ask: (node: Kind, facts: StepFacts) => WholeStep | undefined,
  ): void => {
    for (let at = 0; at < tree.kinds.length; at++) {
      if (tree.kinds[at] !== kind) continue;
      const node = tree.nodes[at] as Kind;
      if (found.some(({ statements }) => statements.some((one) => contains(one, node))) || !isOfARun(node, calls))
        continue;
      facts ??= { tree, scopes, calls, types, stepCalls: stepCalls(tree, calls, types) };
      const step = ask(node, facts);
      if (step && !found.some((other) => overlap(step, other))) found.push(step);
    }
  };
  // A loop may read what is alive: the larger step first.
  look<ts.AwaitExpression>(AwaitExpression, liveValueStep);
  look<ts.ForOfStatement>(ForOfStatement, loopStep);
  return found.sort((a, b) => a.statements[0]!.pos - b.statements[0]!.pos);
}

const overlap = (a: WholeStep, b: WholeStep): boolean =>
  a.statements[0]!.pos < b.statements.at(-1)!.end && b.statements[0]!.pos < a.statements.at(-1)!.end;

/** In durable code, and in no step of it already. */
function isOfARun(node: ts.Node, { names, volatile }: CallTable): boolean {
  return TS.isFunctionLike(enclosingFunction(node)) && names.inDurableCode(node) && !isWithin(node, volatile);
}
