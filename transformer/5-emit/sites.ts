/** Call sites: where each stands, and its text on one line for messages. */
import type { ts } from "@ts-morph/common";
import { positionAt, writtenFile, writtenRange } from "../1-parse/assembled.ts";
import { startOf } from "../1-parse/tree.ts";
import type { ModuleContext } from "../3-lower/context.ts";

const LIMIT = 60;

/** White space counts as one blank. No more of the text is read than is shown: it may be a whole function. */
export function shortened(node: ts.Node, sourceFile: ts.SourceFile): string {
  const { text } = writtenFile(sourceFile);
  const { start, end } = writtenRange(sourceFile, startOf(node, sourceFile), node.end);
  for (let read = Math.min(end, start + 2 * LIMIT); ; read = Math.min(end, read + LIMIT)) {
    const shown = text.slice(start, read).replace(WHITE_SPACE, " ");
    // What has been read may end within white space, of which the rest would be shown as another blank.
    if (read === end) return shown.length <= LIMIT ? shown : `${shown.slice(0, LIMIT - 1)}…`;
    if (shown.length > LIMIT + 1) return `${shown.slice(0, LIMIT - 1)}…`;
  }
}

/** A single blank stays what it is. */
const WHITE_SPACE = /\s{2,}|[^\S ]/g;

/** The table as source text. */
export const siteTable = ({ sites, sourceFile }: ModuleContext): string =>
  `[${sites
    .map(({ node }) => {
      const [line, column] = positionAt(sourceFile, startOf(node, sourceFile));
      return `[${line}, ${column}, ${JSON.stringify(shortened(node, sourceFile))}]`;
    })
    .join(", ")}]`;
