/** `for`, `while` and `do` whose head or body suspends. */
import type { ts } from "@ts-morph/common";
import { namesOf } from "../../1-parse/binding-names.ts";
import { TS } from "../../1-parse/typescript.ts";
import { disposalOf } from "../../2-analyze/disposal.ts";
import { code, type Rope } from "../../ir/rope.ts";
import type { Lowering } from "../lowering.ts";
import { labelsOf } from "../targets.ts";
import { lowerDeclarations } from "./declarations.ts";
import { disposing } from "./using.ts";

/**
 *     init;  T: branch test → B else E;  B: body;  N: copy cells, update, jump T;  E:
 */
export function lowerFor(lower: Lowering, node: ts.ForStatement): void {
  const disposal = disposalOf(node.initializer);
  if (disposal) disposing(lower, node, disposal, () => lowerLoop(lower, node));
  else lowerLoop(lower, node);
}

function lowerLoop(lower: Lowering, node: ts.ForStatement): void {
  const { builder } = lower;
  const init = node.initializer;
  let copies: (() => void)[] = [];
  if (init && TS.isVariableDeclarationList(init)) {
    lower.openScope(node);
    lowerDeclarations(lower, init);
    copies = perIteration(lower, init);
    // Closures made by the head keep the variables of before the first iteration (ECMA-262 14.7.4.4).
    for (const copy of copies) copy();
  } else if (init) lower.effect(init);

  const test = builder.block(node.condition ?? node);
  const body = builder.block(node.statement);
  const next = builder.block(node.incrementor ?? node);
  const after = builder.block(null);
  builder.place(test);
  if (node.condition) {
    const condition = lower.expression(node.condition);
    builder.end({ type: "branch", cases: [{ test: condition, to: body }], otherwise: after });
  }
  builder.place(body);
  lower.targets.within({ type: "target", labels: labelsOf(node), breakTo: after, continueTo: next, bare: true }, () =>
    lower.statement(node.statement),
  );
  builder.place(next);
  for (const copy of copies) copy();
  if (node.incrementor) lower.effect(node.incrementor);
  builder.jump(test);
  builder.place(after);
}

/** For each captured `let` of the head: a fresh cell with the old value. */
function perIteration(lower: Lowering, list: ts.VariableDeclarationList): (() => void)[] {
  if ((list.flags & TS.NodeFlags.BlockScoped) !== TS.NodeFlags.Let) return [];
  return list.declarations
    .flatMap((declaration) => namesOf(declaration.name))
    .map((name) => lower.module.scopes.resolve(name)!)
    .filter((binding) => lower.module.inCell(binding))
    .map((binding) => () => {
      const slot = lower.slotOf(binding);
      const cell: Rope = { type: "slot", slot, access: "read" };
      lower.builder.assign(slot, code`${lower.module.names.runtime}.copy(${cell})`);
    });
}

/**
 *     T: branch test → B else E;  B: body, jump T;  E:
 */
export function lowerWhile(lower: Lowering, node: ts.WhileStatement): void {
  const { builder } = lower;
  const test = builder.block(node);
  const body = builder.block(node.statement);
  const after = builder.block(null);
  builder.place(test);
  const condition = lower.expression(node.expression);
  builder.end({ type: "branch", cases: [{ test: condition, to: body }], otherwise: after });
  builder.place(body);
  lower.targets.within({ type: "target", labels: labelsOf(node), breakTo: after, continueTo: test, bare: true }, () =>
    lower.statement(node.statement),
  );
  builder.jump(test);
  builder.place(after);
}

/**
 *     B: body;  T: branch test → B else E;  E:
 */
export function lowerDo(lower: Lowering, node: ts.DoStatement): void {
  const { builder } = lower;
  const body = builder.block(node.statement);
  const test = builder.block(node.expression);
  const after = builder.block(null);
  builder.place(body);
  lower.targets.within({ type: "target", labels: labelsOf(node), breakTo: after, continueTo: test, bare: true }, () =>
    lower.statement(node.statement),
  );
  builder.place(test);
  const condition = lower.expression(node.expression);
  builder.end({ type: "branch", cases: [{ test: condition, to: body }], otherwise: after });
  builder.place(after);
}
