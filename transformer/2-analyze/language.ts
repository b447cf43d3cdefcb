/**
 * The language table: constructs that durable code may not contain. `docs/language.md` is printed from it and from `support.ts`, which says what
 * becomes of the others; each code has its fixture in `fixtures/rejected`. A construct without a row is supported.
 */
import type { ts } from "@ts-morph/common";
import { decoratorName, decoratorsOf } from "../1-parse/modifiers.ts";
import { TS } from "../1-parse/typescript.ts";
import type { DiagnosticCode } from "../diagnostics/messages.ts";
import type { FileTypes } from "../types/questions.ts";
import type { Names } from "./calls/names.ts";
import { DURABLE_MODULES } from "./calls/platform.ts";
import {
  calleeOf,
  enclosingFunction,
  inner,
  isAsync,
  isCallNode,
  isGenerator,
  methodCall,
  shortText,
} from "./calls/syntax.ts";
import { usingKind } from "./disposal.ts";
import { EARLY_ERRORS } from "./early-errors.ts";
import { declaredName } from "./function-names.ts";
import { sloppyConstruct } from "./sloppy.ts";

export interface Finding {
  /** Default: the node itself. */
  readonly place?: ts.Node;
  /** Values of the message's holes, but for `function`. */
  readonly details?: Readonly<Record<string, string>>;
}

export interface LanguageFacts {
  readonly names: Names;
  readonly types: FileTypes | undefined;
}

interface RowFacts {
  /** In words, Markdown. */
  readonly construct: string;
  /** In words, Markdown. */
  readonly why: string;
  readonly code: DiagnosticCode;
}
/** Asked about every node of these kinds in durable code; the first row that finds something is told. */
export interface CodeRow extends RowFacts {
  readonly inspect: "code";
  /** Asked about the file's ordinary code, too. */
  readonly wholeFile?: true;
  readonly kinds: readonly (keyof typeof ts.SyntaxKind)[];
  check(node: ts.Node, facts: LanguageFacts): Finding | undefined;
}
/** Asked about every class whose instances runs can hold. */
interface ClassRow extends RowFacts {
  readonly inspect: "class";
  check(node: ts.ClassLikeDeclaration, facts: LanguageFacts): Iterable<Finding>;
}
export type LanguageRow = CodeRow | ClassRow;

export const LANGUAGE: readonly LanguageRow[] = [
  {
    construct:
      "direct `eval` (indirect `(0, eval)(text)`, `eval?.(text)` and `Function(text)` are supported, but for keeping the functions that they make)",
    why: "the variables that its text would see are slots of a frame",
    code: "PD1001",
    inspect: "code",
    kinds: ["CallExpression"],
    // ECMA-262 13.3.6.1: a plain call whose callee is a reference named eval, in parentheses or not.
    check: (node, { names }) =>
      TS.isCallExpression(node) && !node.questionDotToken && isGlobalName(node.expression, "eval", names)
        ? {}
        : undefined,
  },
  {
    construct: "`with`",
    why: "nobody can say before it runs what a name in it means",
    code: "PD1002",
    inspect: "code",
    kinds: ["WithStatement"],
    check: (node) => (TS.isWithStatement(node) ? {} : undefined),
  },
  {
    construct: "what only sloppy mode allows: `delete x`, `arguments = …`, reserved words as names …",
    why: "durable code is code of modules, which are strict",
    code: "PD1003",
    inspect: "code",
    kinds: [
      "DeleteExpression",
      "BinaryExpression",
      "PrefixUnaryExpression",
      "PostfixUnaryExpression",
      "ForInStatement",
      "ForOfStatement",
      "FunctionDeclaration",
      "FunctionExpression",
      "ClassDeclaration",
      "ClassExpression",
      "Parameter",
      "VariableDeclaration",
      "BindingElement",
    ],
    check: (node) => {
      const found = sloppyConstruct(node);
      return found && { place: found.place, details: { construct: found.construct, mend: found.mend } };
    },
  },
  {
    construct: "`arguments.callee`, `arguments.caller`",
    why: "strict functions have none",
    code: "PD1004",
    inspect: "code",
    kinds: ["PropertyAccessExpression"],
    check: (node, { names }) =>
      TS.isPropertyAccessExpression(node) &&
      (node.name.text === "callee" || node.name.text === "caller") &&
      isGlobalName(node.expression, "arguments", names)
        ? { details: { construct: `arguments.${node.name.text}` } }
        : undefined,
  },
  {
    construct:
      "subclasses of `Promise` at the level of the module (in a function they extend the run's; those of ordinary code may be used: a call that yields one is a step)",
    why: "a run has a `Promise` of its own, that saves its reactions; a class made before any run would extend that of the process",
    code: "PD1005",
    inspect: "class",
    *check(node, { names }) {
      const clause = node.heritageClauses?.find(({ token }) => token === TS.SyntaxKind.ExtendsKeyword);
      const base = clause?.types[0];
      if (base && isOfModule(node) && names.global(base.expression)?.join() === "Promise")
        yield { place: base, details: { name: declaredName(node) } };
    },
  },
  {
    construct:
      "`for await` whose body waits, and `yield*`, over an async iterator of ordinary code, where types show it (else an error of the run, [PD2108](errors/PD2108.md))",
    why: "its position is in objects that no other process can rebuild",
    code: "PD1006",
    inspect: "code",
    kinds: ["ForOfStatement", "YieldExpression"],
    check: (node, { types, names }) => {
      const source =
        TS.isForOfStatement(node) && node.awaitModifier
          ? node.expression
          : TS.isYieldExpression(node) && node.asteriskToken && isAsync(enclosingFunction(node))
            ? node.expression
            : undefined;
      return source && types?.asyncIterable(source) === "ordinary"
        ? {
            place: source,
            details: { type: types.print(source), mend: isTimer(source, names) ? OVER_SLEEPS : IN_ONE_STEP },
          }
        : undefined;
    },
  },
  {
    construct: "`using` where ECMAScript does not allow it: directly in a clause of a `switch`, without a value …",
    why: "an early error of ECMAScript, of which the parser says nothing",
    code: "PD1008",
    inspect: "code",
    wholeFile: true,
    kinds: ["VariableDeclarationList"],
    check: (node) => {
      const kind = usingKind(node);
      const where = kind && misplaced(node as ts.VariableDeclarationList);
      if (!where) return undefined;
      const [{ name }] = (node as ts.VariableDeclarationList).declarations as unknown as [ts.VariableDeclaration];
      return { details: { keyword: kind === "async" ? "await using" : "using", name: name.getText(), ...where } };
    },
  },
  {
    construct:
      "the text of an async function or generator of the file, where it stands as a property key or in a template, or is asked of `String(f)` or `f.toString()`",
    why: "its text is that of what it is compiled to",
    code: "PD1009",
    inspect: "code",
    wholeFile: true,
    kinds: ["CallExpression", "ComputedPropertyName", "ElementAccessExpression", "TemplateSpan"],
    check: (node, { names }) => {
      const taken = textTakenOf(node, names);
      const fn = taken && inner(taken);
      return fn && isMachine(fn, names) ? { place: fn, details: { name: shortText(fn) } } : undefined;
    },
  },
  {
    construct: "classes that extend an async function or generator which the module declares",
    why: "ECMAScript throws a TypeError there; what a declaration is compiled to is hoisted as an ordinary function is, and can be extended",
    code: "PD1010",
    inspect: "code",
    wholeFile: true,
    kinds: ["HeritageClause"],
    check: (node, { names }) => {
      const [type] = (node as ts.HeritageClause).types;
      const base = type && inner(type.expression);
      const fn = base && names.localFunction(base);
      return fn && TS.isFunctionDeclaration(fn) && isOfModule(fn) && isMachine(base, names)
        ? { place: base, details: { name: shortText(base) } }
        : undefined;
    },
  },
  {
    construct:
      "what `Promise.prototype` inherits: `Object.getPrototypeOf(Promise.prototype)`, `Promise.prototype.__proto__`",
    why: "the run's `Promise` extends the platform's, so that ordinary code finds the promises that it is given to be promises",
    code: "PD1011",
    inspect: "code",
    kinds: ["CallExpression", "PropertyAccessExpression"],
    check: (node, { names }) => {
      const asked = prototypeAskedOf(node, names);
      return asked && names.global(asked)?.join(".") === "Promise.prototype" ? {} : undefined;
    },
  },
  ...EARLY_ERRORS.map(
    ({ construct, clause, kinds, check }): CodeRow => ({
      construct,
      why: `an early error (ECMA-262 ${clause})`,
      code: "PD1012",
      inspect: "code",
      wholeFile: true,
      kinds,
      check: (node, { names }) => {
        const found = check(node, names.scopes);
        return found && { place: found.place, details: { problem: found.problem, mend: found.mend } };
      },
    }),
  ),
  {
    construct:
      "decorators on classes that a function makes or that are expressions, on what is declared `accessor`, on parameters of async methods and generators, and of a constructor or method with a function in the parameter list that captures one of them",
    why: "they become other text, and a decorator would be given what is not written there",
    code: "PD1122",
    inspect: "class",
    *check(node) {
      if (!(TS.isClassDeclaration(node) && isOfModule(node))) {
        const reason = "only a class that is declared at the level of the module may have decorators";
        yield* decorators(node, `class ${declaredName(node)}`, reason);
        for (const member of node.members) {
          yield* decorators(member, declaredName(member), reason);
          if (TS.isConstructorDeclaration(member) || TS.isMethodDeclaration(member))
            for (const one of member.parameters)
              yield* decorators(one, `a parameter of ${declaredName(member)}`, reason);
        }
      }
      for (const member of node.members) {
        const name = declaredName(member);
        if (TS.isAutoAccessorPropertyDeclaration(member))
          yield* decorators(member, name, "what is declared `accessor` becomes a field with a getter and a setter");
        if (TS.isMethodDeclaration(member) && (isAsync(member) || isGenerator(member)))
          for (const parameter of member.parameters)
            yield* decorators(parameter, `a parameter of ${name}`, "async functions and generators become machines");
      }
    },
  },
];

/** Is this made when its module is evaluated, before there is any run? */
const IN_ONE_STEP =
  "make it and read it inside one step, and return what you need: `await step(async () => { const source = …; for await (const one of source) …; return … })`";
const OVER_SLEEPS = "use a loop over sleep(): `for (;;) { await sleep(ms); … }`";

/** `setInterval(1000)` of `node:timers/promises`. */
const isTimer = (source: ts.Expression, names: Names): boolean => {
  const call = inner(source);
  const from = isCallNode(call) ? names.imported(inner(calleeOf(call)))?.module : undefined;
  return from !== undefined && DURABLE_MODULES.has(from);
};

const isOfModule = (node: ts.ClassLikeDeclaration | ts.FunctionDeclaration): boolean =>
  TS.isSourceFile(enclosingFunction(node));

/** An async function or generator of durable code, as far as the file shows: it is compiled to a machine. */
function isMachine(node: ts.Expression, names: Names): boolean {
  const fn = names.localFunction(node);
  return fn !== undefined && (isAsync(fn) || isGenerator(fn)) && names.inDurableCode(fn);
}

/** Whose prototype the expression gives. */
function prototypeAskedOf(node: ts.Node, names: Names): ts.Expression | undefined {
  if (TS.isPropertyAccessExpression(node)) return node.name.text === "__proto__" ? node.expression : undefined;
  if (!TS.isCallExpression(node)) return undefined;
  const called = names.global(node.expression)?.join(".");
  return called === "Object.getPrototypeOf" || called === "Reflect.getPrototypeOf" ? node.arguments[0] : undefined;
}

/** What is turned into a text here, as far as the syntax shows. */
function textTakenOf(node: ts.Node, names: Names): ts.Expression | undefined {
  if (TS.isComputedPropertyName(node)) return node.expression;
  if (TS.isTemplateSpan(node)) return TS.isTaggedTemplateExpression(node.parent.parent) ? undefined : node.expression;
  if (TS.isElementAccessExpression(node)) return node.argumentExpression;
  if (!TS.isCallExpression(node)) return undefined;
  const method = methodCall(node);
  if (method?.name === "toString") return method.receiver;
  return isGlobalName(node.expression, "String", names) ? node.arguments[0] : undefined;
}

/** The early errors of ECMA-262 2026, 14.3.1.1, of which the parser says nothing. */
function misplaced(list: ts.VariableDeclarationList): { where: string; mend: string } | undefined {
  const { parent } = list;
  if (TS.isForInStatement(parent))
    return { where: "in the head of a for in loop", mend: "use `const`: its keys are no resources" };
  if (TS.isVariableStatement(parent)) {
    const scope = parent.parent;
    if (TS.isCaseOrDefaultClause(scope))
      return { where: "directly in a clause of a switch", mend: "put braces around the statements of the clause" };
    if (!(TS.isBlock(scope) || TS.isSourceFile(scope) || TS.isModuleBlock(scope)))
      return { where: "where only a statement may stand", mend: "put braces around it" };
  }
  if (list.declarations.some((one) => !TS.isIdentifier(one.name)))
    return { where: "as a pattern", mend: "name the resource, and take it apart afterwards" };
  if (!TS.isForOfStatement(parent) && list.declarations.some((one) => !one.initializer))
    return { where: "without a value", mend: "give it one; `null` if there is nothing to dispose of" };
  return undefined;
}

/** The global of this name, or `arguments`: nothing in the file declares it. */
const isGlobalName = (node: ts.Expression, name: string, names: Names): boolean => {
  const at = inner(node);
  return TS.isIdentifier(at) && at.text === name && names.scopes.resolve(at) === undefined;
};

function* decorators(node: ts.Node, target: string, reason: string): Generator<Finding> {
  for (const decorator of decoratorsOf(node)) {
    yield { place: decorator, details: { name: decoratorName(decorator), target, reason } };
  }
}
