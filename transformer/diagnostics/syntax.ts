/** Syntax errors as diagnostics: a file that has one is not transformed. */
import type { ParsedFile } from "../1-parse/parse.ts";
import type { Diagnostic } from "./diagnostic.ts";
import { diagnostic } from "./make.ts";

export const syntaxDiagnostics = ({ sourceFile, problems }: ParsedFile): Diagnostic[] =>
  problems.map((problem) => diagnostic("PD1007", sourceFile, problem, { problem: problem.message.replace(/\.$/, "") }));
