/** `super` in text that no longer stands in its method: looked up from the home object (ECMA-262 13.3.7). */
import type { ts } from "@ts-morph/common";
import { TS } from "../1-parse/typescript.ts";
import { code, join, type Rope } from "../ir/rope.ts";
import { keyOf } from "./calls.ts";
import type { TextWriter } from "./context.ts";

type SuperMember = ts.PropertyAccessExpression | ts.ElementAccessExpression;

const superMember = (node: ts.Node): SuperMember | undefined =>
  (TS.isPropertyAccessExpression(node) || TS.isElementAccessExpression(node)) &&
  node.expression.kind === TS.SyntaxKind.SuperKeyword
    ? node
    : undefined;

/** Reads, calls and plain assignments of `super.x`; other forms are refused. */
export function superText(text: TextWriter, node: ts.Node): Rope | undefined {
  const { home, self } = text.around;
  if (home === null) return undefined;
  const { runtime } = text.module.names;
  const get = (member: SuperMember): Rope => code`${runtime}.superGet(${home}, ${keyOf(text, member)}, ${self})`;
  if (TS.isCallExpression(node)) {
    // `super(…)` in an arrow function of a constructor cannot leave the constructor.
    if (node.expression.kind === TS.SyntaxKind.SuperKeyword) text.module.report("PD1101", node, {});
    const member = superMember(node.expression);
    if (!member) return undefined;
    return code`${get(member)}.call(${join([self, ...node.arguments.map((one) => text.argument(one))], ", ")})`;
  }
  if (TS.isBinaryExpression(node)) {
    const member = superMember(node.left);
    if (!member) return undefined;
    const operator = node.operatorToken.getText();
    if (operator === "=")
      return code`${runtime}.superSet(${home}, ${keyOf(text, member)}, ${text.argument(node.right)}, ${self})`;
    if (operator.endsWith("=") && !["==", "===", "!=", "!==", "<=", ">="].includes(operator))
      text.module.report("PD1102", node, {});
    return undefined;
  }
  const member = superMember(node);
  return member ? get(member) : undefined;
}
