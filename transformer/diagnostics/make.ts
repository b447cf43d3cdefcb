/** Makes diagnostics from the table. */
import type { ts } from "@ts-morph/common";
import { positionAt, writtenRange } from "../1-parse/assembled.ts";
import type { Diagnostic } from "./diagnostic.ts";
import { type DiagnosticCode, messages } from "./messages.ts";

type Place = ts.Node | { readonly start: number; readonly end: number };

export interface DiagnosticDetails {
  /** Values of the holes in the entry's text and fix. */
  readonly [hole: string]: string;
}

/** PD12xx are warnings: the code works until two runs meet. Everything else is refused. */
export const severityOf = (code: string): Diagnostic["severity"] => (code.startsWith("PD12") ? "warning" : "error");

const fill = (template: string, details: DiagnosticDetails): string =>
  template.replace(/%(\w+)%/g, (hole, name: string) => details[name] ?? hole);

const range = (place: Place, sourceFile: ts.SourceFile) =>
  "kind" in place ? { start: place.getStart(sourceFile), end: place.end } : { start: place.start, end: place.end };

const position = (sourceFile: ts.SourceFile, offset: number) => {
  const [line, column] = positionAt(sourceFile, offset);
  return { line, column };
};

/**
 * @param notes other places that matter, with what is to be said of them
 */
export function diagnostic(
  code: DiagnosticCode,
  sourceFile: ts.SourceFile,
  place: Place,
  details: DiagnosticDetails = {},
  notes: readonly { readonly message: string; readonly place: Place }[] = [],
): Diagnostic {
  const entry = messages[code];
  const { start, end } = range(place, sourceFile);
  return {
    code,
    severity: severityOf(code),
    message: fill(entry.text, details),
    fix: fill(entry.fix, details),
    fileName: sourceFile.fileName,
    ...writtenRange(sourceFile, start, end),
    ...position(sourceFile, start),
    notes: notes.map((note) => ({
      message: note.message,
      ...position(sourceFile, range(note.place, sourceFile).start),
    })),
  };
}
