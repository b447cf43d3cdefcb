/** Which functions are durable: those of a file with the directive, and each function that carries it itself. */
import type { ts } from "@ts-morph/common";
import { TS } from "./typescript.ts";

/** The directive as it is written. */
export const DIRECTIVE = "use durable";

/** Cheap test before anything is parsed or loaded. */
export const mayBeDurable = (text: string): boolean => text.includes(DIRECTIVE);

/** What the compiler wrote, met again: in a package that was compiled before it was published, or in the output of another build. */
export const isCompiled = (text: string): boolean => text.includes("perdure/emitted") && COMPILED.test(text);

const COMPILED = /\bimport\s*\*\s*as\s+[\w$]+\s+from\s*["']perdure\/emitted["']/;

/** The directive among the statements that open a body (ECMA-262 11.2.1). */
export function directiveOf(statements: readonly ts.Statement[]): ts.ExpressionStatement | undefined {
  for (const statement of statements) {
    if (!TS.isExpressionStatement(statement) || !TS.isStringLiteral(statement.expression)) return undefined;
    if (statement.expression.text === DIRECTIVE) return statement;
  }
  return undefined;
}

/** The functions that are durable by themselves: the whole file, or the outermost functions with the directive. */
export function selectDurable(sourceFile: ts.SourceFile, include: boolean): readonly ts.Node[] {
  if (include || directiveOf(sourceFile.statements)) return [sourceFile];
  const roots: ts.Node[] = [];
  const visit = (node: ts.Node): void => {
    const body = TS.isFunctionLike(node) && "body" in node ? (node.body as ts.Node | undefined) : undefined;
    if (body && TS.isBlock(body) && directiveOf(body.statements)) roots.push(node);
    else TS.forEachChild(node, visit);
  };
  visit(sourceFile);
  return roots;
}
