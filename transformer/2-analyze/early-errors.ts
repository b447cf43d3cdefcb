/**
 * Early errors: what ECMA-262 refuses before it runs, though it parses. The TypeScript parser leaves them to its checker, and whoever reads the output
 * cannot see them any more, since variables have become slots and control flow has become blocks. Those of strict mode are in `sloppy.ts`.
 */
import type { ts } from "@ts-morph/common";
import { hasModifier } from "../1-parse/modifiers.ts";
import { startOf } from "../1-parse/tree.ts";
import { TS } from "../1-parse/typescript.ts";
import { invalidTarget, isPattern } from "./assignment-targets.ts";
import type { Scopes } from "./bindings.ts";
import { isAsync, isFunctionBoundary, isGenerator } from "./calls/syntax.ts";
import type { EarlyError } from "./early-error.ts";
import { redeclaration } from "./redeclarations.ts";
import { isDeclaredAround, strayJump, strayWait } from "./strays.ts";

type Kind = keyof typeof ts.SyntaxKind;
interface Rule {
  /** In words, Markdown. */
  readonly construct: string;
  /** Of ECMA-262 2025. */
  readonly clause: string;
  readonly kinds: readonly Kind[];
  check(node: ts.Node, scopes: Scopes): EarlyError | undefined;
}

const LOOPS = ["DoStatement", "WhileStatement", "ForStatement", "ForInStatement", "ForOfStatement"] as const;
const CLASSES = ["ClassDeclaration", "ClassExpression"] as const;
const FUNCTIONS = [
  "FunctionDeclaration",
  "FunctionExpression",
  "ArrowFunction",
  "MethodDeclaration",
  "Constructor",
  "GetAccessor",
  "SetAccessor",
] as const;

const ANOTHER_NAME = "give it another name";

export const EARLY_ERRORS: readonly Rule[] = [
  {
    construct: "names that are declared twice",
    clause: "14.2.1, 14.7.4.1, 14.7.5.1, 14.12.1, 14.15.1, 15.2.1",
    kinds: [
      ...FUNCTIONS,
      "Block",
      "CaseBlock",
      "CatchClause",
      "ClassStaticBlockDeclaration",
      "ForStatement",
      "ForInStatement",
      "ForOfStatement",
    ],
    check: redeclaration,
  },
  {
    construct: "assignments to what is no variable or property",
    clause: "13.15.1, 13.4.1, 14.7.5.1",
    kinds: ["BinaryExpression", "PrefixUnaryExpression", "PostfixUnaryExpression", "ForInStatement", "ForOfStatement"],
    check: invalidTarget,
  },
  {
    construct: "a declaration as the body of an `if`, a loop or a label",
    clause: "14.6.1, 14.7.1.1, 14.13.1",
    kinds: ["IfStatement", "LabeledStatement", ...LOOPS],
    check(node) {
      const { thenStatement, elseStatement } = node as ts.IfStatement;
      const { statement } = node as ts.LabeledStatement;
      const place = [thenStatement, elseStatement, statement].find((one) => one !== undefined && isDeclaration(one));
      return place
        ? { place, problem: "a declaration stands where only a statement may", mend: "put braces around it" }
        : undefined;
    },
  },
  {
    construct: "`break` and `continue` with nothing around them to end or go on with",
    clause: "14.8.1, 14.9.1",
    kinds: ["BreakStatement", "ContinueStatement"],
    check: (node) => strayJump(node as ts.BreakOrContinueStatement),
  },
  {
    construct: "a label within itself",
    clause: "14.13.1",
    kinds: ["LabeledStatement"],
    check(node) {
      const { label } = node as ts.LabeledStatement;
      for (let at = node.parent; !isFunctionBoundary(at) && !TS.isSourceFile(at); at = at.parent)
        if (TS.isLabeledStatement(at) && at.label.text === label.text)
          return { place: label, problem: `the label ${label.text} stands within itself`, mend: ANOTHER_NAME };
      return undefined;
    },
  },
  {
    construct: "a `const` or a pattern without a value",
    clause: "14.3.1.1, 14.3.2",
    kinds: ["VariableDeclaration"],
    check(node) {
      const { name, initializer, parent } = node as ts.VariableDeclaration;
      if (initializer || !TS.isVariableDeclarationList(parent) || isIterated(parent.parent) || isAmbient(parent))
        return undefined;
      const isConst = (parent.flags & TS.NodeFlags.BlockScoped) === TS.NodeFlags.Const;
      if (!isConst && TS.isIdentifier(name)) return undefined;
      const what = TS.isIdentifier(name) ? `the constant ${name.text}` : "a pattern";
      return { place: name, problem: `${what} is declared without a value`, mend: "give it one" };
    },
  },
  {
    construct: "a head of `for in` or `for of` that does not declare exactly one name or pattern, or gives it a value",
    clause: "14.7.5.1",
    kinds: ["ForInStatement", "ForOfStatement"],
    check(node) {
      const { initializer: list } = node as ts.ForInOrOfStatement;
      if (!TS.isVariableDeclarationList(list)) return undefined;
      if (list.declarations.length === 0)
        return { place: list, problem: "the head of a loop declares no name", mend: "name what it iterates over" };
      const place = list.declarations.find((one, i) => i > 0 || one.initializer);
      return (
        place && { place, problem: "the head of a loop declares more than what it iterates over", mend: "take it out" }
      );
    },
  },
  {
    construct: "a rest element with a default, or that something follows",
    clause: "15.1, 14.3.3",
    kinds: ["Parameter", "BindingElement"],
    check(node) {
      const one = node as ts.ParameterDeclaration | ts.BindingElement;
      if (!one.dotDotDotToken) return undefined;
      const all: ts.NodeArray<ts.Node> = TS.isParameter(one) ? one.parent.parameters : one.parent.elements;
      if (one.initializer)
        return {
          place: one,
          problem: "a rest element has a default",
          mend: "leave the default out: it is never missing",
        };
      return all.at(-1) === one && !all.hasTrailingComma
        ? undefined
        : {
            place: one,
            problem: "something follows a rest element",
            mend: "put the rest element at the end, without a comma",
          };
    },
  },
  {
    construct: '`"use strict"` in a function with defaults or patterns',
    clause: "15.2.1, 15.3.1, 15.4.1",
    kinds: FUNCTIONS,
    check(node) {
      const { parameters, body } = node as ts.FunctionLikeDeclaration;
      if (!body || !TS.isBlock(body) || parameters.every((one) => isPlain(one))) return undefined;
      const place = body.statements.find(
        (one, i) => body.statements.slice(0, i + 1).every(isDirective) && isStrict(one),
      );
      return place
        ? { place, problem: `"use strict" stands in a function with defaults or patterns`, mend: "leave it out" }
        : undefined;
    },
  },
  {
    construct: "`await` and `yield` outside of the body of an async function or a generator",
    clause: "15.3.1, 15.5.1, 15.7.1, 15.8.1",
    kinds: ["AwaitExpression", "YieldExpression", "ForOfStatement", "VariableDeclarationList"],
    check: strayWait,
  },
  {
    construct: "`await` as a name in an async function or a static block",
    clause: "13.1.1",
    kinds: [
      "BindingElement",
      "FunctionDeclaration",
      "FunctionExpression",
      "LabeledStatement",
      "Parameter",
      "SourceFile",
      "VariableDeclaration",
      ...CLASSES,
    ],
    check(node, scopes) {
      const place = TS.isSourceFile(node)
        ? scopes.globals.find((one) => one.node.text === "await" && isAwaiting(one.node))?.node
        : nameOf(node);
      return place?.text === "await" && (TS.isSourceFile(node) || isAwaiting(node))
        ? { place, problem: "await is used as a name", mend: ANOTHER_NAME }
        : undefined;
    },
  },
  {
    construct: "`new.target` with an escape in it",
    clause: "5.1.5.1",
    kinds: ["MetaProperty"],
    check(node) {
      const { name } = node as ts.MetaProperty;
      // Only an escape makes the text longer than the name.
      return name.end - startOf(name, node.getSourceFile()) > name.text.length
        ? { place: name, problem: `${name.text} is written with an escape`, mend: "write it without" }
        : undefined;
    },
  },
  {
    construct: "constructors that are async or generators",
    clause: "15.7.1",
    kinds: ["Constructor", "MethodDeclaration"],
    check(node) {
      const isConstructor =
        TS.isConstructorDeclaration(node) ||
        (TS.isClassLike(node.parent) && isNamed(node as ts.MethodDeclaration, "constructor") && !isStatic(node));
      if (isConstructor && isStatic(node) && isAsync(node))
        return {
          place: node,
          problem: "a static method is named constructor, for which the parser takes it",
          mend: ANOTHER_NAME,
        };
      return isConstructor && (isAsync(node) || isGenerator(node))
        ? {
            place: node,
            problem: "a constructor is async or a generator",
            mend: "make the instance in an async function",
          }
        : undefined;
    },
  },
  {
    construct: "a template that an optional chain tags",
    clause: "13.3.1.1",
    kinds: ["TaggedTemplateExpression"],
    check(node) {
      // Not in the public type: the parser keeps the `?.` of a?.`text` for its checker.
      const { tag, questionDotToken } = node as ts.TaggedTemplateExpression & { readonly questionDotToken?: ts.Node };
      return TS.isOptionalChain(tag) || questionDotToken
        ? { place: tag, problem: "a template is tagged by an optional chain", mend: "put parentheses around the tag" }
        : undefined;
    },
  },
  {
    construct: "two `__proto__: …` in an object literal",
    clause: "13.2.5.1",
    kinds: ["ObjectLiteralExpression"],
    check(node) {
      const given = (node as ts.ObjectLiteralExpression).properties.filter(
        (one) => TS.isPropertyAssignment(one) && isNamed(one, "__proto__"),
      );
      // A pattern may have as many as it likes.
      return given.length < 2 || isPattern(node as ts.ObjectLiteralExpression)
        ? undefined
        : { place: given[1]!, problem: "an object is given a second prototype", mend: "leave one of them out" };
    },
  },
  {
    construct: "a private name that no class around it declares",
    clause: "15.7.1",
    kinds: ["PropertyAccessExpression", "BinaryExpression"],
    check(node) {
      const name = TS.isPropertyAccessExpression(node) ? node.name : (node as ts.BinaryExpression).left;
      return TS.isPrivateIdentifier(name) && !isDeclaredAround(name)
        ? { place: name, problem: `no class around ${name.text} declares it`, mend: "declare it, or use a public name" }
        : undefined;
    },
  },
];

/** Functions are told by `sloppy.ts` where sloppy mode has a meaning for them, and `using` by a row of its own. */
function isDeclaration(node: ts.Statement): boolean {
  if (TS.isClassDeclaration(node)) return true;
  if (TS.isFunctionDeclaration(node)) return !(TS.isIfStatement(node.parent) || TS.isLabeledStatement(node.parent));
  const flags = TS.isVariableStatement(node) ? node.declarationList.flags & TS.NodeFlags.BlockScoped : 0;
  return flags === TS.NodeFlags.Let || flags === TS.NodeFlags.Const;
}

const isIterated = (node: ts.Node): boolean => TS.isForInStatement(node) || TS.isForOfStatement(node);

/** Is it declared for types alone? */
function isAmbient(node: ts.Node): boolean {
  for (let at = node; !TS.isSourceFile(at); at = at.parent)
    if (hasModifier(at, TS.SyntaxKind.DeclareKeyword)) return true;
  return false;
}

function nameOf(node: ts.Node): ts.Identifier | undefined {
  const name = TS.isLabeledStatement(node) ? node.label : (node as ts.NamedDeclaration).name;
  return name && TS.isIdentifier(name) ? name : undefined;
}

/** Is `await` a keyword where this node names something, or is one? The parameters of an arrow stand in the function around it. */
function isAwaiting(node: ts.Node): boolean {
  if (TS.isFunctionExpression(node)) return isAsync(node);
  for (let from = node, at = node.parent; !TS.isSourceFile(at); from = at, at = at.parent) {
    if (!isFunctionBoundary(at)) continue;
    if (isAsync(at) || TS.isClassStaticBlockDeclaration(at)) return true;
    if (!TS.isArrowFunction(at) || at.body === from) return false;
  }
  return false;
}

const isPlain = ({ name, initializer, dotDotDotToken }: ts.ParameterDeclaration): boolean =>
  TS.isIdentifier(name) && !initializer && !dotDotDotToken;

const isDirective = (node: ts.Statement): node is ts.ExpressionStatement =>
  TS.isExpressionStatement(node) && TS.isStringLiteral(node.expression);

const isStrict = (node: ts.Statement): boolean =>
  isDirective(node) && (node.expression as ts.StringLiteral).text === "use strict";

const isStatic = (node: ts.Node): boolean => hasModifier(node, TS.SyntaxKind.StaticKeyword);

const isNamed = ({ name }: { readonly name: ts.PropertyName }, text: string): boolean =>
  (TS.isIdentifier(name) || TS.isStringLiteral(name)) && name.text === text;
