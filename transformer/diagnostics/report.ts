/**
 * Prints a diagnostic for a terminal or a build log:
 *
 *     src/orders.ts:7:3 error PD1002: settle has a with statement
 *       6 |
 *     > 7 |   with (settings) retries += 1;
 *         |   ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
 *       fix: name the object: …
 *       see: node_modules/perdure/docs/errors/PD1002.md
 */
import { type Diagnostic, PAGES } from "./diagnostic.ts";

export interface ReportOptions {
  /** Paths are printed relative to this. Default: as they are. */
  readonly root?: string;
  /** Where the pages are. Default: where the package `perdure` has them. */
  readonly pages?: string;
  /** Lines of source before the place. Default 1. */
  readonly context?: number;
}

const relative = (fileName: string, root: string | undefined): string =>
  root !== undefined && fileName.startsWith(root) ? fileName.slice(root.length).replace(/^[\\/]+/, "") : fileName;

/** The lines around the place, the place underlined. Tabs count as one column and stay tabs, so that the mark fits. */
function codeFrame(text: string, { line, column, start, end }: Diagnostic, context: number): string[] {
  const lines = text.split(/\r\n|\r|\n/);
  const width = String(line).length;
  const margin = (mark: string, number: string) => `  ${mark} ${number.padStart(width)} | `;
  const frame: string[] = [];
  for (let at = Math.max(1, line - context); at < line; at++)
    frame.push((margin(" ", String(at)) + lines[at - 1]).trimEnd());
  const source = lines[line - 1] ?? "";
  const indent = source.slice(0, column - 1).replace(/[^\t]/g, " ");
  // Of a place on several lines, its first line.
  const marks = "^".repeat(Math.max(1, Math.min(end - start, source.length - column + 1)));
  frame.push((margin(">", String(line)) + source).trimEnd(), margin(" ", "") + indent + marks);
  return frame;
}

/** @param text the file's source text */
export function report(diagnostic: Diagnostic, text: string, options: ReportOptions = {}): string {
  const { code, severity, message, fix, line, column, notes } = diagnostic;
  const file = relative(diagnostic.fileName, options.root);
  return [
    `${file}:${line}:${column} ${severity} ${code}: ${message}`,
    ...codeFrame(text, diagnostic, options.context ?? 1),
    ...notes.map((note) => `  note: ${note.message} (${file}:${note.line}:${note.column})`),
    `  fix: ${fix}`,
    `  see: ${options.pages ?? PAGES}/${code}.md`,
  ].join("\n");
}
