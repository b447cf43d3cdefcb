/** Calls whose callee or arguments suspend: function and receiver are read before the arguments (ECMA-262 13.3.6). */
import type { ts } from "@ts-morph/common";
import { startOf } from "../../1-parse/tree.ts";
import { TS } from "../../1-parse/typescript.ts";
import type { CallClass, Operand } from "../../2-analyze/calls/classes.ts";
import { inner } from "../../2-analyze/calls/syntax.ts";
import { isPrivateMethod } from "../../2-analyze/functions.ts";
import { isModuleLevel } from "../../2-analyze/scopes.ts";
import { code, join, type Rope, slice } from "../../ir/rope.ts";
import {
  callMark,
  copied,
  iteratorCallee,
  lifted,
  markedCallee,
  operand,
  readsBefore,
  toldCall,
  wantedBy,
  withOperandsOf,
} from "../calls.ts";
import { keyOf } from "../identifiers.ts";
import type { Lowering } from "../lowering.ts";
import { spreadingOperands } from "./operands.ts";

export interface Callee {
  call(node: ts.Node, args: readonly Rope[], cls: CallClass | undefined): Rope;
}

/** Evaluates what is called. With `keeps`, it must outlive a suspension of the arguments. */
export function lowerCallee(
  lower: Lowering,
  expression: ts.Expression,
  keeps: boolean,
  made: Operand | null = null,
): Callee {
  const { runtime, module: handle } = lower.module.names;
  const site = (node: ts.Node): string => String(lower.module.site(node));
  const looked = (cls: CallClass | undefined, node: ts.Node, value: Rope): Rope =>
    cls ? code`${handle}.now(${site(node)}, ${value})` : value;
  const list = (args: readonly Rope[]): Rope => code`[${join(args, ", ")}]`;
  const wanted = (cls: CallClass & { type: "call" }): string => {
    const last = wantedBy(lower, cls);
    return last === null ? "" : `, ${last}`;
  };
  const classifiedCall = (cls: CallClass & { type: "call" | "callNow" }, form: string, args: Rope): Rope =>
    cls.type === "call"
      ? code`${handle}.${form}(${args}${wanted(cls)})`
      : code`${handle}.${form}Now(${args}${cls.promised ? ", true" : ""})`;
  const target = inner(expression) as ts.Expression;

  // `globalThis.setTimeout` is `$.setTimeout`, no member of anything.
  const isMember = TS.isPropertyAccessExpression(target) || TS.isElementAccessExpression(target);
  if (isMember && lower.module.calls.platformOf(target) === undefined) {
    const isSuper = target.expression.kind === TS.SyntaxKind.SuperKeyword;
    const isPrivate = TS.isPropertyAccessExpression(target) && TS.isPrivateIdentifier(target.name);
    if (isSuper || isPrivate) {
      const receiver = isSuper
        ? lower.writer.self()
        : lower.keep(lower.expression(target.expression), target.expression);
      const read = isSuper
        ? lower.expression(target)
        : code`${receiver}.${target.getText().slice(target.getText().lastIndexOf("#"))}`;
      // A private method is the same whenever it is read, and could not be saved; reading it checks the receiver first.
      const isMethod = keeps && isPrivateMethod(target);
      if (isMethod) lower.builder.evaluate(code`${read};`);
      const fn = keeps && !isMethod ? lower.keep(read) : read;
      return {
        call: (node, args, cls) =>
          cls?.type === "call"
            ? code`${handle}.method(${site(node)}, ${fn}, "call", ${list([receiver, ...args])}${wanted(cls)})`
            : looked(cls, node, code`${fn}.call(${join([receiver, ...args], ", ")})`),
      };
    }
    if (made !== null && made.kind !== "leaf") {
      const [record] = lowerOperands(lower, [made]);
      const isElement = TS.isElementAccessExpression(target);
      const object = keeps || (isElement && lower.suspends(target.argumentExpression)) ? lower.keep(record!) : record!;
      const read = isElement ? lower.expression(target.argumentExpression) : keyOf(lower.writer, target);
      if (keeps && made.kind === "made") {
        const member = lower.keep(code`${runtime}.member(${object}, ${read})`);
        return { call: (node, args) => code`${handle}.invoke(${site(node)}, ${member}, ${list(args)})` };
      }
      const key = keeps && isElement ? lower.keep(read) : read;
      return {
        call: (node, args) =>
          readsBefore(lower, node as ts.CallExpression, target, made)
            ? code`${handle}.invoke(${site(node)}, ${runtime}.member(${object}, ${key}), ${list(args)})`
            : code`${handle}.method(${site(node)}, ${object}, ${key}, ${list(args)})`,
      };
    }
    if (!keeps) {
      // Only the receiver or the key suspends: the call is whole afterwards.
      const isElement = TS.isElementAccessExpression(target);
      const [object, key] = isElement
        ? lower.operands([target.expression, target.argumentExpression])
        : [lower.expression(target.expression), keyOf(lower.writer, target)];
      const member = isElement
        ? code`${object!}[${key!}]`
        : code`${object!}.${slice(startOf(target.name, lower.module.sourceFile), target.name.end)}`;
      return {
        call: (node, args, cls) => {
          if (iteratorCallee(lower.writer, node))
            return looked(cls, node, code`${runtime}.iterator(${join([object!, key!, ...args], ", ")})`);
          if (cls?.type !== "call" && cls?.type !== "callNow")
            return looked(cls, node, code`${member}(${join(args, ", ")})`);
          const [form, called] = readsBefore(lower, node as ts.CallExpression, target, made)
            ? ["invoke", code`${runtime}.member(${object!}, ${key!})`]
            : ["method", code`${object!}, ${key!}`];
          return classifiedCall(cls, form, code`${site(node)}, ${called}, ${list(args)}`);
        },
      };
    }
    const [object, key] = TS.isElementAccessExpression(target)
      ? lower.operands([target.expression, target.argumentExpression])
      : [lower.expression(target.expression), keyOf(lower.writer, target)];
    const member = lower.keep(code`${runtime}.member(${object!}, ${key!})`);
    return {
      call: (node, args, cls) =>
        cls?.type === "call" || cls?.type === "callNow"
          ? classifiedCall(cls, "invoke", code`${site(node)}, ${member}, ${list(args)}`)
          : looked(cls, node, code`${runtime}.invoke(${member}, ${list(args)})`),
    };
  }
  const value = lower.expression(target);
  const fn = keeps && !isFixedFunction(lower, target) ? lower.keep(value, target) : value;
  return {
    call: (node, args, cls) => {
      if (cls?.type === "call") return code`${handle}.call(${site(node)}, ${fn}, ${list(args)}${wanted(cls)})`;
      if (cls?.type === "callNow") return code`${handle}.callNow(${site(node)}, ${fn}, ${list(args)})`;
      const isName = TS.isIdentifier(target) && typeof fn === "object" && "type" in fn && fn.type === "slice";
      return looked(cls, node, isName ? code`${fn}(${join(args, ", ")})` : code`(0, ${fn})(${join(args, ", ")})`);
    },
  };
}

/** A function that nobody exchanges between here and the call: an import, or a function declaration never assigned. */
function isFixedFunction(lower: Lowering, node: ts.Expression): boolean {
  if (!TS.isIdentifier(node)) return false;
  const binding = lower.module.scopes.resolve(node);
  if (!binding) return false;
  return (
    isModuleLevel(binding) &&
    ["import", "function"].includes(binding.kind) &&
    binding.references.every((one) => one.access === "read")
  );
}

/** Arguments; made and deferred ones are lifted, and only their own operands are evaluated. */
function lowerArguments(lower: Lowering, args: readonly ts.Expression[], cls: CallClass | undefined): Rope[] {
  if (cls?.type !== "call" || cls.args.every(isPlainLeaf)) return spreadingOperands(lower, args);
  return lowerOperands(lower, cls.args);
}

const isPlainLeaf = (one: Operand): boolean => one.kind === "leaf" && !one.listed && !one.told;

export function lowerCall(lower: Lowering, node: ts.CallExpression, cls: CallClass | undefined): Rope {
  if (node.expression.kind === TS.SyntaxKind.ImportKeyword) {
    const [specifier] = lower.operands([node.arguments[0]!]);
    return code`import(${specifier!})`;
  }
  const suspends = node.arguments.some((arg) => lower.suspends(arg));
  const callee = lowerCallee(lower, node.expression, suspends, cls?.type === "call" ? cls.receiver : null);
  const args = suspends
    ? lowerArguments(lower, node.arguments, cls)
    : cls?.type === "call"
      ? cls.args.map((one) => operand(lower.writer, one))
      : node.arguments.map((arg) => lower.writer.argument(arg));
  return [callMark(node, lower.module.sourceFile), callee.call(node, args, cls)];
}

export function lowerNew(lower: Lowering, node: ts.NewExpression, cls: CallClass | undefined): Rope {
  const args = node.arguments ?? [];
  if (cls?.type === "construct") {
    const [constructed, ...values] = lowerOperands(lower, [cls.constructed, ...cls.args]);
    const { module: handle } = lower.module.names;
    return code`${handle}.construct(${String(lower.module.site(node))}, ${constructed!}, [${join(values, ", ")}])`;
  }
  const suspends = args.some((arg) => lower.suspends(arg));
  const value = lower.expression(node.expression);
  const constructor = suspends ? lower.keep(value, node.expression) : value;
  const list = spreadingOperands(lower, args);
  const { module: handle } = lower.module.names;
  if (cls?.type === "constructNow")
    return code`${handle}.constructNow(${String(lower.module.site(node))}, ${constructor}, [${join(list, ", ")}])`;
  const made = code`new (${constructor})(${join(list, ", ")})`;
  return cls ? code`${handle}.now(${String(lower.module.site(node))}, ${made})` : made;
}

/** The operands of a record, evaluated in order; each must outlive the suspensions after it. */
function lowerOperands(lower: Lowering, operands: readonly Operand[]): Rope[] {
  const last = operands.findLastIndex((one) => lower.suspends(one.node));
  return operands.map((one, i) => {
    if (i > last) return operand(lower.writer, one);
    if (one.kind === "leaf") {
      if (one.told) {
        const record = lowerCall(lower, one.node as ts.CallExpression, toldCall(one.node as ts.CallExpression));
        return i < last ? lower.keep(record) : record;
      }
      const value = copied(lower, one, spreadingOperands(lower, [one.node])[0]!);
      if (i < last && (one.copied !== undefined || one.listed)) return lower.keep(value);
      if (i === last || !TS.isSpreadElement(one.node)) return i < last ? lower.keep(value, one.node) : value;
      return code`...${lower.keep(code`[${value}]`)}`;
    }
    const record =
      one.kind === "made" ? lowerMade(lower, one.node, one.operands) : lowerDeferred(lower, one.node, one.operands);
    return i < last ? lower.keep(record) : record;
  });
}

function lowerDeferred(lower: Lowering, node: ts.Expression, operands: readonly Operand[]): Rope {
  const values = lowerOperands(lower, operands);
  if (operands[0]?.node === node) return values[0]!;
  return code`${lower.module.names.module}.deferred(${lifted(lower.writer, node, operands)}, [${join(values, ", ")}])`;
}

/** The record of an expression with an operand that suspends. A function that is a member is read before that (ECMA-262 13.3.6.1). */
function lowerMade(lower: Lowering, node: ts.Expression, operands: readonly Operand[]): Rope {
  const { runtime, module: handle } = lower.module.names;
  const made = lifted(lower.writer, node, operands);
  const at = inner(node);
  const target = TS.isCallExpression(at) && !TS.isOptionalChain(at) ? inner(at.expression) : undefined;
  const isMember = target && (TS.isPropertyAccessExpression(target) || TS.isElementAccessExpression(target));
  const [receiver] = operands;
  const isRead =
    isMember &&
    inner(receiver?.node ?? node) === inner(target.expression) &&
    receiver?.kind !== "deferred" &&
    !lower.suspends(target);
  if (!isRead || (TS.isPropertyAccessExpression(target) && TS.isPrivateIdentifier(target.name)))
    return code`${handle}.made(${made}, [${join(lowerOperands(lower, operands), ", ")}])`;
  const [first] = lowerOperands(lower, [receiver!]);
  const object = lower.keep(first!, receiver!.node);
  const key = TS.isElementAccessExpression(target) && operands[1]?.node === inner(target.argumentExpression);
  const kept = key ? [object, lower.keep(lowerOperands(lower, [operands[1]!])[0]!)] : [object];
  const member = lower.keep(code`${runtime}.member(${object}, ${kept[1] ?? keyOf(lower.writer, target)})`);
  const values = [...kept, ...lowerOperands(lower, operands.slice(kept.length))];
  const take = lower.module.unique("take");
  const args = (at as ts.CallExpression).arguments.map((argument) =>
    withOperandsOf(lower.writer, argument, operands, (_, i) => code`${take}(${String(i)}, ${values[i]!})`),
  );
  return code`${handle}.madeInPlace(${made}, (${take}) => (${join(
    kept.map((value, i) => code`${take}(${String(i)}, ${value})`),
    ", ",
  )}, ${runtime}.invoke(${member}, [${join(args, ", ")}])))`;
}

/** `$m.step(site, code, operands)` and its like, with an operand that suspends. */
export function lowerRecord(
  lower: Lowering,
  node: ts.Expression,
  cls: CallClass & { readonly operands: readonly Operand[] },
): Rope {
  if (cls.type === "made") return lowerMade(lower, node, cls.operands);
  if (cls.type === "deferred") return lowerDeferred(lower, node, cls.operands);
  if (cls.type === "step" && cls.marked && !lower.suspends((node as ts.CallExpression).expression)) {
    // Only the arguments suspend: a durable callee cannot be given them any more, and is refused.
    const values = join(lowerOperands(lower, cls.operands), ", ");
    const callee = markedCallee(lower.writer, node as ts.CallExpression);
    return code`${lower.module.names.module}.marked(${String(lower.module.site(node))}, ${callee}, null, ${lifted(lower.writer, node, cls.operands)}, () => [${values}])`;
  }
  const expression = lifted(lower.writer, node, cls.operands);
  const operands = join(lowerOperands(lower, cls.operands), ", ");
  const { module: handle } = lower.module.names;
  return code`${handle}.${cls.type}(${String(lower.module.site(node))}, ${expression}, [${operands}])`;
}
