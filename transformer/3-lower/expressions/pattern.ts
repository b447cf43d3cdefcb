/** Destructuring. A pattern without an await stays one native assignment; otherwise each element is bound in its turn. */
import type { ts } from "@ts-morph/common";
import { namesOf } from "../../1-parse/binding-names.ts";
import { TS } from "../../1-parse/typescript.ts";
import { inner } from "../../2-analyze/calls/syntax.ts";
import type { Slot } from "../../ir/ir.ts";
import { code, join, type Rope, slice } from "../../ir/rope.ts";
import type { Lowering } from "../lowering.ts";
import { assignmentPattern, declaredTarget, isThere } from "../patterns.ts";
import { lowerPlace } from "./assignment.ts";

/** One element, of a binding pattern or of an assignment pattern. */
interface Element {
  readonly target: ts.Node;
  readonly initializer: ts.Expression | undefined;
  readonly rest: boolean;
  /** For an object pattern. */
  readonly key: ts.PropertyName | null;
}

/** Binds `target` to `value`: declares its names when `declares`, else assigns. */
export function bindPattern(lower: Lowering, target: ts.Node, value: Rope, declares: boolean): void {
  if (declares && TS.isIdentifier(target)) {
    lower.initialize(target, value);
    return;
  }
  const node = declares ? target : inner(target as ts.Expression);
  if (declares) prepareCells(lower, node as ts.BindingPattern);
  bind(lower, node, value, declares);
}

/** Cells of the pattern's names, made before any of them is bound: its own closures may share them. */
function prepareCells(lower: Lowering, pattern: ts.BindingPattern): void {
  for (const name of namesOf(pattern)) {
    const binding = lower.module.scopes.resolve(name)!;
    if (lower.module.inCell(binding) && !isThere(binding) && !lower.module.mayBeEarly(binding))
      lower.makeUninitialized(binding);
  }
}

function bind(lower: Lowering, node: ts.Node, value: Rope, declares: boolean): void {
  if (!lower.suspends(node)) {
    const pattern = declares
      ? assignmentPattern(lower.writer, node as ts.BindingName, (name) =>
          declaredTarget(lower.writer, name, lower.module.scopes.resolve(name)),
        )
      : lower.writer.text(node);
    lower.builder.evaluate(code`(${pattern} = ${value});`, definedSlots(lower, node));
  } else if (TS.isObjectBindingPattern(node) || TS.isObjectLiteralExpression(node))
    bindObject(lower, node, value, declares);
  else if (TS.isArrayBindingPattern(node) || TS.isArrayLiteralExpression(node)) bindArray(lower, node, value, declares);
  else {
    const place = lowerPlace(lower, node as ts.Expression, false);
    lower.builder.evaluate(code`${place.constant ? place.constant : place.write(value)};`);
  }
}

/** The slots that a pattern assigns whenever it comes to its end. */
function definedSlots(lower: Lowering, node: ts.Node): Slot[] {
  const out: Slot[] = [];
  const define = (name: ts.Identifier): void => {
    const binding = lower.module.scopes.resolve(name);
    const slot = binding && !lower.module.inCell(binding) ? lower.writer.around.frame?.slotOf(binding) : undefined;
    if (slot) out.push(slot);
  };
  // A default is evaluated sometimes only: an assignment inside it is none of the pattern's.
  const targets = (child: ts.Node): void => {
    if (TS.isBindingElement(child)) targets(child.name);
    else if (TS.isBinaryExpression(child)) targets(child.left);
    else if (TS.isPropertyAssignment(child)) targets(child.initializer);
    else if (TS.isShorthandPropertyAssignment(child)) define(child.name);
    else if (TS.isIdentifier(child)) define(child);
    else if (!TS.isPropertyAccessExpression(child) && !TS.isElementAccessExpression(child))
      TS.forEachChild(child, targets);
  };
  targets(node);
  return out;
}

function bindObject(
  lower: Lowering,
  node: ts.ObjectBindingPattern | ts.ObjectLiteralExpression,
  value: Rope,
  declares: boolean,
): void {
  const { runtime } = lower.module.names;
  const source = lower.keep(value);
  // RequireObjectCoercible comes before the first key (ECMA-262 8.6.2).
  lower.builder.evaluate(code`({} = ${source});`);
  const elements = objectElements(node);
  const taken: Rope[] = [];
  for (const element of elements) {
    if (element.rest) {
      assign(lower, element, () => code`${runtime}.rest(${source}, [${join(taken, ", ")}])`, declares);
      continue;
    }
    const key = element.key!;
    let member: Rope;
    if (TS.isComputedPropertyName(key)) {
      const kept = lower.keep(code`${runtime}.key(${lower.expression(key.expression)})`);
      taken.push(kept);
      member = code`${source}[${kept}]`;
    } else {
      const text = slice(key.getStart(), key.end);
      const isName = TS.isIdentifier(key);
      taken.push(isName ? JSON.stringify(key.text) : TS.isNumericLiteral(key) ? code`String(${text})` : text);
      member = isName ? code`${source}.${text}` : code`${source}[${text}]`;
    }
    assign(lower, element, () => member, declares);
  }
}

function bindArray(
  lower: Lowering,
  node: ts.ArrayBindingPattern | ts.ArrayLiteralExpression,
  value: Rope,
  declares: boolean,
): void {
  const { builder, targets } = lower;
  const { runtime, sent } = lower.module.names;
  const slot = builder.slot("it", null, true);
  const iterator: Rope = { type: "slot", slot, access: "read" };
  builder.assign(slot, code`${runtime}.iterate(${value})`);
  // A generator may be left in the middle of a pattern, by `return()` at a `yield` in it.
  const region = lower.generator === null ? null : builder.region(node, slot);
  const landing = region?.landing ?? builder.block(node);
  landing.pinned = true;
  const after = builder.block(node);
  // Whatever an element throws closes the iterator, unless the iterator itself threw (8.6.2, 7.4.11).
  const elements = (): void => {
    builder.place(builder.block(node));
    for (const one of node.elements) {
      if (TS.isOmittedExpression(one)) {
        builder.evaluate(code`${runtime}.next(${iterator});`);
        continue;
      }
      const element = arrayElement(one);
      const next = (): Rope => {
        if (!element.rest) return code`(${runtime}.next(${iterator}) ? ${iterator}.value : undefined)`;
        const items = lower.temporary();
        const list: Rope = { type: "slot", slot: items, access: "read" };
        builder.assign(items, "[]");
        builder.evaluate(code`while (${runtime}.next(${iterator})) ${list}.push(${iterator}.value);`);
        return list;
      };
      assign(lower, element, next, declares);
    }
    builder.jump(after);
  };
  builder.within(landing, () => (region ? targets.within({ type: "region", region }, elements) : elements()));
  builder.place(landing);
  builder.evaluate(code`${runtime}.closeQuietly(${iterator});`);
  builder.end({ type: "throw", value: sent });
  if (region) {
    builder.place(region.entry);
    builder.evaluate(code`${runtime}.close(${iterator});`);
    builder.end({ type: "endFinally", region });
  }
  builder.place(after);
  builder.evaluate(code`${runtime}.close(${iterator});`);
}

/** One element: its target's reference first, then its value, then its default if the value is `undefined`. */
function assign(lower: Lowering, element: Element, read: () => Rope, declares: boolean): void {
  const { builder } = lower;
  const target = declares ? element.target : inner(element.target as ts.Expression);
  const isPattern =
    TS.isObjectLiteralExpression(target) ||
    TS.isArrayLiteralExpression(target) ||
    TS.isObjectBindingPattern(target) ||
    TS.isArrayBindingPattern(target);
  const place = declares || isPattern ? null : lowerPlace(lower, target as ts.Expression, true);
  let value = read();
  if (element.initializer) {
    const slot = lower.temporary();
    const kept: Rope = { type: "slot", slot, access: "read" };
    builder.assign(slot, value);
    value = kept;
    if (lower.suspends(element.initializer)) {
      const missing = builder.block(element.initializer);
      const after = builder.block(null);
      builder.end({ type: "branch", cases: [{ test: code`${kept} === undefined`, to: missing }], otherwise: after });
      builder.place(missing);
      builder.assign(slot, lower.expression(element.initializer));
      builder.place(after);
    } else value = code`${kept} === undefined ? ${lower.writer.argument(element.initializer)} : ${kept}`;
  }
  if (isPattern) bind(lower, target, element.initializer ? code`(${value})` : value, declares);
  else if (!place) lower.initialize(target as ts.Identifier, value);
  else builder.evaluate(code`${place.constant ? place.constant : place.write(value)};`);
}

function objectElements(node: ts.ObjectBindingPattern | ts.ObjectLiteralExpression): Element[] {
  if (TS.isObjectBindingPattern(node))
    return node.elements.map((one) => ({
      target: one.name,
      initializer: one.initializer,
      rest: one.dotDotDotToken !== undefined,
      key: one.dotDotDotToken ? null : (one.propertyName ?? (one.name as ts.Identifier)),
    }));
  return node.properties.map((one): Element => {
    if (TS.isShorthandPropertyAssignment(one))
      return { target: one.name, initializer: one.objectAssignmentInitializer, rest: false, key: one.name };
    if (TS.isSpreadAssignment(one)) return { target: one.expression, initializer: undefined, rest: true, key: null };
    return { ...withDefault((one as ts.PropertyAssignment).initializer), rest: false, key: one.name! };
  });
}

function arrayElement(one: ts.BindingElement | ts.Expression): Element {
  if (TS.isBindingElement(one))
    return { target: one.name, initializer: one.initializer, rest: one.dotDotDotToken !== undefined, key: null };
  if (TS.isSpreadElement(one)) return { target: one.expression, initializer: undefined, rest: true, key: null };
  return { ...withDefault(one as ts.Expression), rest: false, key: null };
}

const withDefault = (node: ts.Expression): { target: ts.Node; initializer: ts.Expression | undefined } =>
  TS.isBinaryExpression(node) && node.operatorToken.kind === TS.SyntaxKind.EqualsToken
    ? { target: node.left, initializer: node.right }
    : { target: node, initializer: undefined };
