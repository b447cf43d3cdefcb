/**
 * Patterns of loop heads and handlers whose own closures capture what they bind: `for (const [x, f = () => x] of list)`. The cells must exist before the
 * pattern is bound, so it is bound inside the body, from a variable that stands in its place.
 */
import type { ts } from "@ts-morph/common";
import { namesOf } from "../1-parse/binding-names.ts";
import { TS } from "../1-parse/typescript.ts";
import { code, type Rope } from "../ir/rope.ts";
import type { TextWriter } from "./context.ts";
import { assignmentPattern, declaredTarget } from "./patterns.ts";

export function capturesItself(text: TextWriter, pattern: ts.BindingName): boolean {
  if (TS.isIdentifier(pattern) || text.around.volatile) return false;
  return namesOf(pattern).some((name) => {
    const binding = text.module.scopes.resolve(name);
    return (
      binding !== undefined &&
      text.inCell(binding) &&
      binding.references.some(({ node: use }) => use !== name && use.pos >= pattern.pos && use.end <= pattern.end)
    );
  });
}

/** Statements that declare the pattern's names and bind them from `value`. */
export function bindFrom(text: TextWriter, pattern: ts.BindingName, value: Rope): Rope {
  const { runtime, cell } = text.module.names;
  const declared = namesOf(pattern).map((name) => {
    const binding = text.module.scopes.resolve(name)!;
    if (text.inCell(binding)) return `${name.text}${cell} = ${runtime}.tdz(${JSON.stringify(name.text)})`;
    // It is bound by an assignment, so the platform would let it be assigned again.
    const written = binding.kind === "const" && binding.references.find(({ access }) => access !== "read");
    if (written)
      text.module.report("PD1105", written.node, { construct: `an assignment to the constant ${name.text}` });
    return name.text;
  });
  const target = (name: ts.Identifier): Rope => declaredTarget(text, name, text.module.scopes.resolve(name));
  return code`let ${declared.join(", ")}; (${assignmentPattern(text, pattern, target)} = ${value});`;
}

/** The pattern of a loop's head, when it is one of these. */
export function selfCapturingHead(
  text: TextWriter,
  { initializer }: ts.ForInOrOfStatement,
): ts.BindingName | undefined {
  if (!TS.isVariableDeclarationList(initializer) || (initializer.flags & TS.NodeFlags.BlockScoped) === 0)
    return undefined;
  const { name } = initializer.declarations[0]!;
  return capturesItself(text, name) ? name : undefined;
}

/** The pattern of a handler's parameter, when it is one of these. */
export function selfCapturingParameter(
  text: TextWriter,
  { variableDeclaration }: ts.CatchClause,
): ts.BindingName | undefined {
  const name = variableDeclaration?.name;
  return name !== undefined && capturesItself(text, name) ? name : undefined;
}

/** A handler that keeps its text. */
export function catchClause(text: TextWriter, node: ts.CatchClause): Rope | undefined {
  const pattern = selfCapturingParameter(text, node);
  if (pattern === undefined) return undefined;
  const thrown = text.module.unique("thrown");
  return code`catch (${thrown}) { ${bindFrom(text, pattern, thrown)} ${text.text(node.block)} }`;
}
