/** `for-of` and `for-in` whose body or target suspends (ECMA-262 14.7.5). */
import type { ts } from "@ts-morph/common";
import { namesOf } from "../../1-parse/binding-names.ts";
import { TS } from "../../1-parse/typescript.ts";
import { disposalOf } from "../../2-analyze/disposal.ts";
import type { Block, Region } from "../../ir/ir.ts";
import { code, type Rope } from "../../ir/rope.ts";
import { forInOf } from "../declarations.ts";
import { usedValue } from "../disposables.ts";
import type { Lowering } from "../lowering.ts";
import { labelsOf, labelText } from "../targets.ts";
import { disposing } from "./using.ts";

/** Only the head suspends: the loop keeps its text. */
function headOnly(lower: Lowering, node: ts.ForInOrOfStatement): boolean {
  if (lower.suspends(node.initializer) || lower.suspends(node.statement)) return false;
  const value = lower.expression(node.expression);
  lower.keptHeads.add(node);
  const edits = [{ start: node.expression.getStart(), end: node.expression.end, with: value }];
  lower.builder.evaluate([labelText(node), forInOf(lower.writer, node, edits)!]);
  return true;
}

/** The head's variables are in their dead zone while its expression is evaluated (14.7.5.12). */
function head(lower: Lowering, node: ts.ForInOrOfStatement): Rope {
  if (TS.isVariableDeclarationList(node.initializer)) {
    for (const name of node.initializer.declarations.flatMap((one) => namesOf(one.name))) {
      const binding = lower.module.scopes.resolve(name)!;
      if (binding.kind !== "var" && lower.module.inCell(binding) && lower.module.mayBeEarly(binding))
        lower.makeUninitialized(binding);
    }
  }
  return lower.expression(node.expression);
}

/** Binds the item, in variables of this iteration alone. */
function bindItem(lower: Lowering, node: ts.ForInOrOfStatement, item: Rope): void {
  const target = node.initializer;
  if (!TS.isVariableDeclarationList(target)) {
    // The iterator is saved without what it gave last, so a target that suspends must not come in between.
    const isKept =
      lower.suspends(target) && !TS.isArrayLiteralExpression(target) && !TS.isObjectLiteralExpression(target);
    lower.bind(target, isKept ? lower.keep(item) : item, false);
    return;
  }
  const { name } = target.declarations[0]!;
  const isVar = (target.flags & TS.NodeFlags.BlockScoped) === 0;
  const value = usedValue(lower, target, item);
  const bindings = namesOf(name).map((one) => lower.module.scopes.resolve(one)!);
  const fresh = isVar ? [] : bindings.filter((binding) => lower.module.inCell(binding));
  if (TS.isIdentifier(name) && fresh.length > 0)
    lower.builder.assign(lower.slotOf(fresh[0]!), code`${lower.module.names.runtime}.cell(${value})`, name);
  else {
    for (const binding of fresh) lower.makeUninitialized(binding);
    lower.bind(name, value, true);
  }
}

/**
 *     of = iterate(v);  N: branch next(of) → B else E;  B: x = of.value, body, jump N
 *
 * The body is a region: leaving it closes the iterator, and an error closes it without hiding the error.
 */
export function lowerForOf(lower: Lowering, node: ts.ForOfStatement): void {
  if (node.awaitModifier) return lowerForAwait(lower, node);
  if (headOnly(lower, node)) return;
  const { builder } = lower;
  const { runtime, sent } = lower.module.names;
  const slot = builder.slot("of", null, true);
  const iterator: Rope = { type: "slot", slot, access: "read" };
  builder.assign(slot, code`${runtime}.iterate(${head(lower, node)})`);
  const region = builder.region(node, slot);
  const after = loop(lower, node, region, () => code`${runtime}.next(${iterator})`);
  builder.place(region.landing);
  builder.evaluate(code`${runtime}.closeQuietly(${iterator});`);
  builder.end({ type: "throw", value: sent });
  builder.place(region.entry);
  builder.evaluate(code`${runtime}.close(${iterator});`);
  builder.end({ type: "endFinally", region });
  builder.place(after);
}

/** Asks, and runs the body inside the region as long as the answer is yes; answers where the loop ends. */
function loop(lower: Lowering, node: ts.ForOfStatement, region: Region, ask: () => Rope): Block {
  const { builder, targets } = lower;
  const labels = labelsOf(node);
  const next = builder.block(node);
  const after = builder.block(null);
  builder.place(next);
  const test = ask();
  let body = builder.block(node.statement);
  builder.within(region.landing, () => {
    body = builder.block(node.statement);
  });
  builder.end({ type: "branch", cases: [{ test, to: body }], otherwise: after });
  builder.within(region.landing, () => {
    builder.place(body);
    targets.within({ type: "target", labels, breakTo: after, continueTo: null, bare: true }, () =>
      targets.within({ type: "region", region }, () =>
        targets.within({ type: "target", labels, breakTo: null, continueTo: next, bare: false }, () => {
          const once = (): void => {
            bindItem(lower, node, code`${{ type: "slot", slot: region.iterator!, access: "read" }}.value`);
            lower.statement(node.statement);
          };
          const disposal = disposalOf(node.initializer);
          if (disposal) disposing(lower, node, disposal, once);
          else once();
        }),
      ),
    );
    builder.jump(next);
  });
  return after;
}

/**
 *     of = iterateAsync(v);  N: await nextAsync(of) → R;  R: branch received(of, sent) → B else E;  B: x = of.value, body, jump N
 *
 * Leaving the body awaits what the iterator's `return()` gives (AsyncIteratorClose, 7.4.13). An error that is on its way wins over one of the closing.
 *
 *     [landing F] C: branch closeAsync(of) → A else D;  A: await of.value → closed(sent), jump D
 *                 F: closeFailed(completion, sent), jump D;  D: endFinally
 */
function lowerForAwait(lower: Lowering, node: ts.ForOfStatement): void {
  const { builder } = lower;
  const { runtime, sent } = lower.module.names;
  const slot = builder.slot("of", null, true);
  const iterator: Rope = { type: "slot", slot, access: "read" };
  builder.assign(slot, code`${runtime}.iterateAsync(${head(lower, node)})`);
  const failed = builder.block(node);
  failed.pinned = true;
  const region = builder.region(node, slot, failed);
  const after = loop(lower, node, region, () => {
    lower.suspendAs(
      lower.calledName(node.expression) ?? "next",
      node.expression,
      code`${runtime}.nextAsync(${iterator})`,
    );
    return code`${runtime}.received(${iterator}, ${sent})`;
  });
  const closed = builder.block(node);
  builder.place(region.landing);
  builder.assign(region.slot, code`{ type: "throw", value: ${sent} }`);
  builder.jump(region.entry);
  builder.within(failed, () => {
    builder.place(region.entry);
    const asks = builder.block(node);
    builder.end({
      type: "branch",
      cases: [{ test: code`${runtime}.closeAsync(${iterator})`, to: asks }],
      otherwise: closed,
    });
    builder.place(asks);
    lower.suspendAs("close", node, code`${iterator}.value`);
    builder.evaluate(code`${runtime}.closed(${sent});`);
    builder.jump(closed);
  });
  builder.place(failed);
  builder.evaluate(code`${runtime}.closeFailed(${{ type: "slot", slot: region.slot, access: "read" }}, ${sent});`);
  builder.jump(closed);
  builder.place(closed);
  builder.end({ type: "endFinally", region });
  builder.place(after);
}

/**
 *     in = enumerate(v);  N: branch next(in) → B else E;  B: k = in.value, body, jump N
 */
export function lowerForIn(lower: Lowering, node: ts.ForInStatement): void {
  if (headOnly(lower, node)) return;
  const { builder } = lower;
  const { runtime } = lower.module.names;
  const slot = builder.slot("in", null, true);
  const keys: Rope = { type: "slot", slot, access: "read" };
  builder.assign(slot, code`${runtime}.enumerate(${head(lower, node)})`);
  const next = builder.block(node);
  const body = builder.block(node.statement);
  const after = builder.block(null);
  builder.place(next);
  builder.end({ type: "branch", cases: [{ test: code`${runtime}.next(${keys})`, to: body }], otherwise: after });
  builder.place(body);
  lower.targets.within({ type: "target", labels: labelsOf(node), breakTo: after, continueTo: next, bare: true }, () => {
    bindItem(lower, node, code`${keys}.value`);
    lower.statement(node.statement);
  });
  builder.jump(next);
  builder.place(after);
}
