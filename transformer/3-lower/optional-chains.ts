/**
 * Optional chains with classified calls in them: `a?.b(x).catch(f)`. A call in the middle takes another form, so the chain is written as what it means
 * (ECMA-262 13.3.9): where a link is null, nothing after it is evaluated, and no step made.
 *
 *     ((it) => it == null ? undefined : $m.methodNow(1, $m.method(0, it, "b", [x]), "catch", [f], true))(a)
 */
import type { ts } from "@ts-morph/common";
import { TS } from "../1-parse/typescript.ts";
import type { CallClass, Operand } from "../2-analyze/calls/classes.ts";
import { inner, isCalled, isOptionalChain, optionalRoot } from "../2-analyze/calls/syntax.ts";
import { code, join, type Rope, slice } from "../ir/rope.ts";
import { callMark, operand, readsBefore, written } from "./calls.ts";
import type { TextWriter } from "./context.ts";
import { keyOf } from "./identifiers.ts";

type Member = ts.PropertyAccessExpression | ts.ElementAccessExpression;
type Link = Member | ts.CallExpression | ts.NonNullExpression;
/** What becomes of the value of a link. */
type Next = (value: Rope) => Rope;

const isMember = (node: ts.Node): node is Member =>
  TS.isPropertyAccessExpression(node) || TS.isElementAccessExpression(node);

const isLink = (node: ts.Node): node is Link =>
  isOptionalChain(node) && (isMember(node) || TS.isCallExpression(node) || TS.isNonNullExpression(node));

const isSuper = (node: Member): boolean => node.expression.kind === TS.SyntaxKind.SuperKeyword;

/** The whole chain that ends here, in its new form; undefined when there is none, or nothing in it needs one. */
export function optionalChain(text: TextWriter, node: ts.Node): Rope | undefined {
  if (text.around.volatile || (!isOptionalChain(node) && !TS.isDeleteExpression(node))) return undefined;
  if (TS.isDeleteExpression(node)) {
    const { expression } = node;
    if (!isLink(expression) || !isMember(expression) || !hasClassified(text, expression)) return undefined;
    return build(text, expression, "true", (value) => code`delete ${value}`);
  }
  if (!isLink(node) || (isLink(node.parent) && node.parent.expression === node) || !hasClassified(text, node))
    return undefined;
  // `(a?.b(x).c)(y)`: c is called on what it is a member of.
  if (isMember(node) && isCalled(node)) return undefined;
  // What is made of the whole expression has the chain in its own text.
  const type = text.module.calls.classOf(node)?.type;
  return type === "step" || type === "made" ? undefined : build(text, node, "undefined", (value) => value);
}

function hasClassified(text: TextWriter, node: Link): boolean {
  for (let at: ts.Expression = node; isLink(at); at = at.expression)
    if (text.module.calls.classOf(at) !== undefined) return true;
  return false;
}

function build(text: TextWriter, node: ts.Expression, nothing: string, next: Next): Rope {
  const guard = (value: Rope, then: Next, of?: ts.Expression): Rope =>
    bind(text, value, (it) => code`${of ? asked(text, of, it) : it} == null ? ${nothing} : ${then(it)}`);

  const link = (at: ts.Expression, then: Next): Rope => {
    if (!isLink(at)) return then(text.argument(at));
    if (TS.isNonNullExpression(at)) return link(at.expression, then);
    const cls = text.module.calls.classOf(at);
    if (cls?.type === "step") return whole(at, [callMark(at, text.module.sourceFile), written(text, at, cls)], then);
    return isMember(at)
      ? object(at, (value) => then(member(text, value, at)))
      : call(at, (value) => then([callMark(at, text.module.sourceFile), value]));
  };

  /** The object of a member, unless that is null. */
  const object = (at: Member, then: Next): Rope =>
    link(at.expression, (value) => (at.questionDotToken ? guard(value, then, at.expression) : then(value)));

  const call = (at: ts.CallExpression, then: Next): Rope => {
    // `(o.m as any)?.()` calls m on o; parentheses around a chain end it, though: `(a?.b)()`.
    const bare = inner(at.expression);
    let callee: ts.Expression = isMember(bare) && !isOptionalChain(bare) ? bare : at.expression;
    while (TS.isNonNullExpression(callee)) callee = callee.expression;
    const form = new CallForm(text, at);
    // `globalThis.setTimeout` is `$.setTimeout`, no member of anything.
    if (!isMember(callee) || text.module.calls.platformOf(callee) !== undefined)
      return link(callee, (fn) =>
        at.questionDotToken ? guard(fn, (it) => then(form.plain(it)), callee) : then(form.plain(fn)),
      );
    if (isSuper(callee)) {
      const of = (fn: Rope) => then(form.bound(fn, text.self()));
      return at.questionDotToken ? guard(text.text(callee), of) : of(text.text(callee));
    }
    const { questionDotToken } = at;
    const receiver = form.receiver;
    if (receiver !== undefined && !callee.questionDotToken && !questionDotToken)
      return whole(callee, form.method(operand(text, receiver), callee), then);
    return object(callee, (value) => {
      if (TS.isPropertyAccessExpression(callee) && TS.isPrivateIdentifier(callee.name))
        return bind(text, value, (it) => {
          const of = (fn: Rope) => then(form.bound(fn, it));
          return questionDotToken ? guard(member(text, it, callee), of) : of(member(text, it, callee));
        });
      if (!questionDotToken) return then(form.method(value, callee));
      // The property is read once, before the arguments, and the receiver goes with it.
      const read = code`${text.module.names.runtime}.member(${value}, ${keyOf(text, callee)})`;
      return bind(text, read, (it) => code`${it}.fn == null ? ${nothing} : ${then(form.member(it))}`);
    });
  };

  /** What is made of the text of the links so far, unless they begin with null. */
  const whole = (at: ts.Expression, value: Rope, then: Next): Rope => {
    const root = optionalRoot(at);
    return root === undefined
      ? then(value)
      : code`(${asked(text, root, text.value(root))} == null ? ${nothing} : ${then(value)})`;
  };

  return link(node, next);
}

/** What is compared with null: a variable may hold the record of its value, which is never null itself. */
function asked(text: TextWriter, node: ts.Expression, value: Rope): Rope {
  const name = inner(node);
  const declaration = TS.isIdentifier(name) && text.module.scopes.resolve(name)?.declarations[0]?.parent;
  const initializer = declaration && TS.isVariableDeclaration(declaration) && declaration.initializer;
  const isRecord = initializer && text.module.calls.classOf(inner(initializer))?.type === "made";
  return isRecord ? code`${text.module.names.module}.value(${value})` : value;
}

/** The value under a name of its own. */
function bind(text: TextWriter, value: Rope, then: Next): Rope {
  const it = text.module.unique("it");
  return code`((${it}) => ${then(it)})(${value})`;
}

const member = (text: TextWriter, object: Rope, node: Member): Rope =>
  TS.isPropertyAccessExpression(node)
    ? code`${object}.${slice(node.name.getStart(), node.name.end)}`
    : code`${object}[${text.argument(node.argumentExpression)}]`;

/** A call of the chain, in the form of its class. */
class CallForm {
  readonly #text: TextWriter;
  readonly #node: ts.CallExpression;
  readonly #class: CallClass | undefined;
  readonly #args: Rope;

  constructor(text: TextWriter, node: ts.CallExpression) {
    this.#text = text;
    this.#node = node;
    this.#class = text.module.calls.classOf(node);
    const values =
      this.#class?.type === "call"
        ? this.#class.args.map((one) => operand(text, one))
        : node.arguments.map((arg) => text.argument(arg));
    this.#args = join(values, ", ");
  }

  /** The receiver, where it is kept as its expression. */
  get receiver(): Operand | undefined {
    const receiver = this.#class?.type === "call" ? this.#class.receiver : null;
    return receiver && receiver.kind !== "leaf" ? receiver : undefined;
  }

  /** `$m.method(site, …)`, `$m.methodNow(site, …)`; undefined for calls that keep their own text. */
  #form(name: "call" | "method" | "invoke", before: Rope, args: Rope): Rope | undefined {
    const cls = this.#class;
    if (cls?.type !== "call" && cls?.type !== "callNow") return undefined;
    const suffix = cls.type === "callNow" ? "Now" : "";
    const promised = cls.type === "callNow" && cls.promised ? ", true" : "";
    return code`${this.#text.module.names.module}.${name}${suffix}(${this.#site()}, ${before}, [${args}]${promised})`;
  }

  #site(): string {
    return String(this.#text.module.site(this.#node));
  }

  #looked(value: Rope): Rope {
    return this.#class ? code`${this.#text.module.names.module}.now(${this.#site()}, ${value})` : value;
  }

  plain(fn: Rope): Rope {
    return this.#form("call", fn, this.#args) ?? this.#looked(code`(0, ${fn})(${this.#args})`);
  }

  method(object: Rope, callee: Member): Rope {
    const receiver = this.#class?.type === "call" ? this.#class.receiver : null;
    if (readsBefore(this.#text, this.#node, callee, receiver)) {
      const read = code`${this.#text.module.names.runtime}.member(${object}, ${keyOf(this.#text, callee)})`;
      const invoked = this.#form("invoke", read, this.#args);
      if (invoked !== undefined) return invoked;
    }
    return (
      this.#form("method", code`${object}, ${keyOf(this.#text, callee)}`, this.#args) ??
      this.#looked(code`${member(this.#text, object, callee)}(${this.#args})`)
    );
  }

  /** A function with its receiver beside it. */
  bound(fn: Rope, self: Rope): Rope {
    const args = join([self, ...(this.#node.arguments.length > 0 ? [this.#args] : [])], ", ");
    return this.#form("method", code`${fn}, "call"`, args) ?? this.#looked(code`${fn}.call(${args})`);
  }

  /** A member that was read before: `$.member(object, key)`. */
  member(it: Rope): Rope {
    const { runtime } = this.#text.module.names;
    return this.#form("invoke", it, this.#args) ?? this.#looked(code`${runtime}.invoke(${it}, [${this.#args}])`);
  }
}
