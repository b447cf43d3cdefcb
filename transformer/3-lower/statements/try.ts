/** `try` (ECMA-262 14.15). Handlers are static; a `finally` is a region with one slot for the completion that waits. */
import type { ts } from "@ts-morph/common";
import { namesOf } from "../../1-parse/binding-names.ts";
import type { Region } from "../../ir/ir.ts";
import { code } from "../../ir/rope.ts";
import type { Lowering } from "../lowering.ts";
import { bindFrom, capturesItself } from "../self-capture.ts";

/**
 *     try A catch (e) B finally C
 *
 *     [landing L] A: …, leave normal via F → E
 *     [landing T] L: e = sent, B: …, leave normal via F → E
 *                 T: finally = throw sent, jump F
 *                 F: C: …, endFinally;  E:
 */
export function lowerTry(lower: Lowering, node: ts.TryStatement): void {
  const { builder, targets } = lower;
  const after = builder.block(null);
  if (!node.finallyBlock) {
    guarded(lower, node, () => builder.jump(after));
    builder.place(after);
    return;
  }
  const region = builder.region(node, null);
  builder.within(region.landing, () => {
    targets.within({ type: "region", region }, () => {
      builder.place(builder.block(node.tryBlock));
      guarded(lower, node, () => builder.leave({ type: "normal", regions: [region], target: after }, null, "after"));
    });
  });
  placeFinally(lower, node.finallyBlock, region);
  builder.place(after);
}

function placeFinally(lower: Lowering, block: ts.Block, region: Region): void {
  const { builder } = lower;
  builder.place(region.landing);
  builder.assign(region.slot, code`{ type: "throw", value: ${lower.module.names.sent} }`);
  builder.jump(region.entry);
  builder.place(region.entry);
  lowerBlock(lower, block);
  builder.end({ type: "endFinally", region });
}

/** One block of three may suspend: another keeps its text when it declares something, whose variables are native then. */
function lowerBlock(lower: Lowering, block: ts.Block): void {
  const scope = lower.module.scopes.scopeOf(block);
  const declares = scope.node === block && scope.bindings.size > 0;
  if (declares && !lower.suspends(block)) lower.builder.evaluate(lower.writer.text(block));
  else lower.statements(block.statements, block);
}

/** The `try` block and its `catch`; `done` ends each when it completes normally. */
function guarded(lower: Lowering, node: ts.TryStatement, done: () => void): void {
  const { builder } = lower;
  const clause = node.catchClause;
  if (!clause) {
    lowerBlock(lower, node.tryBlock);
    done();
    return;
  }
  const landing = builder.block(clause);
  landing.pinned = true;
  builder.within(landing, () => {
    builder.place(builder.block(node.tryBlock));
    lowerBlock(lower, node.tryBlock);
    done();
  });
  builder.place(landing);
  if (!lower.suspends(clause) && clause.variableDeclaration) {
    // A handler that does not suspend keeps its text, and its parameter is a native variable.
    const { name } = clause.variableDeclaration;
    const { sent } = lower.module.names;
    const bound = capturesItself(lower.writer, name)
      ? bindFrom(lower.writer, name, sent)
      : code`const ${lower.writer.text(name)} = ${sent};`;
    builder.evaluate(code`{ ${bound} ${lower.writer.text(clause.block)} }`);
  } else {
    if (clause.variableDeclaration) bindParameter(lower, clause.variableDeclaration.name);
    lowerBlock(lower, clause.block);
  }
  done();
}

function bindParameter(lower: Lowering, name: ts.BindingName): void {
  for (const one of namesOf(name)) {
    const binding = lower.module.scopes.resolve(one)!;
    if (lower.module.inCell(binding)) lower.makeUninitialized(binding);
  }
  lower.bind(name, lower.module.names.sent, true);
}
