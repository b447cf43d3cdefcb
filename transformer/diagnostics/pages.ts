/** Prints the pages of `docs/errors/`: one for each code of the product, and the index. */
import type { MessageEntry, MessagePages, MessageTable } from "perdure/internal/errors";

/** The hundreds of codes and the part of the product they belong to, in the order of the index. */
const AREAS: readonly (readonly [first: number, last: number, title: string])[] = [
  [1000, 1199, "Compiler: errors"],
  [1200, 1299, "Compiler: warnings"],
  [1300, 1999, "Build and plugins"],
  [2000, 2499, "Runs"],
  [2500, 2999, "Engine"],
  [3000, 3999, "Stores"],
  [4000, 4999, "Saving and loading"],
  [5000, 5999, "Versions"],
  [6000, 6999, "Triggers"],
];

/** `%function%` as a reader sees it: *function*. */
const holes = (text: string): string => text.replace(/%(\w+)%/g, "*$1*");

/** @param pages bodies that do not stand in the entries themselves */
export const printPage = (code: string, entry: MessageEntry, pages: MessagePages = {}): string =>
  `# ${code}: ${entry.slug.replaceAll("-", " ")}

> ${holes(entry.text)}

**Fix:** ${holes(entry.fix)}

${pageOf(code, entry, pages)}
`;

function pageOf(code: string, entry: MessageEntry, pages: MessagePages): string {
  const page = entry.page ?? pages[code as `PD${number}`];
  if (page === undefined) throw new Error(`${code} has no page`);
  return page.trim();
}

export function printIndex(tables: readonly MessageTable[]): string {
  const entries = Object.entries(mergeTables(tables)).sort(([a], [b]) => (a < b ? -1 : 1));
  const sections = AREAS.flatMap(([first, last, title]) => {
    const rows = entries.filter(([code]) => Number(code.slice(2)) >= first && Number(code.slice(2)) <= last);
    if (rows.length === 0) return [];
    const lines = rows.map(
      ([code, entry]) => `| [${code}](${code}.md) | ${holes(entry.text).replaceAll("|", "\\|")} |`,
    );
    return [`## ${title}\n\n| code | message |\n|---|---|\n${lines.join("\n")}\n`];
  });
  return `# Errors\n\nEvery error and warning of Perdure has a code, a fix and a page. These pages are printed from the tables in the code by \`npm run generate\`.\n\n${sections.join("\n")}`;
}

/** All tables as one; a code that two tables claim is a defect of the product. */
export function mergeTables(tables: readonly MessageTable[]): MessageTable {
  const merged: Record<string, MessageEntry> = Object.create(null);
  for (const table of tables)
    for (const [code, entry] of Object.entries(table)) {
      if (!/^PD[1-6]\d{3}$/.test(code)) throw new Error(`${code} is no error code`);
      if (merged[code] && merged[code] !== entry)
        throw new Error(`two messages have the code ${code}: ${merged[code].slug} and ${entry.slug}`);
      merged[code] = entry;
    }
  return merged as MessageTable;
}
