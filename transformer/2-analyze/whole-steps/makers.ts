/**
 * What a `for await` iterates over, when its loop becomes a step (`loops.ts`): the step makes it itself, since it cannot be kept. It is made in the loop's
 * head, or declared in front of the loop for it alone:
 *
 *     const input = createReadStream(path);
 *     const lines = createInterface({ input });
 *     for await (const line of lines) count++;
 */
import type { ts } from "@ts-morph/common";
import { namesOf } from "../../1-parse/binding-names.ts";
import { contains, everyNode } from "../../1-parse/tree.ts";
import { TS } from "../../1-parse/typescript.ts";
import type { Binding } from "../bindings.ts";
import { inner } from "../calls/syntax.ts";
import { isModuleLevel } from "../scopes.ts";
import { declaresConstants, initializerOf, makerOf, type StepFacts } from "./statements.ts";

/**
 * The declarations that the step takes over, in source order; none where all is made in the loop's head, or belongs to the module. Undefined: it is not known to
 * be of ordinary code, or comes from elsewhere.
 *
 * @param statement the loop, with its labels
 */
export function makersOf(
  loop: ts.ForOfStatement,
  statement: ts.Statement,
  { tree, scopes, types }: StepFacts,
): ts.VariableStatement[] | undefined {
  const made: ts.VariableStatement[] = [];
  /** Takes over what makes this variable. False: something else does, or uses it too. */
  const take = (binding: Binding): boolean => {
    const maker = makerOf(binding);
    if (!maker || maker.parent !== statement.parent || maker.pos > statement.pos) return false;
    if (made.includes(maker)) return true;
    made.push(maker);
    return takeFrom(initializerOf(maker));
  };
  /** What is iterated over on the way, or is alive, is taken over, too. */
  const takeFrom = (node: ts.Node): boolean =>
    everyNode(tree, node, (one) => {
      if (!TS.isIdentifier(one)) return true;
      const used = scopes.reference(one)?.binding;
      if (!used || isModuleLevel(used) || (types.asyncIterable(one) === "none" && !types.live(one))) return true;
      return take(used);
    });

  const iterated = types.asyncIterable(loop.expression);
  if (iterated !== "ordinary" && iterated !== "unknown") return undefined;
  const root = rootOf(loop.expression);
  if (root.kind === TS.SyntaxKind.ThisKeyword) return undefined;
  const binding = TS.isIdentifier(root) ? scopes.resolve(root) : undefined;
  if (binding && !isModuleLevel(binding) && !take(binding)) return undefined;
  if (!takeFrom(loop.expression)) return undefined;
  made.sort((a, b) => a.pos - b.pos);

  /** A call of what is imported, or is a global: an interface as its type says nothing, but such code is ordinary. */
  const isImported = (node: ts.Expression): boolean => {
    const at = rootOf(node);
    if (TS.isCallExpression(at) || TS.isNewExpression(at)) return isImported(at.expression);
    const found = TS.isIdentifier(at) ? scopes.resolve(at) : undefined;
    const maker = found && makerOf(found);
    if (maker && made.includes(maker)) return isImported(initializerOf(maker));
    return TS.isIdentifier(at) && (found === undefined || found.kind === "import");
  };
  if (iterated === "unknown" && !isImported(loop.expression)) return undefined;

  const isIn = (node: ts.Node): boolean => contains(statement, node) || made.some((one) => contains(one, node));
  const isUsedElsewhere = made.some((one) =>
    namesOf(one.declarationList.declarations[0]!.name).some(
      (name) => !scopes.resolve(name)!.references.every(({ node }) => isIn(node)),
    ),
  );
  if (isUsedElsewhere) return undefined;
  // What stands between is evaluated before them then: nobody can tell.
  const list: readonly ts.Statement[] = TS.isBlock(statement.parent) ? statement.parent.statements : [];
  const between = made.length === 0 ? [] : list.slice(list.indexOf(made[0]!), list.indexOf(statement));
  return between.every((one) => isIn(one) || declaresConstants(one)) ? made : undefined;
}

/** `answer` of `(await answer).data.items`. */
function rootOf(node: ts.Expression): ts.Expression {
  let at = inner(node);
  while (TS.isPropertyAccessExpression(at) || TS.isAwaitExpression(at)) at = inner(at.expression);
  return at;
}
