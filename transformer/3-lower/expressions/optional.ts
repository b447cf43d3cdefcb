/** Optional chains with an await inside: one short circuit for the whole chain (ECMA-262 13.3.9). */
import type { ts } from "@ts-morph/common";
import { TS } from "../../1-parse/typescript.ts";
import { inner } from "../../2-analyze/calls/syntax.ts";
import { isPrivateMethod } from "../../2-analyze/functions.ts";
import type { Block } from "../../ir/ir.ts";
import { code, type Rope, slice } from "../../ir/rope.ts";
import { keyOf } from "../identifiers.ts";
import type { Lowering } from "../lowering.ts";
import { superMember } from "../super.ts";
import { lowerCallee } from "./call.ts";
import { spreadingOperands } from "./operands.ts";

type Link = ts.PropertyAccessExpression | ts.ElementAccessExpression | ts.CallExpression | ts.NonNullExpression;

const isLink = (node: ts.Node): node is Link =>
  TS.isPropertyAccessExpression(node) ||
  TS.isElementAccessExpression(node) ||
  TS.isCallExpression(node) ||
  TS.isNonNullExpression(node);

/**
 *     a?.b(await c)   →   t = a;  branch t == null → N;  … u = t.b(sent);  jump E;  N: u = undefined;  E: u
 *
 * With `deletes`, the last link is deleted instead of read, and a short circuit gives `true`.
 */
export function lowerOptionalChain(lower: Lowering, node: ts.Expression, deletes = false): Rope {
  const { builder } = lower;
  const result = lower.temporary();
  const nothing = builder.block(node);
  const after = builder.block(node);
  builder.assign(result, chain(lower, node as Link, nothing, deletes));
  builder.jump(after);
  builder.place(nothing);
  builder.assign(result, deletes ? "true" : "undefined");
  builder.place(after);
  return { type: "slot", slot: result, access: "read" };
}

/** Leaves the chain when the value is `null` or `undefined`. */
function guard(lower: Lowering, value: Rope, nothing: Block): Rope {
  const kept = lower.keep(value);
  const on = lower.builder.block(null);
  lower.builder.end({ type: "branch", cases: [{ test: code`${kept} == null`, to: nothing }], otherwise: on });
  lower.builder.place(on);
  return kept;
}

/** The value of a part of the chain; parts that are no links of it are ordinary expressions. */
function part(lower: Lowering, node: ts.Expression, nothing: Block): Rope {
  const isInner =
    isLink(node) && (TS.isOptionalChain(node) || (TS.isNonNullExpression(node) && TS.isOptionalChain(node.expression)));
  return isInner ? chain(lower, node as Link, nothing, false) : lower.expression(node);
}

const nameOf = (node: ts.PropertyAccessExpression): Rope => slice(node.name.getStart(), node.name.end);

function chain(lower: Lowering, node: Link, nothing: Block, deletes: boolean): Rope {
  const verb = deletes ? "delete " : "";
  if (TS.isNonNullExpression(node)) return part(lower, node.expression, nothing);
  if (TS.isPropertyAccessExpression(node) || TS.isElementAccessExpression(node)) {
    let object = part(lower, node.expression, nothing);
    if (node.questionDotToken) object = guard(lower, object, nothing);
    if (TS.isPropertyAccessExpression(node)) return code`${verb}${object}.${nameOf(node)}`;
    if (lower.suspends(node.argumentExpression)) object = lower.keep(object);
    return code`${verb}${object}[${lower.expression(node.argumentExpression)}]`;
  }
  return callLink(lower, node, nothing);
}

/** A call in the chain: its receiver is the link before. */
function callLink(lower: Lowering, node: ts.CallExpression, nothing: Block): Rope {
  const { runtime, module: handle } = lower.module.names;
  const cls = lower.module.calls.classOf(node);
  const callee = inner(node.expression) as ts.Expression;
  const args = (): Rope => {
    const list = spreadingOperands(lower, node.arguments);
    return code`[${list.flatMap((rope, i): Rope[] => (i === 0 ? [rope] : [", ", rope]))}]`;
  };
  const site = String(lower.module.site(node));
  const wrap = (value: Rope): Rope => (cls ? code`${handle}.now(${site}, ${value})` : value);
  if (
    (TS.isPropertyAccessExpression(callee) || TS.isElementAccessExpression(callee)) &&
    callee.expression.kind !== TS.SyntaxKind.SuperKeyword
  ) {
    let object = part(lower, callee.expression, nothing);
    if (callee.questionDotToken) object = guard(lower, object, nothing);
    let key: Rope;
    if (TS.isElementAccessExpression(callee)) {
      if (lower.suspends(callee.argumentExpression)) object = lower.keep(object);
      key = lower.expression(callee.argumentExpression);
    } else if (TS.isPrivateIdentifier(callee.name)) {
      const receiver = lower.keep(object);
      const read = code`${receiver}.${nameOf(callee)}`;
      // A method is the same whenever it is read, and could not be saved.
      const isMethod = isPrivateMethod(callee);
      if (isMethod) lower.builder.evaluate(code`${read};`);
      const fn = isMethod ? read : lower.keep(read);
      if (node.questionDotToken && !isMethod) guard(lower, fn, nothing);
      return wrap(code`${fn}.call(${receiver}, ...${args()})`);
    } else key = keyOf(lower.writer, callee);
    const member = lower.keep(code`${runtime}.member(${object}, ${key})`);
    if (node.questionDotToken) guard(lower, code`${member}.fn`, nothing);
    if (cls?.type === "call") return code`${handle}.invoke(${site}, ${member}, ${args()})`;
    return cls?.type === "callNow"
      ? code`${handle}.invokeNow(${site}, ${member}, ${args()}${cls.promised ? ", true" : ""})`
      : wrap(code`${runtime}.invoke(${member}, ${args()})`);
  }
  if (node.questionDotToken) {
    const fn = guard(lower, part(lower, callee, nothing), nothing);
    if (superMember(callee)) {
      const self = lower.writer.self();
      return cls?.type === "call"
        ? code`${handle}.method(${site}, ${fn}, "call", [${self}, ...${args()}])`
        : wrap(code`${fn}.call(${self}, ...${args()})`);
    }
    return cls?.type === "call"
      ? code`${handle}.call(${site}, ${fn}, ${args()})`
      : wrap(code`(0, ${fn})(...${args()})`);
  }
  const kept = lowerCallee(
    lower,
    callee,
    node.arguments.some((arg) => lower.suspends(arg)),
  );
  return kept.call(node, spreadingOperands(lower, node.arguments), cls);
}
