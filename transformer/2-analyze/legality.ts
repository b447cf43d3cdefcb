/**
 * What durable code may contain. A table by kind of node: what is refused for good (PD10xx), what is left to a later
 * version (PD11xx), what works until two runs meet (PD12xx, warnings). Kinds without a row are supported.
 */
import type { ts } from "@ts-morph/common";
import { TS } from "../1-parse/typescript.ts";
import type { Diagnostic } from "../diagnostics/diagnostic.ts";
import { diagnostic } from "../diagnostics/make.ts";
import type { DiagnosticCode } from "../diagnostics/messages.ts";
import type { FileTypes } from "../types/questions.ts";
import type { Scopes } from "./bindings.ts";
import { analyzeNames, type Names } from "./calls/names.ts";
import { inner } from "./calls/syntax.ts";
import { declaredName, functionName } from "./function-names.ts";
import { durableClasses, durableCode } from "./regions.ts";
import { moduleStateWarnings } from "./shared-state.ts";
import { sloppyConstruct } from "./sloppy.ts";

interface Finding {
  readonly code: DiagnosticCode;
  readonly place?: ts.Node;
  readonly details?: Readonly<Record<string, string>>;
}
interface Facts {
  readonly scopes: Scopes;
  readonly types: FileTypes | undefined;
}
type Rule = (node: never, facts: Facts) => Finding | undefined;

const isGlobal = (node: ts.Node, name: string, scopes: Scopes): boolean =>
  TS.isIdentifier(node) && node.text === name && scopes.resolve(node) === undefined;

const eachKind = (...kinds: (keyof typeof ts.SyntaxKind)[]) => kinds;

/** The rows: names of node kinds, and what is wrong with such a node if anything. */
const RULES: readonly { readonly kinds: readonly (keyof typeof ts.SyntaxKind)[]; readonly check: Rule }[] = [
  {
    // `eval?.(text)` is indirect (ECMA-262 13.3.6.1 evaluates only a plain call to a direct eval).
    kinds: eachKind("CallExpression"),
    check: (node: ts.CallExpression, { scopes }) =>
      !node.questionDotToken && isGlobal(inner(node.expression), "eval", scopes) ? { code: "PD1001" } : undefined,
  },
  { kinds: eachKind("WithStatement"), check: () => ({ code: "PD1002" }) },
  {
    kinds: eachKind("PropertyAccessExpression"),
    check: (node: ts.PropertyAccessExpression, { scopes }) =>
      (node.name.text === "callee" || node.name.text === "caller") && isGlobal(node.expression, "arguments", scopes)
        ? { code: "PD1004", details: { construct: `arguments.${node.name.text}` } }
        : undefined,
  },
  {
    kinds: eachKind("FunctionDeclaration", "FunctionExpression", "MethodDeclaration"),
    check: (node: ts.FunctionDeclaration | ts.FunctionExpression | ts.MethodDeclaration) => {
      if (!node.asteriskToken || !node.body) return undefined;
      const isAsync = (TS.getModifiers(node) ?? []).some((m) => m.kind === TS.SyntaxKind.AsyncKeyword);
      return {
        code: "PD1100",
        place: node.asteriskToken,
        details: { kind: isAsync ? "an async generator" : "a generator" },
      };
    },
  },
  {
    kinds: eachKind("ForOfStatement"),
    check: (node: ts.ForOfStatement, { types }) => {
      if (!node.awaitModifier) return undefined;
      return types?.asyncIterable(node.expression)
        ? { code: "PD1006", place: node.expression, details: { type: types.print(node.expression) } }
        : { code: "PD1120", place: node.awaitModifier };
    },
  },
  {
    kinds: eachKind("VariableDeclarationList"),
    check: (node: ts.VariableDeclarationList) => {
      const flags = node.flags & TS.NodeFlags.BlockScoped;
      if (flags !== TS.NodeFlags.Using && flags !== TS.NodeFlags.AwaitUsing) return undefined;
      const keyword = flags === TS.NodeFlags.Using ? "using" : "await using";
      return { code: "PD1121", details: { keyword, name: node.declarations[0]!.name.getText() } };
    },
  },
];

/** A class that runs can hold instances of. */
function* checkClass(node: ts.ClassLikeDeclaration, names: Names): Generator<Finding> {
  const base = node.heritageClauses?.find((clause) => clause.token === TS.SyntaxKind.ExtendsKeyword)?.types[0];
  if (base && names.global(base.expression)?.join() === "Promise")
    yield { code: "PD1005", place: base, details: { name: declaredName(node) } };
  const name = declaredName(node);
  yield* decorators(node, `class ${name}`);
  for (const member of node.members) {
    if (TS.isConstructorDeclaration(member) || TS.isMethodDeclaration(member))
      for (const parameter of member.parameters) yield* decorators(parameter, `a parameter of ${declaredName(member)}`);
    yield* decorators(member, declaredName(member));
  }
}

function* decorators(node: ts.Node, target: string): Generator<Finding> {
  for (const decorator of (TS.canHaveDecorators(node) && TS.getDecorators(node)) || []) {
    const at = TS.isCallExpression(decorator.expression) ? decorator.expression.expression : decorator.expression;
    yield { code: "PD1122", place: decorator, details: { name: at.getText(), target } };
  }
}

/**
 * @param roots what is durable: the source file, or its functions with the directive
 * @param volatile functions whose body runs inside a step, where everything is allowed
 */
export function checkLegality(
  sourceFile: ts.SourceFile,
  scopes: Scopes,
  roots: readonly ts.Node[],
  volatile: ReadonlySet<ts.Node>,
  types?: FileTypes,
): Diagnostic[] {
  const facts: Facts = { scopes, types };
  const regions = durableCode(roots);
  const names = analyzeNames(scopes, regions);
  const found: Diagnostic[] = [];
  const add = (node: ts.Node, { code, place, details }: Finding): void => {
    found.push(diagnostic(code, sourceFile, place ?? node, { function: functionName(node), ...details }));
  };

  const rules = new Map<ts.SyntaxKind, Rule[]>();
  for (const { kinds, check } of RULES)
    for (const kind of kinds) rules.set(TS.SyntaxKind[kind], [...(rules.get(TS.SyntaxKind[kind]) ?? []), check]);

  const visit = (node: ts.Node): void => {
    if (volatile.has(node) || (TS.isTypeNode(node) && !TS.isExpressionWithTypeArguments(node))) return;
    for (const check of rules.get(node.kind) ?? []) {
      const finding = check(node as never, facts);
      if (finding) add(node, finding);
    }
    const sloppy = sloppyConstruct(node);
    if (sloppy)
      add(node, { code: "PD1003", place: sloppy.place, details: { construct: sloppy.construct, mend: sloppy.mend } });
    TS.forEachChild(node, visit);
  };
  for (const region of regions) visit(region);
  for (const node of durableClasses(roots)) for (const finding of checkClass(node, names)) add(node, finding);
  found.push(...moduleStateWarnings(sourceFile, scopes, regions, volatile));
  return found.sort((a, b) => a.start - b.start || a.end - b.end);
}
