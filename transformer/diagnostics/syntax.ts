/** What stops a file before it is looked at: syntax errors, directives that are none. */
import type { ts } from "@ts-morph/common";
import type { ParsedFile } from "../1-parse/parse.ts";
import type { StrayDirective } from "../1-parse/select.ts";
import type { Diagnostic } from "./diagnostic.ts";
import { diagnostic } from "./make.ts";

export const syntaxDiagnostics = ({ sourceFile, problems }: ParsedFile): Diagnostic[] =>
  problems.map((problem) => diagnostic("PD1007", sourceFile, problem, { problem: problem.message.replace(/\.$/, "") }));

export const strayDiagnostic = ({ statement, isMisplaced }: StrayDirective, sourceFile: ts.SourceFile): Diagnostic =>
  diagnostic("PD1013", sourceFile, statement, {
    text: statement.expression.getText(sourceFile),
    why: isMisplaced ? "a statement stands before it" : "it is written in another way",
  });
