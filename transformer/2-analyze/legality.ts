/**
 * Checks what durable code contains against the table of {@link LANGUAGE}: what is refused for good (PD10xx), what is
 * left to a later version (PD11xx), what works until two runs meet (PD12xx, warnings). Everything else is supported.
 */
import type { ts } from "@ts-morph/common";
import { isTypeKind, numberOf, type Tree } from "../1-parse/tree.ts";
import { TS } from "../1-parse/typescript.ts";
import type { Diagnostic } from "../diagnostics/diagnostic.ts";
import { diagnostic } from "../diagnostics/make.ts";
import type { DiagnosticCode } from "../diagnostics/messages.ts";
import type { FileTypes } from "../types/questions.ts";
import type { CallTable } from "./calls/classes.ts";
import { functionName } from "./function-names.ts";
import { type CodeRow, type Finding, LANGUAGE, type LanguageFacts } from "./language.ts";
import { durableClasses } from "./regions.ts";
import { moduleStateWarnings } from "./shared-state.ts";

const CODE_ROWS = LANGUAGE.filter((row) => row.inspect === "code");
const FILE_ROWS = CODE_ROWS.filter((row) => row.wholeFile);
const CLASS_ROWS = LANGUAGE.filter((row) => row.inspect === "class");

/**
 * @param roots what is durable: the source file, or its functions with the directive
 * @param volatile functions whose body runs inside a step, where everything is allowed
 */
export function checkLegality(
  tree: Tree,
  roots: readonly ts.Node[],
  { names, volatile }: Pick<CallTable, "names" | "volatile">,
  types?: FileTypes,
): Diagnostic[] {
  const { sourceFile } = tree;
  const { regions, scopes } = names;
  const facts: LanguageFacts = { names, types };
  const found: Diagnostic[] = [];
  const add = (code: DiagnosticCode, node: ts.Node, { place, details }: Finding): void => {
    found.push(diagnostic(code, sourceFile, place ?? node, { function: functionName(node), ...details }));
  };

  const { LastToken } = TS.SyntaxKind;
  const starts = [...regions].map(numberOf).sort((a, b) => a - b);
  const ofDurable = rowsByKind(CODE_ROWS);
  const ofOrdinary = rowsByKind(FILE_ROWS);
  let durableUntil = 0;
  for (let at = 0, next = 0; at < tree.nodes.length; at++) {
    if (at >= starts[next]!) durableUntil = tree.ends[starts[next++]!]!;
    // Half of the nodes: names, literals and keywords, of which no row says anything.
    if (tree.kinds[at]! <= LastToken) continue;
    const node = tree.nodes[at]!;
    if ((volatile.size > 0 && volatile.has(node)) || isTypeKind(tree.kinds[at]!)) {
      at = tree.ends[at]! - 1;
      continue;
    }
    const rows = (at < durableUntil ? ofDurable : ofOrdinary)[tree.kinds[at]!];
    if (rows === undefined) continue;
    for (const row of rows) {
      const finding = row.check(node, facts);
      if (!finding) continue;
      add(row.code, node, finding);
      break;
    }
  }
  // Classes of the module's level are durable, though the code that makes them is ordinary.
  for (const node of durableClasses(tree, roots))
    for (const row of CLASS_ROWS) for (const finding of row.check(node, facts)) add(row.code, node, finding);
  found.push(...moduleStateWarnings(sourceFile, scopes, regions, volatile));
  return found.sort((a, b) => a.start - b.start || a.end - b.end);
}

function rowsByKind(all: readonly CodeRow[]): readonly (readonly CodeRow[] | undefined)[] {
  const found: (CodeRow[] | undefined)[] = new Array(TS.SyntaxKind.Count);
  for (const row of all)
    for (const name of row.kinds) {
      const kind = TS.SyntaxKind[name];
      const rows = found[kind];
      if (rows) rows.push(row);
      else found[kind] = [row];
    }
  return found;
}
