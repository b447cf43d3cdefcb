/** Expressions whose value cannot change while a later operand is awaited: they need no temporary. */
import type { ts } from "@ts-morph/common";
import { TS } from "../../1-parse/typescript.ts";
import { isModuleLevel } from "../../2-analyze/scopes.ts";
import type { ModuleContext } from "../context.ts";

export function isStable(module: ModuleContext, node: ts.Expression): boolean {
  if (
    TS.isParenthesizedExpression(node) ||
    TS.isAsExpression(node) ||
    TS.isNonNullExpression(node) ||
    TS.isSatisfiesExpression(node)
  )
    return isStable(module, node.expression);
  if (TS.isNumericLiteral(node) || TS.isStringLiteralLike(node) || TS.isBigIntLiteral(node)) return true;
  const K = TS.SyntaxKind;
  if ([K.ThisKeyword, K.TrueKeyword, K.FalseKeyword, K.NullKeyword].includes(node.kind)) return true;
  if (!TS.isIdentifier(node)) return false;
  const binding = module.scopes.resolve(node);
  if (!binding) return node.text === "undefined";
  // An import is a live binding; the others are stable when nothing assigns them after their declaration.
  if (binding.kind === "import" || module.inCell(binding)) return false;
  if (isModuleLevel(binding) && (binding.kind === "class" || module.mayBeEarly(binding))) return false;
  if (binding.kind === "var" || binding.kind === "let") return false;
  return binding.references.every((one) => one.access === "read");
}
