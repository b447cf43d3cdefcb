/**
 * `for await` over an iterator of ordinary code, whose body waits for nothing. Its position cannot be saved, but nothing has to be saved while it runs: the whole
 * loop is one step.
 */
import type { ts } from "@ts-morph/common";
import { contains } from "../../1-parse/tree.ts";
import { TS } from "../../1-parse/typescript.ts";
import { clientsOf } from "./clients.ts";
import { makersOf } from "./makers.ts";
import { type StepFacts, type WholeStep, wholeStep } from "./statements.ts";

export function loopStep(loop: ts.ForOfStatement, facts: StepFacts): WholeStep | undefined {
  if (!loop.awaitModifier) return undefined;
  let statement: ts.Statement = loop;
  while (TS.isLabeledStatement(statement.parent)) statement = statement.parent;
  const made = makersOf(loop, statement, facts);
  if (!made) return undefined;
  /** What is evaluated before the first item may wait for ordinary code. */
  const mayWait = (node: ts.Node): boolean =>
    node === loop || contains(loop.expression, node) || made.some((one) => contains(one, node));
  const all = [...made, statement];
  const step = wholeStep("loop", [...clientsOf(all, facts), ...all], mayWait, facts);
  return step && step.given.length === 0 ? step : undefined;
}
