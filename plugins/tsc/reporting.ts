/** Prints diagnostics as `tsc` prints them: TypeScript's own, and the transformer's among them. */
import { type Diagnostic, PAGES } from "@perdure/transformer";
import type { ts } from "@ts-morph/common";
import type { ApiCompiler } from "./typescript.ts";

export interface Reporter {
  /** As `tsc` prints it: with colors and the source line on a terminal, or as `pretty` says. */
  readonly report: ts.DiagnosticReporter;
  /** `Found 2 errors …`, on a terminal. */
  readonly summarize: (diagnostics: readonly ts.Diagnostic[]) => void;
}

export function reporter(
  { ts, system }: ApiCompiler,
  options: { readonly pretty?: unknown; readonly [option: string]: unknown },
): Reporter {
  const pretty = typeof options.pretty === "boolean" ? options.pretty : (system.writeOutputIsTTY?.() ?? false);
  const host: ts.FormatDiagnosticsHost = {
    getCurrentDirectory: system.getCurrentDirectory,
    getNewLine: () => system.newLine,
    getCanonicalFileName: (name) => (system.useCaseSensitiveFileNames ? name : name.toLowerCase()),
  };
  return {
    report: (diagnostic) => {
      const text = pretty
        ? ts.formatDiagnosticsWithColorAndContext([diagnostic], host) + system.newLine
        : ts.formatDiagnostic(diagnostic, host);
      system.write(isOurs(diagnostic) ? text.replace(`TS${diagnostic.code}: `, `PD${diagnostic.code}: `) : text);
    },
    summarize: (diagnostics) => {
      const errors = diagnostics.filter((one) => one.category === ts.DiagnosticCategory.Error);
      if (!pretty || errors.length === 0) return;
      system.write(ts.getErrorSummaryText(errors.length, ts.getFilesInErrorForSummary(errors), system.newLine, host));
    },
  };
}

const SOURCE = "perdure";
const isOurs = (diagnostic: ts.Diagnostic): boolean => diagnostic.source === SOURCE;

/** The transformer's diagnostic as one of TypeScript's. @param file has the text that was transformed */
export function asTypeScript({ ts }: ApiCompiler, diagnostic: Diagnostic, file: ts.SourceFile): ts.Diagnostic {
  const { Error: error, Warning: warning, Message: note } = ts.DiagnosticCategory;
  const code = Number(diagnostic.code.slice(2));
  return {
    source: SOURCE,
    category: diagnostic.severity === "error" ? error : warning,
    code,
    file,
    start: diagnostic.start,
    length: diagnostic.end - diagnostic.start,
    messageText: `${diagnostic.message}\n  fix: ${diagnostic.fix}\n  see: ${PAGES}/${diagnostic.code}.md`,
    relatedInformation: diagnostic.notes.map((one) => ({
      category: note,
      code,
      file,
      start: file.getPositionOfLineAndCharacter(one.line - 1, one.column - 1),
      length: 1,
      messageText: one.message,
    })),
  };
}
