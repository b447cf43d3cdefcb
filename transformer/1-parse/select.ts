/** Which functions are durable: those of a file with the directive, and each function that carries it itself. */
import type { ts } from "@ts-morph/common";
import { TS } from "./typescript.ts";

/** The directive as it is written. */
export const DIRECTIVE = "use durable";

/** The directive, or what was meant to be one. */
const MEANT = /use[\s_-]*durable/i;

/** Cheap test before anything is parsed or loaded. */
export const mayBeDurable = (text: string): boolean => MEANT.test(text);

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

/** A directive that is none. */
export interface StrayDirective {
  readonly statement: ts.ExpressionStatement;
  /** Written as it should be, but in the wrong place. */
  readonly isMisplaced: boolean;
}

/** Statements of a file that say it is durable, or that one of its functions is, and have no effect. */
export function strayDirectives(sourceFile: ts.SourceFile): readonly StrayDirective[] {
  const found: StrayDirective[] = [];
  const visit = (node: ts.Node): void => {
    if (TS.isExpressionStatement(node) && TS.isStringLiteralLike(node.expression)) {
      const { text } = node.expression;
      const { parent } = node;
      const opens = TS.isSourceFile(parent) || (TS.isBlock(parent) && TS.isFunctionLike(parent.parent));
      if (MEANT.exec(text)?.[0] === text.trim() && !(opens && directiveOf(parent.statements) === node))
        found.push({ statement: node, isMisplaced: TS.isStringLiteral(node.expression) && text === DIRECTIVE });
    }
    TS.forEachChild(node, visit);
  };
  visit(sourceFile);
  return found;
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
