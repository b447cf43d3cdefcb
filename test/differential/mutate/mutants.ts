/** One lowering taken out: a `case` that never matches, or a condition that never holds, in the built transformer. */
import { readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { ts } from "@ts-morph/common";

export interface Mutant {
  /** Its number among those of its phase. */
  readonly index: number;
  /** Built file, relative to the transformer's `dist`. */
  readonly file: string;
  readonly line: number;
  readonly kind: "case" | "condition";
  /** What was taken out. */
  readonly original: string;
  /** The file's text without it. */
  readonly text: string;
}

/** A phase of the built transformer, whose lowerings are taken out. */
export interface Phase {
  readonly mutants: readonly Mutant[];
  /** The phase's files with a call at each mutant: `reached(index)` where it would make a difference. */
  readonly marked: ReadonlyMap<string, string>;
}

interface Insertion {
  readonly at: number;
  readonly text: string;
}

/** Every mutant of the files of a phase. A condition that never holds, and a case that never matches, is not marked. */
export function phaseOf(dist: string, phase: string): Phase {
  const mutants: Mutant[] = [];
  const marked = new Map<string, string>();
  for (const path of scripts(join(dist, phase))) {
    const text = readFileSync(path, "utf8");
    const source = ts.createSourceFile(path, text, ts.ScriptTarget.ESNext, true);
    const file = relative(dist, path);
    const insertions: Insertion[] = [];
    const take = (kind: Mutant["kind"], node: ts.Node, replacement: string): number => {
      const [start, end] = [node.getStart(source), node.end];
      const index = mutants.length;
      mutants.push({
        index,
        file,
        line: source.getLineAndCharacterOfPosition(start).line + 1,
        kind,
        original: text.slice(start, end).replace(/\s+/g, " ").slice(0, 90),
        text: text.slice(0, start) + replacement + text.slice(end),
      });
      return index;
    };
    const condition = (node: ts.Expression): void => {
      const index = take("condition", node, "false");
      insertions.push({ at: node.getStart(source), text: `globalThis.reached(${index}, ` });
      insertions.push({ at: node.end, text: ")" });
    };
    const visit = (node: ts.Node): void => {
      if (ts.isCaseClause(node)) {
        const index = take("case", node.expression, "NaN");
        const at = node.statements[0]?.getStart(source) ?? node.end;
        insertions.push({ at, text: ` globalThis.reached(${index}, true); ` });
      }
      if (ts.isIfStatement(node)) condition(node.expression);
      if (ts.isConditionalExpression(node)) condition(node.condition);
      ts.forEachChild(node, visit);
    };
    visit(source);
    marked.set(file, inserted(text, insertions));
  }
  return { mutants, marked };
}

/** Insertions at one place stand in the order of the list: the outer node's first. */
function inserted(text: string, insertions: readonly Insertion[]): string {
  let out = "";
  let from = 0;
  for (const { at, text: more } of [...insertions].sort((a, b) => a.at - b.at)) {
    out += text.slice(from, at) + more;
    from = at;
  }
  return out + text.slice(from);
}

const scripts = (directory: string): string[] =>
  readdirSync(directory, { withFileTypes: true }).flatMap((entry) => {
    const path = join(directory, entry.name);
    return entry.isDirectory() ? scripts(path) : entry.name.endsWith(".js") ? [path] : [];
  });
