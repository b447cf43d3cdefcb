/** Source text to syntax tree. Nothing is resolved: one file, no program, no checker. */
import type { ts } from "@ts-morph/common";
import { listTree, type Tree } from "./tree.ts";
import { TS } from "./typescript.ts";

/** A syntax error, as the parser words it. */
export interface SyntaxProblem {
  readonly message: string;
  readonly start: number;
  readonly end: number;
}

export interface ParsedFile {
  readonly sourceFile: ts.SourceFile;
  readonly tree: Tree;
  readonly text: string;
  readonly problems: readonly SyntaxProblem[];
}

const scriptKind = (fileName: string): ts.ScriptKind => {
  if (/\.[cm]?tsx$/.test(fileName)) return TS.ScriptKind.TSX;
  if (/\.[cm]?ts$/.test(fileName)) return TS.ScriptKind.TS;
  // JSX is legal in every JavaScript file that bundlers take.
  return TS.ScriptKind.JSX;
};

/** Parses with parent pointers. The tree of a file with syntax errors is usable for messages only. */
export function parse(fileName: string, text: string): ParsedFile {
  const settings = { languageVersion: TS.ScriptTarget.Latest, jsDocParsingMode: TS.JSDocParsingMode.ParseNone };
  const sourceFile = TS.createSourceFile(fileName, text, settings, false, scriptKind(fileName));
  // Not in the public type, but stable since TypeScript 1.0: the only way to syntax errors without a program.
  const raw =
    (sourceFile as unknown as { parseDiagnostics?: readonly ts.DiagnosticWithLocation[] }).parseDiagnostics ?? [];
  const problems = raw.map((problem) => ({
    message: TS.flattenDiagnosticMessageText(problem.messageText, "\n"),
    start: problem.start,
    end: problem.start + problem.length,
  }));
  return { sourceFile, tree: listTree(sourceFile), text, problems };
}
