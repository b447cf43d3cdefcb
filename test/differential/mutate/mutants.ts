/** One lowering taken out: a `case` that never matches, or a condition that never holds, in the built transformer. */
import { readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { ts } from "@ts-morph/common";

export interface Mutant {
  /** Built file, relative to the transformer's `dist`. */
  readonly file: string;
  readonly line: number;
  readonly kind: "case" | "condition";
  /** What was taken out. */
  readonly original: string;
  /** The file's text without it. */
  readonly text: string;
}

/** Every mutant of the files of a phase. */
export function mutantsOf(dist: string, phase: string): Mutant[] {
  return scripts(join(dist, phase)).flatMap((path) => {
    const text = readFileSync(path, "utf8");
    const source = ts.createSourceFile(path, text, ts.ScriptTarget.ESNext, true);
    const out: Mutant[] = [];
    const take = (kind: Mutant["kind"], node: ts.Node, replacement: string): void => {
      const [start, end] = [node.getStart(source), node.end];
      out.push({
        file: relative(dist, path),
        line: source.getLineAndCharacterOfPosition(start).line + 1,
        kind,
        original: text.slice(start, end).replace(/\s+/g, " ").slice(0, 90),
        text: text.slice(0, start) + replacement + text.slice(end),
      });
    };
    const visit = (node: ts.Node): void => {
      if (ts.isCaseClause(node)) take("case", node.expression, "NaN");
      if (ts.isIfStatement(node)) take("condition", node.expression, "false");
      if (ts.isConditionalExpression(node)) take("condition", node.condition, "false");
      ts.forEachChild(node, visit);
    };
    visit(source);
    return out;
  });
}

const scripts = (directory: string): string[] =>
  readdirSync(directory, { withFileTypes: true }).flatMap((entry) => {
    const path = join(directory, entry.name);
    return entry.isDirectory() ? scripts(path) : entry.name.endsWith(".js") ? [path] : [];
  });
